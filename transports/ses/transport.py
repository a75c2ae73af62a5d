"""The transport `ses`: one signed request a mail, never repeated."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from transports.checks import Check, DnsExpectation
from transports.contract import Capability, Delivery, Limits, OutgoingMail, Settings, Status, Transport
from transports.events import DeliveryEvent, WebhookRequest
from transports.fields import Field, FieldProblem, Secret, Text
from transports.ses import signing
from transports.ses.account import SEND, Account, account_of
from transports.ses.answers import delivery
from transports.ses.checking import problems
from transports.ses.probe import walk
from transports.ses.request import send_email
from transports.smtp.commands import Unfit


class SesTransport(Transport):
    """Amazon SES v2 `SendEmail` with raw content, or a service that speaks the same."""

    kind: ClassVar[str] = "ses"
    label: ClassVar[str] = "Amazon SES"
    summary: ClassVar[str] = (
        "Region and an access key. Sends over the API of Amazon SES, or of a service that speaks it."
    )
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.RETURN_PATH, Capability.TAGS, Capability.EVENTS}
    )
    limits: ClassVar[Limits] = Limits(message_bytes=40 * 1024 * 1024, connections=20)
    patience: ClassVar[float] = 60.0
    """Seconds for one request; what is not answered by then may have gone."""
    fields: ClassVar[tuple[Field, ...]] = (
        Text(name="region", label="Region", required=True, destination=True, placeholder="eu-central-1"),
        Text(
            name="access_key_id",
            label="Access key ID",
            help="Of an IAM user that may do no more than ses:SendEmail, ses:SendRawEmail and ses:GetAccount.",
            required=True,
            destination=True,
        ),
        Secret(
            name="secret_access_key",
            label="Secret access key",
            help="Kept encrypted. It never comes back to this page.",
            required=True,
        ),
        Text(
            name="configuration_set",
            label="Configuration set",
            help="Its events tell us about bounces and complaints.",
            advanced=True,
        ),
        Text(
            name="topic_arn",
            label="SNS topic",
            help="Its ARN. The configuration set publishes to it what becomes of a mail; notices of any other topic are refused.",
            advanced=True,
        ),
        Text(
            name="endpoint",
            label="Endpoint",
            help="Only for a service that speaks the SES API elsewhere. Empty: the region's own.",
            destination=True,
            advanced=True,
        ),
    )

    @classmethod
    def unavailable(cls) -> str | None:
        return signing.missing()

    @classmethod
    def check(cls, settings: Settings) -> list[FieldProblem]:
        return problems(settings)

    @classmethod
    def dns(cls, settings: Settings, domain: str) -> list[DnsExpectation]:
        why = "With a custom MAIL FROM domain, SES sends from Amazon's addresses in its name."
        return [DnsExpectation(domain, "TXT", "include:amazonses.com", why, required=False)]

    def account(self) -> Account:
        """Raises `SettingsError` if the settings name none."""
        return account_of(self.settings)

    def send_one(self, mail: OutgoingMail) -> Delivery | None:
        account = self.account()
        peer = urlsplit(account.base).hostname or ""
        try:
            body = send_email(mail, account.configuration_set)
        except Unfit as why:
            return Delivery(mail.key, Status.REJECTED, why.stage, code=why.code, detail=why.detail)
        if not mail.leaving():
            return None
        reply = account.call(self.net, "POST", SEND, body, self.patience)
        return delivery(mail.key, reply, peer)

    def probe(self, sender: str) -> list[Check]:
        return walk(self.account, self.net, sender)

    def events(self, request: WebhookRequest) -> list[DeliveryEvent]:
        from transports.ses.webhook import events  # certificates take 8 MB, in every process that sends

        return events(self.settings, self.net, request)
