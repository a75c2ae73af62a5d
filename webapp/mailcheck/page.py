"""A check as a page: the report at once, what others say of it when it is asked for."""

from collections.abc import Sequence

from flask import render_template, request

from webapp.mail.tokens import Problem
from webapp.mailcheck import outside
from webapp.mailcheck.report import Report
from webapp.settings import store
from webapp.web.session import db, desk, release

Crumbs = Sequence[tuple[str, str]]


def answer(
    name: str, crumbs: Crumbs, found: Report | None, problems: Sequence[Problem], here_url: str
) -> str:
    """The page, and when it is pressed what others say: no link makes us ask anybody. Of that htmx gets only the part."""
    others, rspamd = None, store.get(db(), "rspamd_url")
    if found is not None and request.method == "POST":
        mails = [one.raw for one in found.mails]
        release()
        others = outside.ask(desk().net, mails, resolver=desk().config.resolver, rspamd_url=rspamd)
    template = "_outside" if others is not None and request.headers.get("HX-Request") else "page"
    return render_template(
        f"mailcheck/{template}.html",
        name=name,
        crumbs=crumbs,
        found=found,
        problems=problems,
        others=others,
        rspamd=rspamd,
        here_url=here_url,
    )
