"""Mails that the service does not take, and lines that break."""

from __future__ import annotations

import time

import pytest

from transports.checks import Check, Step, Verdict
from transports.contract import Delivery, Status
from transports.errors import AuthError, TemporaryError, TransportError
from transports.testing.harness import Harness, arrivals
from transports.testing.mails import FROM, Mail
from transports.testing.needs import needs
from transports.testing.suite.delivered import people

PATIENCE = 30.0


class Failed:
    @needs("reject")
    def test_a_rejected_recipient_spoils_no_other(self, harness: Harness) -> None:
        harness.reject("bad@affiliate.example")
        self._one_of_three(harness, "bad@affiliate.example", Status.REJECTED)

    @needs("defer")
    def test_a_deferred_recipient_spoils_no_other(self, harness: Harness) -> None:
        harness.defer("busy@affiliate.example")
        self._one_of_three(harness, "busy@affiliate.example", Status.DEFERRED)

    @needs("wrong_secret")
    def test_a_wrong_secret_is_an_auth_error(self, harness: Harness) -> None:
        mails = people(2)
        found: list[Delivery] = []
        with harness.build(harness.wrong_secret()) as transport, pytest.raises(AuthError) as trouble:
            for delivery in transport.send(mails):
                found.append(delivery)  # noqa: PERF402 - what came before the error counts
        assert trouble.value.reason.strip(), "the error has no reason"
        assert trouble.value.hint.strip(), "the error has no hint for a person"
        assert harness.inbox() == []
        self._accounted_for(mails, found, {Status.DEFERRED})

    @needs("unreachable")
    def test_an_unreachable_service_is_temporary_and_told_soon(self, harness: Harness) -> None:
        mails = people(2)
        found: list[Delivery] = []
        started = time.monotonic()
        with harness.build(harness.unreachable()) as transport, pytest.raises(TemporaryError) as trouble:
            for delivery in transport.send(mails):
                found.append(delivery)  # noqa: PERF402
        assert time.monotonic() - started < PATIENCE
        assert trouble.value.reason.strip()
        self._accounted_for(mails, found, {Status.DEFERRED})

    @needs("cut_line")
    def test_a_lost_line_is_never_reported_as_accepted(self, harness: Harness) -> None:
        mails = people(3)
        harness.cut_line()
        found: list[Delivery] = []
        with harness.build() as transport:
            try:
                for delivery in transport.send(mails):
                    found.append(delivery)  # noqa: PERF402
            except TransportError:
                pass
        self._accounted_for(mails, found, {Status.ACCEPTED, Status.UNKNOWN, Status.DEFERRED})
        statuses = [one.status for one in found]
        assert statuses.count(Status.UNKNOWN) >= 1, f"the lost mail was reported as {statuses}"
        came = arrivals(harness.inbox())
        accepted = {one.key for one in found if one.status is Status.ACCEPTED}
        assert all(mail.recipient in came for mail in mails if mail.key in accepted), (
            "accepted, but never arrived"
        )
        assert len(came) == len(set(came)), "a lost line made a second mail"

    @needs("cut_line")
    def test_sending_goes_on_after_a_lost_line(self, harness: Harness) -> None:
        harness.cut_line()
        with harness.build() as transport:
            try:
                list(transport.send(people(1)))
            except TransportError:
                pass
            (after,) = transport.send([Mail("later@affiliate.example")])
        assert after.status is Status.ACCEPTED

    def test_a_probe_finds_a_good_service_good_and_sends_nothing(self, harness: Harness) -> None:
        checks = self._probed(harness, harness.settings())
        assert not [check for check in checks if check.verdict is Verdict.FAIL], checks
        assert harness.inbox() == []

    @needs("wrong_secret")
    def test_a_probe_tells_a_wrong_secret_with_a_remedy(self, harness: Harness) -> None:
        self._told(self._probed(harness, harness.wrong_secret()))

    @needs("unreachable")
    def test_a_probe_tells_an_unreachable_service_with_a_remedy(self, harness: Harness) -> None:
        self._told(self._probed(harness, harness.unreachable()))

    def _one_of_three(self, harness: Harness, recipient: str, status: Status) -> None:
        mails = [*people(1), Mail(recipient), Mail("last@affiliate.example")]
        with harness.build() as transport:
            found = {one.key: one for one in transport.send(mails)}
        assert [found[mail.key].status for mail in mails] == [Status.ACCEPTED, status, Status.ACCEPTED]
        assert found[mails[1].key].detail.strip(), "the service's own words are missing"
        assert arrivals(harness.inbox()) == sorted([mails[0].recipient, mails[2].recipient])

    def _accounted_for(self, mails: list[Mail], found: list[Delivery], allowed: set[Status]) -> None:
        keys = [one.key for one in found]
        assert len(keys) == len(set(keys)), "a mail has two deliveries"
        missing = {mail.key for mail in mails if mail.left} - set(keys)
        assert not missing, "a mail left and has no Delivery"
        assert {one.status for one in found} <= allowed, found

    def _probed(self, harness: Harness, typed: dict[str, str]) -> list[Check]:
        with harness.build(typed) as transport:
            checks = transport.probe(FROM)
        assert checks, "probe() found nothing"
        assert all(isinstance(check, Check) and isinstance(check.step, Step) for check in checks)
        return checks

    def _told(self, checks: list[Check]) -> None:
        failed = [check for check in checks if check.verdict is Verdict.FAIL]
        assert failed, f"probe() found nothing wrong: {checks}"
        assert all(check.words.strip() for check in failed), "a failed step needs words"
        assert any(check.remedies for check in failed), "a failed step needs a remedy"
