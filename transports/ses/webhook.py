"""From a request to events: first the topic, then where the certificate lies, then the signature, then the words."""

from __future__ import annotations

from transports.contract import Settings
from transports.errors import TemporaryError
from transports.events import DeliveryEvent, EventKind, ForgedRequest, WebhookRequest
from transports.net import Net
from transports.ses import notices, sns
from transports.ses.certificates import Signers, get
from transports.ses.checking import Topic, topic_of

SECONDS = 10.0  # to confirm a subscription
_SIGNERS = Signers()


def events(settings: Settings, net: Net, request: WebhookRequest) -> list[DeliveryEvent]:
    """What happened; a subscription of the topic in the settings is confirmed. Raises `ForgedRequest` for all others."""
    topic = topic_of(settings)
    if topic is None:
        hint = "Write the ARN of the SNS topic into the settings of this mail server."
        raise ForgedRequest("This mail server names no topic whose notices it believes.", hint=hint)
    message = sns.opened(request, topic)
    sns.verify(message, _SIGNERS.key(net, topic, message["SigningCertURL"]))
    if message.type == sns.SUBSCRIBED:
        return [_confirmed(net, topic, message)]
    if message.type == sns.UNSUBSCRIBED:
        return [_about_topic(EventKind.DISCONNECTED, topic, message)]
    return notices.translated(message["MessageId"], message["Message"], message.at)


def _confirmed(net: Net, topic: Topic, message: sns.Message) -> DeliveryEvent:
    reply = get(net, sns.confirmation(message, topic), SECONDS)
    if reply.status != 200:
        raise TemporaryError(
            "Amazon SNS did not take the confirmation of the subscription.", f"status {reply.status}"
        )
    return _about_topic(EventKind.CONNECTED, topic, message)


def _about_topic(kind: EventKind, topic: Topic, message: sns.Message) -> DeliveryEvent:
    return DeliveryEvent(message["MessageId"], kind, "", "", message.at, detail=topic.arn)
