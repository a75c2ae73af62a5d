"""M19: files. Mail to many carries none; a program is refused everywhere."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, seen, warns
from webapp.mail.check.mail import Mail, attached
from webapp.mail.check.table import rule
from webapp.mail.mime import Part, decoded

_PROGRAMS = (
    "ade adp apk app bat chm cmd com cpl dll dmg exe hta img ins iso isp jar js jse lib lnk mde msc msi "
    "msix msp mst nsh pif ps1 reg scr sct shb sys vb vbe vbs vhd vxd wsc wsf wsh xll"
)
PROGRAMS = frozenset(_PROGRAMS.split())
_NAME = re.compile(r'name\*?\s*=\s*(?:"([^"\n]{1,300})"|([^\s;"]{1,300}))', re.IGNORECASE)
_ODD = re.compile(r"[\x00-\x1f/\\:\u202a-\u202e\u2066-\u2069]")


@rule("M19", "Attachments", "There are none.")
def attachments(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    files = [(part, _file_name(part)) for part in mail.parts if _is_file(part)]
    for part, name in files:
        at = seen("mail", 0, f"{name or part.type} ({part.type})")
        if any(ending in PROGRAMS for ending in name.lower().rstrip(". ").split(".")[1:]):
            yield fails("A program is attached, which receivers refuse.", "Put it on a web page.", at)
        elif _ODD.search(name):
            yield fails("The name of a file holds characters that deceive.", "Rename it.", at)
        else:
            yield warns("A file is attached; mail to many should link to it.", "Link to it.", at)


def _is_file(part: Part) -> bool:
    inline = part.header("content-id") and part.type.startswith("image/")
    return not inline and (attached(part) or not part.type.startswith("text/"))


def _file_name(part: Part) -> str:
    for name in ("content-disposition", "content-type"):
        if found := _NAME.search(part.header(name)):
            return decoded(found[1] or found[2])
    return ""
