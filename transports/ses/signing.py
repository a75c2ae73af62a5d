"""Signature Version 4, by botocore, which is only imported when somebody uses SES."""

from __future__ import annotations

import importlib.util

SERVICE = "ses"


def missing() -> str | None:
    """What to install, or None."""
    if importlib.util.find_spec("botocore") is None:
        return "Signing for SES needs botocore: install offerpost[ses]."
    return None


def signed(method: str, url: str, body: bytes, region: str, key_id: str, secret: str) -> dict[str, str]:
    """The headers to send with this request, the signature among them."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    headers = {"Content-Type": "application/json"} if body else {}
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    SigV4Auth(Credentials(key_id, secret), SERVICE, region).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}
