"""The network's layout: logo, colours and footer around every text that is no whole document of its own."""

import re
from dataclasses import asdict, dataclass, fields
from functools import cache
from html import escape
from pathlib import Path

from sqlalchemy.orm import Session

from webapp.errors import Invalid
from webapp.mail_templates.models import MailLayout
from webapp.settings import checks

_ROW = 1
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_READABLE = 4.5  # WCAG 2.2, 1.4.3
LONGEST_FOOTER = 1000


@dataclass(frozen=True)
class Layout:
    """Colours as `#rrggbb`; `logo_url` is an https address or empty; `footer` is plain text above the postal address."""

    logo_url: str = ""
    accent: str = "#1d4ed8"
    background: str = "#f4f5f7"
    footer: str = ""


def get(session: Session) -> Layout:
    """The layout as set, or the one that we ship."""
    row = session.get(MailLayout, _ROW)
    return Layout(**{field.name: getattr(row, field.name) for field in fields(Layout)}) if row else Layout()


def put(session: Session, layout: Layout) -> Layout:
    """Store it, checked; `Invalid` with a sentence for each wrong field."""
    wanted = checked(layout)
    session.merge(MailLayout(id=_ROW, **asdict(wanted)))
    session.flush()
    return wanted


def checked(layout: Layout) -> Layout:
    """The layout as it would be stored."""
    wanted = Layout(
        logo_url=layout.logo_url.strip(),
        accent=layout.accent.strip().lower(),
        background=layout.background.strip().lower(),
        footer=layout.footer.replace("\r\n", "\n").strip(),
    )
    problems = {
        name: "Write a colour as #rrggbb, for example #1d4ed8."
        for name in ("accent", "background")
        if not _COLOUR.fullmatch(getattr(wanted, name))
    }
    if not problems and contrast(wanted.accent, "#ffffff") < _READABLE:
        problems["accent"] = "White words on this colour are hard to read. Choose a darker one."
    if wanted.logo_url and (wrong := _logo_problem(wanted.logo_url)):
        problems["logo_url"] = wrong
    if wrong := _footer_problem(wanted.footer):
        problems["footer"] = wrong
    if problems:
        raise Invalid(problems)
    return wanted


def frame(layout: Layout, network_name: str) -> str:
    """The document that the mail core fills (`webapp.mail.compose.framing`). Only checked values stand in it."""
    name = escape(network_name)
    logo = f'<img src="{escape(layout.logo_url)}" alt="{name}" height="40">' if layout.logo_url else name
    footer = "<br>\n".join(escape(line) for line in layout.footer.split("\n")) if layout.footer else ""
    values = {
        "name": name,
        "logo": logo,
        "accent": layout.accent,
        "background": layout.background,
        "ink": "#5b6270" if contrast("#5b6270", layout.background) >= _READABLE else _ink(layout.background),
        "words": f'<div class="footer">{footer}</div>' if footer else "",
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found.group(1)], _document())


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _ink(background: str) -> str:
    return max(("#111827", "#ffffff"), key=lambda ink: contrast(ink, background))


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _logo_problem(url: str) -> str:
    if len(url) > 500 or not re.fullmatch(r"https://[^\s\"'<>\\\[\]]+", url):
        return "Write the whole address of a picture, beginning with https://."
    try:
        checks.origin("https://" + url.removeprefix("https://").partition("/")[0].partition("?")[0])
    except checks.Wrong as wrong:
        return str(wrong)
    return ""


def _footer_problem(footer: str) -> str:
    if len(footer) > LONGEST_FOOTER:
        return f"It is longer than {LONGEST_FOOTER:,} characters. Shorten it."
    return "The footer is the same for everybody and has no tokens. Write it out." if "[=" in footer else ""


@cache
def _document() -> str:
    return (Path(__file__).parent / "layout.html").read_text("utf-8")
