"""Findings as plain data: what `check-domain --json` prints and what the history keeps."""

from typing import Any

from webapp.domains.checking import Checked
from webapp.domains.rules.findings import Finding, Paste

PARTS = ("type", "name", "relative", "value", "replaces", "added", "note", "zone_line", "strings")


def described(checked: Checked) -> dict[str, Any]:
    """One rule's result. `remedy` is whole text with the records in it; `records` are the same in parts."""
    finding = checked.finding
    return {
        "id": checked.rule.id,
        "title": checked.rule.title,
        "verdict": finding.verdict.value,
        "words": finding.words,
        "evidence": list(finding.evidence),
        "remedy": remedy_of(finding),
        "records": [record(one) for one in finding.records],
        "mistake": finding.mistake,
        "blocking": checked.rule.blocking,
    }


def remedy_of(finding: Finding) -> str:
    """What to do, with each record as a line of a zone file and as one line."""
    lines = [finding.remedy] if finding.remedy else []
    for one in finding.records:
        deed = "Replace the record that is there by" if one.replaces else "Add"
        names = f"name {one.relative} (in full: {one.absolute})"
        lines.append(f"{deed} this {one.type} record: {names}, value {one.value}")
        if len(one.strings) > 1 and one.type == "TXT":
            lines.append(f"In a zone file: {one.zone_line}")
        if one.note and not one.note.startswith("In strings"):
            lines.append(one.note)
    return "\n".join(lines)


def record(one: Paste) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in PARTS}
    return {**shown, "strings": list(one.strings), "added": list(one.added), "name": one.absolute}
