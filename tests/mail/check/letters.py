"""Mails written as bytes: a sound one, and what is changed in it."""

from datetime import UTC, datetime

from webapp.mail.check import Circumstances

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ADDRESS = "Hamngatan 4, 411 06 Göteborg"
LEAVE = "https://desk.example.com/u/1.abc"
FIELDS = {
    "Date": "Wed, 25 Nov 2026 12:00:05 +0000",
    "Message-ID": "<7.f00d@mail.example.com>",
    "From": "Northlight Partners <partners@mail.example.com>",
    "To": "Emma Stone <emma@adtrail.example.net>",
    "Subject": "Solara pays more from Monday",
    "List-Id": "Northlight <announcements.mail.example.com>",
    "List-Unsubscribe": f"<{LEAVE}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "MIME-Version": "1.0",
}
WORDS = "Hi Emma, Solara now pays 62 dollars for each sale. Your links stay the same, so there is nothing to change."
HTML = f'<p>{WORDS}</p><p>{ADDRESS}. <a href="{LEAVE}">Unsubscribe</a></p>'
TEXT = f"{WORDS}\n\n{ADDRESS}\nUnsubscribe: {LEAVE}\n"
ANNOUNCEMENT = Circumstances(True, NOW, ADDRESS, domains=("example.com",), names=("Emma", "Stone"))
OPERATIONAL = Circumstances(False, NOW, ADDRESS, domains=("example.com",))


def letter(
    html: str | None = HTML,
    text: str | None = TEXT,
    *,
    above: str = "",
    files: str = "",
    order: str = "text html",
    **fields: str | None,
) -> bytes:
    """A mail. `fields` replaces header fields by name, with _ for -; None takes one out. `above` stands over the header."""
    own = {name.replace("_", "-"): value for name, value in fields.items()}
    head = {**FIELDS, **{_cased(name): value for name, value in own.items()}}
    lines = [f"{name}: {value}" for name, value in head.items() if value is not None]
    parts = {"text": _part("plain", text), "html": _part("html", html)}
    body = "".join(parts[name] for name in order.split()) + files
    top = [above] if above else []
    whole = "\n".join([*top, *lines, 'Content-Type: multipart/mixed; boundary="b"', "", body + "--b--", ""])
    return whole.replace("\n", "\r\n").encode()


def _part(kind: str, content: str | None) -> str:
    if content is None:
        return ""
    return f"--b\nContent-Type: text/{kind}; charset=utf-8\n\n{content}\n"


def file(name: str, kind: str = "application/octet-stream") -> str:
    head = f'--b\nContent-Type: {kind}\nContent-Disposition: attachment; filename="{name}"'
    return f"{head}\nContent-Transfer-Encoding: base64\n\nAAAA\n"


def _cased(name: str) -> str:
    return next((known for known in FIELDS if known.lower() == name.lower()), name)
