"""The same on PostgreSQL: every rule is asked there once."""

import pytest

from tests.affiliates.conftest import Network, network
from tests.segments.conftest import Names
from tests.segments.test_activity import attempt, kept, mails
from webapp.desk import Desk
from webapp.segments import activity
from webapp.segments.fields import DAY, DAYS, FIELDS, NONE
from webapp.segments.rules import Rule

__all__ = ["mails", "network"]
pytestmark = pytest.mark.postgres
VALUES = {
    "status": "active",
    "group": "0",
    "manager": "me",
    "offer": "3071",
    "news": "offers",
    "country": "GB",
}


@pytest.fixture
def environ(environ: dict[str, str], postgres_url: str) -> dict[str, str]:
    return environ | {"OFFERPOST_DATABASE_URL": postgres_url}


def test_every_rule_and_the_activity_work_on_postgresql(
    desk: Desk, names: Names, rich: Network, mails: list[int]
) -> None:
    for known in FIELDS.values():
        for op, (_, asked) in known.ops.items():
            value = {NONE: "", DAYS: "30", DAY: "2026-01-01"}.get(asked, VALUES.get(known.key, "vip"))
            assert set(names([Rule(known.key, op, (value,) if value else ())])) <= {1, 2, 3, 4, 5}
    assert names([Rule("company", "begins", ("mÜ",))], out=[Rule("mailed", "never")]) == [1]
    attempt(desk, mails[2])
    activity.catch_up(desk, settled=activity.SETTLED * 0)
    assert kept(desk, rich)[3].mailed_at is not None
