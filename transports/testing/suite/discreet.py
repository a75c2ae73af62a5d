"""Secrets that stay inside."""

from __future__ import annotations

import base64
import logging
from urllib.parse import quote

import pytest

from transports.errors import TransportError
from transports.testing.harness import Harness
from transports.testing.mails import FROM, Mail
from transports.testing.needs import needs


class Discreet:
    def test_a_good_round_tells_no_secret(
        self, harness: Harness, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self._tells_nothing(harness, harness.settings(), caplog, capfd)

    @needs("wrong_secret")
    def test_a_refused_secret_is_not_told_either(
        self, harness: Harness, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self._tells_nothing(harness, harness.wrong_secret(), caplog, capfd)

    @needs("unreachable")
    def test_an_unreachable_service_makes_no_secret_known(
        self, harness: Harness, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        self._tells_nothing(harness, harness.unreachable(), caplog, capfd)

    def _tells_nothing(
        self,
        harness: Harness,
        typed: dict[str, str],
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(logging.DEBUG)
        told: list[object] = []
        with harness.build(typed) as transport:
            told += [repr(transport), str(transport), *transport.probe(FROM)]
            try:
                told += list(transport.send([Mail(), Mail()]))
            except TransportError as trouble:
                told += [
                    repr(trouble),
                    trouble.reason,
                    trouble.detail,
                    trouble.hint,
                    trouble.args,
                    trouble.__cause__,
                ]
                told += [trouble.__context__ if not trouble.__suppress_context__ else ""]
        told += [caplog.text, *(str(record.__dict__) for record in caplog.records), *capfd.readouterr()]
        everything = "\n".join(str(one) for one in told)
        for secret in (harness.secret, harness.false_secret):
            for spelling in (secret, quote(secret), base64.b64encode(secret.encode()).decode().rstrip("=")):
                assert spelling not in everything, "a secret was told"
