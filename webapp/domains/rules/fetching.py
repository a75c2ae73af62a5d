"""Fetches what a rule wants to read from a web server: through the address policy, no redirect, bounded in bytes and seconds."""

from transports.deadline import Deadline
from transports.errors import MaybeSent, SettingsError, TransportError
from transports.net import DestinationRefused, Net, TooLong
from webapp.domains.rules.findings import Finding, found, unknown
from webapp.verdict import Verdict

SECONDS = 5.0


class NotFetched(Exception):
    """It could not be had; `finding` says why. Only what the server itself does wrong is a failure."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.words)
        self.finding = finding


def fetched(net: Net, url: str, what: str, *evidence: str, largest: int) -> bytes:
    """The body behind an https address that answers 200. `what` begins the sentences: “The policy”."""
    try:
        reply = net.http("GET", url, deadline=Deadline(SECONDS), largest=largest)
    except DestinationRefused as error:
        raise NotFetched(
            unknown(f"{what} could not be fetched from here: {error.reason}", *evidence)
        ) from None
    except SettingsError as error:
        raise NotFetched(_fails(f"{what}: {error.reason}", url, evidence, error.hint)) from None
    except TooLong:
        words = f"{what} is longer than {largest // 1024} KB; receivers stop reading there."
        raise NotFetched(_fails(words, url, evidence, "Serve the short file.")) from None
    except (TransportError, MaybeSent) as error:
        reason = (
            error.reason
            if isinstance(error, TransportError)
            else f"no whole answer within {SECONDS:g} seconds."
        )
        raise NotFetched(
            unknown(f"{what} could not be fetched from here: {reason}", f"GET {url}", *evidence)
        ) from None
    line = f"GET {url}: {reply.status}, {len(reply.body)} bytes"
    if 300 <= reply.status < 400:
        words = f"{what} is redirected ({reply.status}), which receivers do not follow."
        raise NotFetched(_fails(words, line, evidence, "Serve the file itself at this address."))
    if reply.status != 200:
        raise NotFetched(_fails(f"{what} is not there (answer {reply.status}).", line, evidence, ""))
    return reply.body


def _fails(words: str, line: str, evidence: tuple[str, ...], remedy: str) -> Finding:
    return found(Verdict.FAIL, words, line, *evidence, remedy=remedy)
