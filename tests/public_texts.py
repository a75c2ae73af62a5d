"""Texts of others that `scripts/fetch_public_texts.sh` has fetched, and strings of our own that mean harm to mail."""

import json
import tarfile
from pathlib import Path

import pytest

SUITES = Path(__file__).resolve().parent.parent / "build" / "suites"
_LINES = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0")
_HARM = ("Bcc: inj@example.com", "\r\n.\r\nMAIL FROM:<a@b.c>", "=?utf-8?q?x=0D=0ABcc:_inj@example.com?=")
_ALONE = (
    *("[=", "=]", "[=Affiliate.FirstName=]", "[=if Affiliate.ID=]", "[=end=]", "{{7*7}}", "%(name)s", "%s%n"),
    *(
        "<!--",
        "-->",
        "<![endif]-->",
        "<script>alert(1)</script>",
        "</title>",
        '" onmouseover="x',
        "&#0;",
        "&amp;lt;",
    ),
    *(
        "\ud83d",
        "\udfff",
        "\ufeff",
        "\u202egnp.exe",
        "e" + "\u0301" * 200,
        "\U0010ffff",
        "x" * 1_500,
        "a, b <c@d.e>",
    ),
)
OURS = [f"a{line}{harm}" for line in _LINES for harm in _HARM] + list(_ALONE)


def packed(package: str, name: str) -> bytes:
    """A file of a fetched package; without it the test is skipped and says so."""
    file = SUITES / package
    if not file.is_file():
        pytest.skip(f"{package} is not there (sh scripts/fetch_public_texts.sh)")
    with tarfile.open(file) as archive:
        member = archive.extractfile(f"package/{name}")
        assert member is not None
        return member.read()


def naughty_strings() -> list[str]:
    """Five hundred strings that have broken programs, mail programs among them."""
    public = json.loads(packed("big-list-of-naughty-strings-1.0.0.tgz", "blns.json"))
    return [*public, *OURS]
