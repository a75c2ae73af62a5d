"""A person at a browser, without the browser: keeps cookies, sends the CSRF token, and checks every page that is seen."""

import secrets
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from lxml import html
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from webapp.accounts.models import User
from webapp.accounts.sessions import times

Fields = Mapping[str, Any] | Iterable[tuple[str, Any]]

SPRITE = Path(__file__).parents[1] / "webapp" / "static" / "vendor" / "icons.svg"
# Written down once more by hand: what a page may load, and from where.
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NAMED_BY_THEMSELVES = {"hidden", "submit", "button", "reset", "image"}


class Person:
    """`get` and `post` answer Werkzeug's response; a page that breaks a rule of the house fails the test."""

    def __init__(self, app: Flask, user: User | None = None) -> None:
        self.app, self.user = app, user
        self.client = app.test_client()
        if user is not None:
            with self.client.session_transaction() as session:
                session.update(times())
                session.update({"_user_id": user.get_id(), "_fresh": True})

    def get(self, path: str, *, follow: bool = False, **more: Any) -> TestResponse:
        return self._seen(self.client.get(path, follow_redirects=follow, buffered=True, **more))

    def post(
        self, path: str, data: Fields | None = None, *, follow: bool = False, **more: Any
    ) -> TestResponse:
        """Press a button: posts the fields and the token. A list of pairs, or lists as values, give a name several times."""
        fields = MultiDict(_pairs(data or {}))
        fields.setdefault("csrf_token", self.csrf_token())
        return self._seen(self.client.post(path, data=fields, follow_redirects=follow, buffered=True, **more))

    def csrf_token(self) -> str:
        """The token as Flask-WTF makes it, without the detour over a page."""
        with self.client.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        secret = self.app.config.get("WTF_CSRF_SECRET_KEY") or self.app.secret_key
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and "sandbox" not in response.headers["Content-Security-Policy"]:
            problems = page_problems(response)
            assert not problems, f"{response.request.path} ({response.status}): {'; '.join(problems)}"
        return response


def _pairs(data: Fields) -> list[tuple[str, Any]]:
    """Lists give a name several times; a tuple is a file (content, name)."""
    if not isinstance(data, Mapping):
        return list(data)
    return [
        (name, each)
        for name, value in data.items()
        for each in (value if isinstance(value, list | set | frozenset) else [value])
    ]


def words(response: TestResponse) -> str:
    """What a person reads on the page, with single blanks."""
    tree = html.fromstring(response.get_data(as_text=True) or "<p></p>")
    for hidden in tree.xpath("//script|//style|//template|//title"):
        hidden.drop_tree()
    return " ".join(" ".join(tree.itertext()).split())


def heading(response: TestResponse) -> str:
    return " ".join(html.fromstring(response.get_data(as_text=True)).xpath("string(//h1)").split())


def page_problems(response: TestResponse) -> list[str]:
    """Every rule of the house that a page breaks, in words."""
    text = response.get_data(as_text=True)
    if not text.strip() or response.status_code in (301, 302, 303, 307, 308):
        return []
    whole = "<!doctype" in text[:100].lower()
    tree = html.document_fromstring(text) if whole else html.fragment_fromstring(text, create_parent="div")
    found = [*_header_problems(response), *_inline(tree), *_controls(tree), *_references(tree, whole)]
    if "Traceback (most recent call last)" in text:
        found.append("shows a traceback")
    return [*found, *_frame(tree)] if whole else found


def _header_problems(response: TestResponse) -> list[str]:
    policy, kept = (
        response.headers.get("Content-Security-Policy", ""),
        response.headers.get("Cache-Control", ""),
    )
    found = [] if policy == STRICT else [f"has another policy than every page: {policy}"]
    if "no-store" not in kept:
        found.append("may be cached")
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("lacks nosniff")
    if response.headers.get("Referrer-Policy") != "no-referrer":
        found.append("tells its address to others")
    return found


