"""What a certificate says, in a sentence."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping


def described(version: str, certificate: Mapping[str, object]) -> str:
    """The TLS version, and until when the verified certificate holds."""
    sentence = f"{version.replace('TLSv', 'TLS ')}. The certificate matches the host name"
    until = certificate.get("notAfter")
    if not isinstance(until, str):
        return sentence + "."
    ends = ssl.cert_time_to_seconds(until)
    day = time.strftime("%d %B %Y", time.gmtime(ends)).lstrip("0")
    soon = " That is soon: see that it is renewed." if ends - time.time() < 14 * 86400 else ""
    return f"{sentence} and is valid until {day}.{soon}"
