"""Both bodies of a message as one format of bytes: what is the same for everybody is encoded already."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter

from webapp.mail.compose.escaping import clean, contact, html_attribute, html_text, plain, url_part
from webapp.mail.compose.quoted_printable import Writer, encode_value, is_plain
from webapp.mail.compose.template import Rendering, Template

_SAME = frozenset((html_text, html_attribute, plain))
"""Into these places a plain value is written unchanged, into the next ones too if it is letters and digits only."""
_SAME_EVERYWHERE = _SAME | {url_part, contact}
_OF_ONE = ("affiliate.", "unsubscribe.")  # a value that one recipient has is not worth remembering
_KEPT = 400


class Body:
    """The multipart/alternative body: the text, then the HTML."""

    def __init__(self, text: Template, html: Template, boundary: str) -> None:
        renderings = sorted({*text.slots, *html.slots}, key=lambda one: (one.key, one.default))
        self._plan = _plan(renderings)
        self._format, order = _encoded(text, html, boundary.encode("ascii"), _numbered(self._plan))
        self._in_order = _picker(order)

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The body for one recipient. Most values mean the same in every place and are encoded once."""
        encoded: list[bytes] = []
        for key, default, multiline, writers in self._plan:
            value = values.get(key, "")
            if is_plain(value):
                raw = value.encode("ascii")
                same = _SAME_EVERYWHERE if value.isalnum() else _SAME
                if same.issuperset(writers):
                    encoded += (raw,) * len(writers)
                else:
                    encoded += [raw if write in same else _write(write, value) for write in writers]
            else:
                value = clean(value, multiline=multiline) or default
                write_value = _write if key.startswith(_OF_ONE) or len(value) > _KEPT else _written
                encoded += [write_value(write, value) for write in writers]
        return self._format % self._in_order(encoded)


_Use = tuple[str, str, bool]
_Writer = Callable[[str], str]


def _plan(renderings: list[Rendering]) -> list[tuple[str, str, bool, tuple[_Writer, ...]]]:
    uses: dict[_Use, list[_Writer]] = {}
    for one in renderings:
        uses.setdefault((one.key, one.default, one.multiline), []).append(one.write)
    return [(*use, tuple(writers)) for use, writers in uses.items()]


def _numbered(plan: list[tuple[str, str, bool, tuple[_Writer, ...]]]) -> dict[tuple[str, str, _Writer], int]:
    places = ((key, default, write) for key, default, _, writers in plan for write in writers)
    return {place: number for number, place in enumerate(places)}


def _encoded(
    text: Template, html: Template, boundary: bytes, numbers: Mapping[tuple[str, str, _Writer], int]
) -> tuple[bytes, list[int]]:
    parts = b""
    order: list[int] = []
    for subtype, template in ((b"plain", text), (b"html", html)):
        writer = Writer()
        writer.text(template.literals[0])
        for slot, literal in zip(template.slots, template.literals[1:], strict=True):
            writer.slot(numbers[slot.key, slot.default, slot.write])
            writer.text(literal)
        parts += b"--" + boundary + b"\r\nContent-Type: text/" + subtype + b"; charset=utf-8\r\n"
        parts += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        parts += b"%b".join(literal.replace(b"%", b"%%") for literal in writer.finish()) + b"\r\n"
        order += writer.slots
    return parts + b"--" + boundary + b"--\r\n", order


def _picker(order: list[int]) -> Callable[[list[bytes]], tuple[bytes, ...]]:
    if len(order) > 1:
        return itemgetter(*order)
    return tuple  # no value, or the only one


def _write(write: _Writer, value: str) -> bytes:
    return encode_value(write(value))


_written = lru_cache(maxsize=1024)(
    _write
)  # managers, groups and the network's own values come again and again