def _frame(tree: html.HtmlElement) -> list[str]:
    found = []
    if len(tree.xpath("//h1")) != 1:
        found.append(f"has {len(tree.xpath('//h1'))} h1")
    title = tree.xpath("string(//title)").strip()
    if len(title.removesuffix("· Offerpost").strip(" ·")) < 2:
        found.append("has no title of its own")
    if not tree.get("lang"):
        found.append("has no language")
    if len(tree.xpath("//main[@id='main']")) != 1:
        found.append("has no main")
    levels = [
        int(each.tag[1]) for each in tree.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")
    ]
    if any(after > before + 1 for before, after in pairwise(levels)):
        found.append(f"skips a level of headings: {levels}")
    return found


def _inline(tree: html.HtmlElement) -> list[str]:
    found = []
    if tree.xpath("//*[@style]|//style"):
        found.append("has inline style")
    if tree.xpath("//script[not(@src)]"):
        found.append("has inline script")
    if handlers := tree.xpath("//@*[starts-with(name(), 'on')]"):
        found.append(f"has inline handlers: {handlers[:2]}")
    for address in tree.xpath(
        "//script/@src|//link/@href|//img/@src|//iframe/@src|//form/@action|//use/@href"
    ):
        if urlsplit(address).netloc or address.startswith(("data:", "javascript:")):
            found.append(f"reaches out to {address[:60]}")
    return found


def _controls(tree: html.HtmlElement) -> list[str]:
    found = []
    for control in tree.xpath("//input|//select|//textarea"):
        if control.get("type", "text").lower() not in NAMED_BY_THEMSELVES and not _label(tree, control):
            found.append(f"has an unlabelled {control.tag} “{control.get('name') or control.get('id')}”")
    for pressed in tree.xpath("//button|//a[@href]"):
        if not _spoken(pressed):
            found.append(f"has a {pressed.tag} without a name: {pressed.get('href') or pressed.get('name')}")
    for form in tree.xpath("//form"):
        posts = form.get("method", "get").lower() == "post"
        tokens = form.xpath(".//input[@name='csrf_token']")
        if posts and not tokens and not (form.get("action") or "").startswith("/u/"):
            found.append(f"has a form without CSRF token: {form.get('action')}")
        if not posts and tokens:
            found.append("puts a CSRF token into an address")
    return found


def _label(tree: html.HtmlElement, control: html.HtmlElement) -> bool:
    if control.get("aria-label") or control.get("aria-labelledby") or control.xpath("ancestor::label"):
        return True
    return bool(control.get("id") and tree.xpath("//label[@for=$id]", id=control.get("id")))


def _spoken(element: html.HtmlElement) -> bool:
    hidden = element.xpath(".//*[@aria-hidden='true']//text()")
    own = "".join(text for text in element.itertext() if text not in hidden).strip()
    return bool(
        own or element.get("aria-label") or element.get("aria-labelledby") or element.xpath(".//img/@alt")
    )


def _references(tree: html.HtmlElement, whole: bool) -> list[str]:
    ids = tree.xpath("//@id")
    found = [f"has the id “{each}” twice" for each in sorted({each for each in ids if ids.count(each) > 1})]
    if not whole:
        return found  # a part may point to what is on the page around it
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "popovertarget", "form"):
        for value in tree.xpath(f"//@{name}"):
            found += [f"points to no id “{each}” ({name})" for each in value.split() if each not in ids]
    for target in tree.xpath("//a/@href[starts-with(., '#')]"):
        if target[1:] not in ids:
            found.append(f"links to no id “{target}”")
    if SPRITE.exists():
        drawn = {each.rpartition("#")[2] for each in tree.xpath("//use/@href")}
        sprite = SPRITE.read_text()
        found += [
            f"draws an icon that isn’t there: {each}"
            for each in sorted(drawn)
            if f'id="{each}"' not in sprite
        ]
    return found
