"""Rules across the fields of an SMTP server: offline, each with its remedy."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Iterator

from transports.contract import Settings
from transports.fields import FieldProblem
from transports.smtp.providers import token_url

_HOST = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.?")
_HELO = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+|\[[0-9a-z.:]{2,60}\]", re.IGNORECASE)
_TOKEN_URL = re.compile(
    r"https://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?][\x21-\x7e]*)?", re.IGNORECASE
)
_FROM_THE_START = 465
_STARTTLS_PORTS = (25, 587)


def problems(settings: Settings) -> list[FieldProblem]:
    """Everything that cannot work; never raises."""
    text = {name: str(settings.get(name) or "").strip() for name in _TEXTS}
    found = [*_host(text["host"]), *_port(settings.get("port"), text["security"])]
    refreshes = text["auth"] == "xoauth2" and bool(settings.get("refresh_token"))
    found += _login(text, bool(settings.get("password")), refreshes)
    found += [*(_tokens(text) if refreshes else ()), *_more(text)]
    return found


def loopback(host: str) -> bool:
    """Whether this name or address is this machine, without asking anybody."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


_TEXTS = ("host", "security", "auth", "username", "ca_pem", "helo_name", "client_id", "token_url")


def _host(host: str) -> Iterator[FieldProblem]:
    if not host:
        yield FieldProblem("host", "The SMTP host name is missing. Your mail provider's help page names it.")
        return
    if _is_host(host):
        return
    yield FieldProblem("host", _what_is_wrong(host))


def _what_is_wrong(host: str) -> str:
    if "://" in host:
        bare = host.split("://", 1)[1].split("/")[0].split(":")[0]
        return f"Type the host name alone, without “{host.split('://')[0]}://”. Did you mean {bare}?"
    if "," in host:
        return f"A host name has no comma. Did you mean {re.sub(r'[ ,]+', '.', host)}?"
    if "@" in host:
        return (
            f"This is an e-mail address. The host name may be {host.rsplit('@', 1)[1]}, or smtp. before it."
        )
    if re.search(r"\s", host):
        return f"A host name has no blank. Did you mean {''.join(host.split())}?"
    if re.fullmatch(r"[\w.-]+:\d+", host):
        return f"The port has its own field. Did you mean {host.split(':')[0]}?"
    return "This is not a host name. It looks like smtp.example.com."


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
        return True
    except ValueError:
        return bool(_HOST.fullmatch(host)) and len(host) < 254


def _port(port: object, security: str) -> Iterator[FieldProblem]:
    if port == _FROM_THE_START and security != "tls":
        yield FieldProblem("security", "Port 465 wants TLS from the start. Choose that, or use port 587.")
    elif port in _STARTTLS_PORTS and security == "tls":
        yield FieldProblem("security", f"Port {port} goes with STARTTLS. Choose that, or use port 465.")


def _login(text: dict[str, str], password: bool, refreshes: bool) -> Iterator[FieldProblem]:
    user = text["username"]
    if user and text["auth"] == "xoauth2" and not (password or refreshes):
        remedy = "Type it, or an access token as the password, or remove the user name."
        yield FieldProblem("refresh_token", f"The refresh token is missing. {remedy}")
    elif user and not (password or refreshes):
        yield FieldProblem("password", "The password is missing. Type it, or remove the user name.")
    if refreshes and not user:
        yield FieldProblem("username", "The user name is missing: the mailbox that the refresh token is for.")
    elif password and not user:
        yield FieldProblem("username", "The user name is missing. Type it, or remove the password.")
    if user and text["security"] == "none" and not loopback(text["host"]):
        reason = "A password never goes over a line that is not encrypted."
        remedy = "Choose STARTTLS or TLS from the start, or remove the user name."
        yield FieldProblem("security", f"{reason} {remedy}")


def _tokens(text: dict[str, str]) -> Iterator[FieldProblem]:
    if not text["client_id"]:
        reason = "The client ID is missing. The provider shows it where the application is registered."
        yield FieldProblem("client_id", reason)
    url = text["token_url"]
    if not url and not token_url(text["host"]):
        reason = (
            "The token address is missing: for this host none is known. Your provider's help page names it."
        )
        yield FieldProblem("token_url", reason)
    if url and not url.startswith("env:") and not _TOKEN_URL.fullmatch(url):
        reason = "The token address must begin with https:// and hold no password."
        yield FieldProblem("token_url", f"{reason} It looks like https://auth.example.com/token.")


def _more(text: dict[str, str]) -> Iterator[FieldProblem]:
    if text["helo_name"] and not _HELO.fullmatch(text["helo_name"]):
        reason = "The EHLO name must be this machine's full name."
        yield FieldProblem("helo_name", f"{reason} It looks like mail.example.com; empty means its own name.")
    if text["ca_pem"] and (reason := _what_is_wrong_with_pem(text["ca_pem"])):
        yield FieldProblem("ca_pem", reason)


def _what_is_wrong_with_pem(pem: str) -> str:
    if pem.startswith("env:"):
        return ""
    if "PRIVATE KEY" in pem:
        return "This holds a private key, which we must not have. Paste the certificate alone."
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError, TypeError):
        return "This is no certificate. Paste it with its lines “BEGIN CERTIFICATE” and “END CERTIFICATE”."
    return ""
