"""Asks the DNS whether the record of a key is there. Receivers refuse what they cannot check, so a key signs only then."""

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from webapp.mail.dkim.records import Record, fault_of

PATIENCE = 8.0  # seconds for an answer


def fault_in_dns(record: Record, *, resolver: tuple[str, int] | None = None) -> str:
    """Why receivers could not verify with this key, as a sentence; "" when they can. `resolver`: ask only this one."""
    try:
        published = _txt(record.name, resolver)
    except (NXDOMAIN, NoAnswer):
        published = []
    except (DNSException, OSError) as error:
        return f"The DNS could not be asked for {record.name}: {str(error) or type(error).__name__}"
    return fault_of(record, published)


def _txt(name: str, resolver: tuple[str, int] | None) -> list[str]:
    asking = Resolver(configure=resolver is None)
    if resolver is not None:
        asking.nameservers, asking.port = [resolver[0]], resolver[1]
    answer = asking.resolve(f"{name}.", "TXT", lifetime=PATIENCE)
    return [b"".join(data.strings).decode("ascii", "replace") for data in answer]
