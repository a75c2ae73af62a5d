"""Which sentence a failed TLS handshake deserves."""

from __future__ import annotations

import ssl

from transports.errors import SettingsError, TemporaryError, TransportError

_OTHER_NAME = "The server's certificate is for another name."
_VERIFICATION = {
    9: ("The server's certificate is not valid yet.", "Check this machine's clock."),
    10: ("The server's certificate has expired.", "Ask whoever runs the server to renew it."),
    62: (_OTHER_NAME, "Use the host name that stands in the certificate."),
    64: (_OTHER_NAME, "Use the server's host name instead of its address."),
}
_UNKNOWN_AUTHORITY = (
    "The server's certificate comes from an authority that we do not know.",
    "If the authority is your own, paste its certificate (PEM) into the settings.",
)
_OLD = (
    "The server talks only an old TLS that is no longer safe.",
    "Ask whoever runs the server for TLS 1.2 or newer.",
)
_HANDSHAKE = {
    "WRONG_VERSION_NUMBER": (
        "The server does not talk TLS from the start on this port.",
        "Choose STARTTLS, or use port 465.",
    ),
    "UNSUPPORTED_PROTOCOL": _OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD,
}


def tls_trouble(error: ssl.SSLError) -> TransportError:
    """The error to raise. No password was sent, and none will be over a clear line."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason, hint = _VERIFICATION.get(error.verify_code, _UNKNOWN_AUTHORITY)
        return SettingsError(reason, f"certificate: {error.verify_message}", hint)
    word = error.reason or ""
    detail = f"TLS: {word.replace('_', ' ').lower() or 'handshake failed'}"
    if word in _HANDSHAKE:
        reason, hint = _HANDSHAKE[word]
        return SettingsError(reason, detail, hint)
    hint = "Check port and encryption, or ask your provider."
    if "ALERT" in word and "INTERNAL" not in word:  # the other side says that it never will
        return SettingsError("The server and we cannot agree on TLS.", detail, hint)
    return TemporaryError("The TLS handshake failed.", detail, hint)
