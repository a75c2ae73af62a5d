"""What a rule says: a verdict, words, evidence, and the record to paste."""

from dataclasses import dataclass

from webapp.domains.lookup.answers import Answer
from webapp.verdict import Verdict

LONGEST_STRING = 255  # bytes of one string of a TXT record (RFC 1035 §3.3.14)


@dataclass(frozen=True, slots=True)
class Paste:
    """A record to paste. `name` and `zone` are absolute without the final dot; `replaces` is the value that goes."""

    type: str
    name: str
    zone: str
    value: str
    replaces: str = ""
    added: tuple[str, ...] = ()
    note: str = ""

    @property
    def absolute(self) -> str:
        return f"{self.name}."

    @property
    def relative(self) -> str:
        """The name as most DNS panels want it, who add the zone by themselves; @ is the zone itself."""
        return "@" if self.name == self.zone else self.name.removesuffix(f".{self.zone}")

    @property
    def strings(self) -> tuple[str, ...]:
        """A TXT value in strings that a zone file takes."""
        step = LONGEST_STRING
        return tuple(self.value[at : at + step] for at in range(0, len(self.value), step))

    @property
    def zone_line(self) -> str:
        """The line of a zone file, with the absolute name."""
        return f"{self.absolute} IN {self.type} {self._data}"

    @property
    def relative_line(self) -> str:
        return f"{self.relative} IN {self.type} {self._data}"

    @property
    def _data(self) -> str:
        if self.type == "TXT":
            return " ".join(
                '"{}"'.format(one.replace("\\", "\\\\").replace('"', '\\"')) for one in self.strings
            )
        return (
            f"{self.value}." if self.type in ("CNAME", "MX") and not self.value.endswith(".") else self.value
        )

    @property
    def words(self) -> str:
        deed = "Replace the record" if self.replaces else "Add the record"
        return f"{deed}: {self.zone_line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """`mistake` names a usual mistake at a DNS panel, if it is one."""

    verdict: Verdict
    words: str
    remedy: str = ""
    records: tuple[Paste, ...] = ()
    evidence: tuple[str, ...] = ()
    mistake: str = ""


def found(
    verdict: Verdict,
    words: str,
    *evidence: Answer | str,
    remedy: str = "",
    records: tuple[Paste, ...] = (),
    mistake: str = "",
) -> Finding:
    lines = tuple(dict.fromkeys(each if isinstance(each, str) else each.evidence for each in evidence))
    return Finding(verdict, harmless(words), remedy, records, tuple(map(harmless, lines)), mistake)


def harmless(text: str) -> str:
    """Without the control characters that a zone may hold: words go to terminals too."""
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


def passed(words: str, *evidence: Answer | str) -> Finding:
    return found(Verdict.PASS, words, *evidence)


def unknown(words: str, *evidence: Answer | str, remedy: str = "") -> Finding:
    return found(Verdict.UNKNOWN, words, *evidence, remedy=remedy)


def unanswered(*answers: Answer) -> Finding:
    """The first of these answers that could not be had makes the verdict unknown."""
    first = next(answer for answer in answers if not answer.known)
    words = f"We couldn’t find out: {first.why or 'no answer'}. That says nothing about your record."
    return unknown(words, *answers, remedy="Check again in some minutes.")


def not_needed(words: str) -> Finding:
    return found(Verdict.NOT_NEEDED, words)
