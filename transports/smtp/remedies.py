"""What to do when a step of the connection test fails: at most three sentences, the likeliest first."""

from __future__ import annotations

from transports.checks import Step
from transports.errors import AuthError, TransportError
from transports.smtp.account import Account

_MOST = 3


def remedies(step: Step, error: TransportError, account: Account | None) -> tuple[str, ...]:
    """The error's own hint, then what usually helps at this step."""
    usual = _usual(step, error, account) if account else ()
    found = [error.hint, *usual] if not isinstance(error, AuthError) else [*usual, error.hint]
    return tuple(dict.fromkeys(remedy for remedy in found if remedy))[:_MOST]


def _usual(step: Step, error: TransportError, account: Account) -> tuple[str, ...]:
    if step is Step.RESOLVE:
        return ("Copy the host name from your provider's help page.",)
    if step is Step.CONNECT:
        return _connecting(account)
    if step is Step.LOGIN and account.auth == "xoauth2":
        return ()  # the error's own hint knows better
    if step is Step.LOGIN and isinstance(error, AuthError):
        return _signing_in(account)
    if step is Step.SENDER:
        return (
            "Use a from address whose domain is set up at this provider.",
            "Sign in as the user to whom the address belongs.",
        )
    return ()


def _connecting(account: Account) -> tuple[str, ...]:
    if account.port == 465 or account.security == "tls":
        return (
            "Port 465 goes with TLS from the start, 587 with STARTTLS.",
            "See that no firewall blocks it.",
        )
    if account.port == 25:
        return ("Many hosting companies block port 25. Use 587.", "See that no firewall blocks it.")
    return ("See that no firewall stands between.", "If the port wants TLS from the start, choose that.")


def _signing_in(account: Account) -> tuple[str, ...]:
    found = [
        "Replace the password. Watch for a blank at the end.",
        "With two-factor sign-in at your provider, create an app password there and use that one.",
    ]
    if "@" in account.username:
        domain = account.username.rsplit("@", 1)[1]
        found.append(f"Some servers want the user name without @{domain}.")
    else:
        found.append("Many servers want the whole e-mail address as the user name.")
    return tuple(found)
