"""A real instance with affiliates, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from tests.databases import on_postgres
from webapp.affiliates.models import Affiliate
from webapp.config import Config
from webapp.desk import Desk
from webapp.mail.compose import Draft
from webapp.mail.models import Mailing
from webapp.mail.outbox.enqueue import start_mailing
from webapp.wiring import open_desk


@pytest.fixture
def postgres_url(shared_postgres_url: str) -> str:
    return shared_postgres_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path, fresh_home: Path) -> Iterator[Desk]:
    """A fresh instance on each of the two databases."""
    environ = {"OFFERPOST_HOME": str(tmp_path / "instance")}
    if request.param == "postgres":
        environ["OFFERPOST_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        desk = on_postgres(environ)
    else:
        shutil.copytree(fresh_home, tmp_path / "instance")
        desk = open_desk(Config.from_environment(environ))
    yield desk
    desk.close()


def draft(**changes: object) -> dict[str, object]:
    """What a small announcement says."""
    plain = Draft(
        subject="News for [=Affiliate.FirstName|you=]",
        html="<p>Dear [=Affiliate.FirstName|friend=], your id is [=Affiliate.ID|none=].</p>",
        from_name="Northlight",
        from_address="desk@northlight.example",
        reply_to=None,
        sender=None,
        kind="announcement",
        list_id=None,
        network_name="Northlight",
        postal_address="1 Harbour Road",
        public_url="https://desk.northlight.example",
        domain_for_message_ids="northlight.example",
    )
    return plain.as_dict() | changes


def add_affiliates(session: Session, addresses: list[str]) -> None:
    rows = [
        {
            "affiliate_id": f"A{number}",
            "email": address,
            "address": address.lower(),
            "first_name": f"Person {number}",
        }
        for number, address in enumerate(addresses, 1)
    ]
    session.execute(insert(Affiliate), rows)


def everybody() -> Select[int, str]:
    return select(Affiliate.id, Affiliate.email).order_by(Affiliate.id)


Start = Callable[..., Mailing]


def mail_to(session: Session, addresses: list[str], **options: object) -> Mailing:
    """Make these affiliates and start a mailing to all of them."""
    add_affiliates(session, addresses)
    arguments = {"content": draft(), "kind": "announcement", "server_id": 1, "created_by": None} | options
    return start_mailing(session, audience=everybody(), **arguments)  # type: ignore[arg-type]
