"""Broken versions of the example transport: each function gives what its class gets wrong."""

import base64
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from transports.checks import Check
from transports.contract import Delivery, OutgoingMail, Stage, Status
from transports.errors import AuthError, MaybeSent, PermanentError
from transports.fields import Text


def drops_a_delivery(sound: type[Any]) -> dict[str, Any]:
    def send(self: Any, mails: Any) -> Iterator[Delivery]:
        return (one for number, one in enumerate(sound.send(self, mails)) if number != 1)

    return {"send": send}


def doubles_a_delivery(sound: type[Any]) -> dict[str, Any]:
    def send(self: Any, mails: Any) -> Iterator[Delivery]:
        return (one for one in sound.send(self, mails) for _ in range(2))

    return {"send": send}


def sends_twice(sound: type[Any]) -> dict[str, Any]:
    def call(self: Any, method: str, path: str, body: bytes = b"", headers: Any = None) -> Any:
        sound._call(
            self, method, path, body, headers and {"Idempotency-Key": f"{headers['Idempotency-Key']}-2"}
        )
        return sound._call(self, method, path, body, headers)

    return {"_call": call}


def reports_a_lost_line_as_accepted(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        try:
            return sound.send_one(self, mail)
        except MaybeSent:
            return Delivery(mail.key, Status.ACCEPTED, Stage.API)

    return {"send_one": send_one}


def reports_a_lost_line_as_deferred(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        try:
            return sound.send_one(self, mail)
        except MaybeSent:
            return Delivery(mail.key, Status.DEFERRED, Stage.API)

    return {"send_one": send_one}


def raises_for_one_recipient(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        found = sound.send_one(self, mail)
        if found.status is Status.REJECTED:
            raise PermanentError("A recipient was refused.")
        return found

    return {"send_one": send_one}


def swallows_a_wrong_key(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        try:
            return sound.send_one(self, mail)
        except AuthError:
            return Delivery(mail.key, Status.REJECTED, Stage.API)

    return {"send_one": send_one}


def shows_its_key(sound: type[Any]) -> dict[str, Any]:
    return {"__repr__": lambda self: f"<brevia {self.settings['api_key']}>"}


def logs_its_key(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        self.log.debug("posting with %s", base64.b64encode(self.settings["api_key"].encode()))
        return sound.send_one(self, mail)

    return {"send_one": send_one}


def tells_a_refused_key(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        try:
            return sound.send_one(self, mail)
        except AuthError:
            raise AuthError(
                "Refused.", f"the key {self.settings['api_key']} is wrong", "Type it again."
            ) from None

    return {"send_one": send_one}


def changes_the_content(sound: type[Any]) -> dict[str, Any]:
    def call(self: Any, method: str, path: str, body: bytes = b"", headers: Any = None) -> Any:
        return sound._call(self, method, path, body.replace(b"Auszahlung", b"Payout"), headers)

    return {"_call": call}


def changes_the_hosts_mail(sound: type[Any]) -> dict[str, Any]:
    def send(self: Any, mails: Any) -> Iterator[Delivery]:
        def changed() -> Iterator[Any]:
            for mail in mails:
                mail.subject = mail.subject.strip() + "!"
                yield mail

        return sound.send(self, changed())

    return {"send": send}


def probes_by_a_mail(sound: type[Any]) -> dict[str, Any]:
    def probe(self: Any, sender: str) -> list[Check]:
        body = b'{"to": "test@affiliate.example", "subject": "", "text": "", "html": "", "headers": {}, "attachments": []}'
        self._call("POST", "/v1/messages", body, {"Idempotency-Key": "probe"})
        return sound.probe(self, sender)

    return {"probe": probe}


def raises_in_a_probe(sound: type[Any]) -> dict[str, Any]:
    def probe(self: Any, sender: str) -> list[Check]:
        self._call("GET", "/v1/account")
        return sound.probe(self, sender)

    return {"probe": probe}


def raises_in_check(sound: type[Any]) -> dict[str, Any]:
    return {
        "check": classmethod(lambda cls, settings: [] if settings["endpoint"].strip() else list(settings))
    }


def ignores_a_mail_that_may_not_leave(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        key = mail.key
        found = sound.send_one(self, mail)
        if found is None:
            self._call("POST", "/v1/messages", _posted(mail), {"Idempotency-Key": key})
        return found

    return {"send_one": send_one}


def asks_too_late(sound: type[Any]) -> dict[str, Any]:
    def send_one(self: Any, mail: OutgoingMail) -> Delivery | None:
        self._call("POST", "/v1/messages", _posted(mail), {"Idempotency-Key": mail.key})
        return sound.send_one(self, mail)

    return {"send_one": send_one}


def never_asks(sound: type[Any]) -> dict[str, Any]:
    def send(self: Any, mails: Any) -> Iterator[Delivery]:
        for mail in mails:
            if mail is not None:
                reply = self._call("POST", "/v1/messages", _posted(mail), {"Idempotency-Key": mail.key})
                yield Delivery(mail.key, Status.ACCEPTED, Stage.API, code=str(reply.status))

    return {"send": send}


def forgets_that_it_is_idempotent(sound: type[Any]) -> dict[str, Any]:
    def call(self: Any, method: str, path: str, body: bytes = b"", headers: Any = None) -> Any:
        return sound._call(self, method, path, body, headers and {"Idempotency-Key": uuid.uuid4().hex})

    return {"_call": call}


def takes_what_it_cannot_do(sound: type[Any]) -> dict[str, Any]:
    return {"refuse_unsupported": lambda self, mail: None}


def believes_every_event(sound: type[Any]) -> dict[str, Any]:
    from offerpost_brevia import webhook  # type: ignore[import-not-found]

    def events(self: Any, request: Any) -> Any:
        stamp = str(int(time.time()))
        signed = {"brevia-signature": f"t={stamp},v1={webhook.signature('s', stamp, request.body)}"}
        return webhook.events("s", type(request)(request.method, signed, {}, request.body))

    return {"events": events}


def shows_its_key_as_text(sound: type[Any]) -> dict[str, Any]:
    return {
        "fields": (
            *(one for one in sound.fields if one.name != "api_key"),
            Text("api_key", "API key", required=True),
        )
    }


def forgets_the_destination(sound: type[Any]) -> dict[str, Any]:
    return {"fields": tuple(replace(one, destination=False) for one in sound.fields)}


def has_a_strange_kind(sound: type[Any]) -> dict[str, Any]:
    return {"kind": "B R"}


DEFECTS = {
    drops_a_delivery: "test_mails_may_come_from_a_generator_with_pauses",
    doubles_a_delivery: "test_mails_may_come_from_a_generator_with_pauses",
    sends_twice: "test_mails_may_come_from_a_generator_with_pauses",
    reports_a_lost_line_as_accepted: "test_a_lost_line_is_never_reported_as_accepted",
    reports_a_lost_line_as_deferred: "test_a_lost_line_is_never_reported_as_accepted",
    raises_for_one_recipient: "test_a_rejected_recipient_spoils_no_other",
    swallows_a_wrong_key: "test_a_wrong_secret_is_an_auth_error",
    shows_its_key: "test_a_good_round_tells_no_secret",
    logs_its_key: "test_a_good_round_tells_no_secret",
    tells_a_refused_key: "test_a_refused_secret_is_not_told_either",
    changes_the_content: "test_a_mail_arrives_as_it_was_written",
    changes_the_hosts_mail: "test_a_mail_is_only_read",
    probes_by_a_mail: "test_a_probe_finds_a_good_service_good_and_sends_nothing",
    raises_in_a_probe: "test_a_probe_tells_a_wrong_secret_with_a_remedy",
    raises_in_check: "test_check_never_raises",
    ignores_a_mail_that_may_not_leave: "test_a_mail_that_may_not_leave_does_not",
    asks_too_late: "test_each_mail_is_asked_once_and_before_it_leaves",
    never_asks: "test_each_mail_is_asked_once_and_before_it_leaves",
    forgets_that_it_is_idempotent: "test_a_declared_idempotent_transport_sends_a_key_once",
    takes_what_it_cannot_do: "test_what_is_not_declared_is_refused_before_anything_leaves",
    believes_every_event: "test_a_forged_event_is_refused",
    shows_its_key_as_text: "test_what_looks_secret_is_marked_secret",
    forgets_the_destination: "test_what_decides_where_the_secret_goes_is_marked_as_destination",
    has_a_strange_kind: "test_the_class_is_well_formed",
}


def _posted(mail: OutgoingMail) -> bytes:
    from offerpost_brevia.transport import _message

    return json.dumps(_message(mail)).encode()
