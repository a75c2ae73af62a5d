"""A stand-in for the SES API on loopback. It checks every signature by its own arithmetic, not by botocore's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import ssl
from urllib.parse import urlsplit

from transports.testing.servers import WebAnswer, WebRequest, WebServer

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI-kanarienvogel-EXAMPLEKEY"
REGION = "eu-central-1"
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)"
)


def error(status: int, kind: str, message: str = "") -> WebAnswer:
    return WebAnswer(status, {"message": message or kind}, {"x-amzn-ErrorType": f"{kind}:http://internal"})


class FakeSes(WebServer):
    """Keeps what it accepts in `inbox` as (sender, recipient, message); answers misbehave through `next`."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, secret: str = SECRET) -> None:
        super().__init__(self._answered, tls=tls)
        self.inbox: list[tuple[str, str, bytes]] = []
        self.account = {
            "SendingEnabled": True,
            "ProductionAccessEnabled": True,
            "EnforcementStatus": "HEALTHY",
        }
        self.refused: dict[str, WebAnswer] = {}
        self.deny_account = False
        self.secret = secret

    def _answered(self, request: WebRequest) -> WebAnswer:
        wrong = self._wrong_signature(request)
        if wrong is not None:
            return wrong
        if request.method == "GET" and request.path == "/v2/email/account":
            denied = error(403, "AccessDeniedException", "not authorized to perform: ses:GetAccount")
            return denied if self.deny_account else WebAnswer(200, self.account)
        if request.method == "POST" and request.path == "/v2/email/outbound-emails":
            return self._send(request)
        return error(404, "UnknownOperationException")

    def _send(self, request: WebRequest) -> WebAnswer:
        wanted = request.json()
        [recipient] = wanted["Destination"]["ToAddresses"]
        if recipient in self.refused:
            return self.refused[recipient]
        message = base64.b64decode(wanted["Content"]["Raw"]["Data"], validate=True)
        self.inbox.append((wanted["FromEmailAddress"], recipient, message))
        return WebAnswer(200, {"MessageId": f"0107-{len(self.inbox):04}"})

    def _wrong_signature(self, request: WebRequest) -> WebAnswer | None:
        found = _CREDENTIAL.fullmatch(request.headers.get("authorization", ""))
        if not found:
            return error(403, "MissingAuthenticationTokenException")
        key_id, day, region, service, names, signature = found.groups()
        if key_id != KEY_ID:
            return error(
                403, "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        names_list = names.split(";")
        assert {"host", "x-amz-date"} <= set(names_list)
        if (region, service) != (REGION, "ses"):
            return error(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region.")
        if not hmac.compare_digest(signature, self._signature(request, day, names_list)):
            return error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        return None

    def _signature(self, request: WebRequest, day: str, names: list[str]) -> str:
        url = urlsplit(request.path)
        headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names)
        hashed = hashlib.sha256(request.body).hexdigest()
        canonical = "\n".join([request.method, url.path, url.query, headers, ";".join(names), hashed])
        scope = f"{day}/{REGION}/ses/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, digest])
        key = f"AWS4{self.secret}".encode()
        for part in (day, REGION, "ses", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, to_sign.encode(), "sha256").hexdigest()
