"""What a transport says of itself."""

from __future__ import annotations

import re
from typing import Any

from transports import fields
from transports.net import Net
from transports.soundness import fault_of
from transports.testing.harness import Harness

LOOKS_SECRET = re.compile(r"password|passwd|secret|token|api_?key|private_?key")
LOOKS_LIKE_PLACE = re.compile(
    r"^(host|server|port|security|tls|user|username|login|endpoint|(\w+_)?url|region)$"
)
ODD: tuple[Any, ...] = (None, "", " ", 0, -1, True, "x" * 5_000, "é\n\x00", "http://[", "-----BEGIN nothing")


class Declared:
    def test_the_class_is_well_formed(self, harness: Harness) -> None:
        fault = fault_of(harness.transport)
        assert fault is None, fault

    def test_every_field_has_words_for_people(self, harness: Harness) -> None:
        for field in harness.transport.fields:
            assert field.label.strip(), f"{field.name} has no label"
            assert field.label != field.name, f"the label of {field.name} is only its name"

    def test_what_looks_secret_is_marked_secret(self, harness: Harness) -> None:
        for field in harness.transport.fields:
            looks = LOOKS_SECRET.search(field.name) and not re.search(r"_(id|url)$", field.name)
            assert not looks or isinstance(field, fields.Secret), f"{field.name} must be a Secret"

    def test_what_decides_where_the_secret_goes_is_marked_as_destination(self, harness: Harness) -> None:
        declared = harness.transport.fields
        if fields.secrets(declared):
            for field in declared:
                is_place = LOOKS_LIKE_PLACE.match(field.name) and not isinstance(field, fields.Secret)
                assert not is_place or field.destination, f"{field.name} must say destination=True"

    def test_good_settings_raise_no_objection(self, harness: Harness) -> None:
        values, problems = fields.clean(harness.transport.fields, harness.settings())
        assert problems == []
        assert harness.transport.check(values) == []

    def test_check_never_raises(self, harness: Harness) -> None:
        good, _ = fields.clean(harness.transport.fields, harness.settings())
        attempts: list[dict[str, Any]] = [{}, dict.fromkeys(good)]
        attempts += [good | {name: odd} for name in good for odd in ODD]
        for attempt in attempts:
            for problem in harness.transport.check(attempt):
                assert isinstance(problem, fields.FieldProblem), f"check() returned {problem!r}"
                assert problem.field in {"", *good}, f"check() names {problem.field!r}, which is no field"

    def test_making_one_and_asking_for_its_dns_needs_no_network(self, harness: Harness) -> None:
        def offline(*_: object) -> list[str]:
            raise AssertionError("the network was used")

        transport = harness.build(net=Net(resolver=offline, mail_root=harness.mail_root))
        transport.dns(transport.settings, "network.example")
        assert harness.transport.unavailable() is None

    def test_open_and_close_may_be_called_in_any_order(self, harness: Harness) -> None:
        transport = harness.build()
        transport.close()
        transport.open(1)
        transport.open(transport.limits.connections)
        transport.open(1)
        transport.close()
        transport.close()
        with transport, transport:
            pass
