"""What people type in these tests."""

from tests.settings.recorder import Recorder

SECRET = "canary-93f1c7-secret"


def smtp_fields(server: Recorder, **changes: str) -> dict[str, str]:
    """What a person types into the form of an SMTP server."""
    typed = {
        "host": "127.0.0.1",
        "port": str(server.port),
        "security": "starttls",
        "username": "post@network.example",
        "password": SECRET,
        "auth": "auto",
        "helo_name": "",
        "ca_pem": server.ca_pem,
        "connections": "2",
    }
    return {**typed, **changes}


def posted(fields: dict[str, str], *, do: str = "save", **more: str) -> dict[str, str]:
    """The same as the page of the email settings sends it."""
    return {"kind": "smtp", "do": do, **{f"smtp-{name}": text for name, text in fields.items()}, **more}
