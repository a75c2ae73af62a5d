"""The tree walk of RFC 9989 §4.10: which record holds for a domain, and which domain is its organisation's."""

from dataclasses import dataclass, field

from webapp.domains.dmarc.record import Dmarc, is_dmarc, parse
from webapp.domains.lookup.answers import Answer
from webapp.domains.lookup.resolver import Resolver

WHOLE = 8  # labels up to which every name on the way up is asked


@dataclass
class Walk:
    """`record` was found at `at` and holds for the domain; `several` are names whose records cancel each other."""

    domain: str
    organisation: str
    record: Dmarc | None = None
    at: str = ""
    answers: list[Answer] = field(default_factory=list)
    several: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> str:
        """Why nobody can say whether there is a record; "" when one was found at the domain itself or all answered."""
        if self.record is not None and self.at == self.domain:
            return ""
        return next((answer.why or "no answer" for answer in self.answers if not answer.known), "")

    @property
    def policy(self) -> str:
        """none, quarantine, reject, or "" without DMARC."""
        if self.record is None:
            return ""
        return self.record.policy if self.at == self.domain else self.record.policy_below(exists=True)


def walk(resolver: Resolver, domain: str) -> Walk:
    """Ask at the domain and upwards, eight names at most."""
    found: dict[str, Dmarc] = {}
    result = Walk(domain, domain)
    for name in steps(domain):
        answer = resolver.ask(f"_dmarc.{name}", "TXT")
        result.answers.append(answer)
        records = [value for value in answer.values if is_dmarc(value)]
        if len(records) > 1:
            result.several.append(name)
        if len(records) == 1:
            found[name] = parse(records[0])
            if found[name].tags.get("psd", "").lower() in ("y", "n"):
                break
    result.organisation = _organisation(domain, found)
    parent = next((name for name in found if found[name].tags.get("psd", "").lower() == "y"), "")
    for at in (domain, result.organisation, parent):
        if at in found and found[at].policy:
            result.record, result.at = found[at], at
            break
    return result


def steps(domain: str) -> list[str]:
    """The names that are asked, the domain first; of very deep ones only the last seven labels."""
    labels = domain.split(".")
    rest = labels[1:] if len(labels) <= WHOLE else labels[-(WHOLE - 1) :]
    return [domain, *(".".join(rest[at:]) for at in range(len(rest)))]


def _organisation(domain: str, found: dict[str, Dmarc]) -> str:
    for name, record in found.items():  # the longest first
        mark = record.tags.get("psd", "").lower()
        if mark == "n":
            return name
        if mark == "y" and name != domain:
            below = len(name.split(".")) + 1
            return ".".join(domain.split(".")[-below:])
    return list(found)[-1] if found else domain
