"""`offerpost doctor` finds the usual mistakes and says what to do about each."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.keeping.conftest import Offerpost
from transports.registry import Registry
from webapp.cli import surroundings
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import heartbeat
from webapp.mail.models import SenderProcess
from webapp.settings import store
from webapp.settings.models import MailServer, MailServerSecret

Examine = Callable[[], dict[str, list[tuple[str, str]]]]


@pytest.fixture
def examine(desk: Desk, offerpost: Offerpost) -> Examine:
    """What it finds: for each check (verdict, sentence with the remedy)."""

    def found() -> dict[str, list[tuple[str, str]]]:
        findings = json.loads(offerpost("doctor", "--json").stdout)["findings"]
        by_check: dict[str, list[tuple[str, str]]] = {}
        for one in findings:
            by_check.setdefault(one["check"], []).append((one["verdict"], f"{one['said']} {one['remedy']}"))
        return by_check

    return found


def server(desk: Desk, **values: object) -> None:
    with desk.session() as session:
        session.execute(update(MailServer).values(is_default=False))
        session.add(
            MailServer(**{"public_id": "s", "name": "Own", "kind": "smtp", "is_default": True} | values)
        )


def test_a_fresh_instance_lacks_only_a_sender(examine: Examine, offerpost: Offerpost) -> None:
    found = examine()
    failed = [check for check, said in found.items() if "fail" in [verdict for verdict, _ in said]]
    assert failed == ["sender"]
    assert offerpost("doctor").exit_code == 1


def test_with_a_sender_nothing_is_broken(desk: Desk, offerpost: Offerpost) -> None:
    with desk.session() as session:
        heartbeat.begin(session, "host", "boot")
    assert offerpost("doctor").exit_code == 0


def test_files_that_others_read_are_named_with_the_command(desk: Desk, examine: Examine) -> None:
    desk.config.key_file.chmod(0o644)
    (desk.config.home / "offerpost.db").chmod(0o640)
    found = examine()
    assert found["key file"] == [
        ("fail", f"offerpost.key can be read by others (mode 644). chmod 600 {desk.config.key_file}")
    ]
    assert found["database file"][0][0] == "warn"


def test_sqlite_on_a_network_file_system_is_a_mistake(
    desk: Desk, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "file_system_of", lambda path: "nfs4")
    [(verdict, said)] = examine()["database file"]
    assert (verdict, "PostgreSQL" in said) == ("fail", True)


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:5 / /srv\\040net rw shared:1 - nfs4 host:/x rw\n"
        "3 1 0:6 / /srv rw - xfs /dev/sdb rw\n"
    )
    kinds = [surroundings.file_system_of(Path(p), mounts) for p in ("/srv net/a", "/srv/a", "/srvx", "/var")]
    assert kinds == ["nfs4", "xfs", "ext4", "ext4"]
    assert surroundings.file_system_of(Path("/var"), tmp_path / "none") == ""


@pytest.mark.parametrize(("ahead", "verdict"), [(3, "pass"), (30, "warn"), (600, "fail")])
def test_a_sender_whose_clock_is_ahead_is_noticed(
    desk: Desk, examine: Examine, ahead: int, verdict: str
) -> None:
    with desk.session() as session:
        heartbeat.begin(session, "host", "boot")
        session.execute(update(SenderProcess).values(beat_at=utcnow() + timedelta(seconds=ahead)))
    assert examine()["clocks"][0][0] == verdict


@pytest.mark.postgres
def test_the_clock_of_postgresql_is_asked(
    environ: dict[str, str], postgres_url: str, desk: Desk, offerpost: Offerpost
) -> None:
    environ["OFFERPOST_DATABASE_URL"] = postgres_url
    found = json.loads(offerpost("doctor", "--json").stdout)["findings"]
    assert [one["verdict"] for one in found if one["check"] in ("clocks", "jobs")] == ["pass", "pass"]


def test_a_store_of_jobs_that_does_not_answer_is_named(examine: Examine, environ: dict[str, str]) -> None:
    environ["OFFERPOST_JOBS_URL"] = "redis://127.0.0.1:9"
    [(verdict, said)] = examine()["jobs"]
    assert (verdict, "OFFERPOST_JOBS_URL" in said) == ("fail", True)


def test_a_secret_of_another_key_is_found_before_a_mail_fails(desk: Desk, examine: Examine) -> None:
    server(desk, values={"host": "mail.x.example"}, secrets=[MailServerSecret(field="password", sealed="x")])
    assert [verdict for verdict, said in examine()["mail servers"] if "right key file" in said] == ["fail"]


def test_a_variable_that_is_not_set_is_named(desk: Desk, examine: Examine) -> None:
    server(desk, values={"host": "env:NO_SUCH_HOST"})
    assert any("NO_SUCH_HOST is not set" in said for _, said in examine()["mail servers"])


def test_a_package_that_a_server_needs_is_named(
    desk: Desk, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ses] = [kind for kind in Registry.discover(desk.config.plugins).kinds() if kind.kind == "ses"]
    monkeypatch.setattr(ses, "unavailable", classmethod(lambda cls: "install offerpost[ses]."))
    server(desk, kind="ses")
    assert any("offerpost[ses]" in said for _, said in examine()["mail servers"])


def test_a_public_desk_that_mails_into_a_folder_is_warned(desk: Desk, examine: Examine) -> None:
    assert not any("reaches nobody" in said for _, said in examine()["mail servers"])
    server(desk, kind="folder")
    with desk.session() as session:
        store.put(session, {"public_url": "https://desk.network.example"})
    assert any("reaches nobody" in said for _, said in examine()["mail servers"])


def test_a_zone_that_this_machine_does_not_know_is_named(
    desk: Desk, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(name: str) -> None:
        raise surroundings.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(surroundings, "ZoneInfo", unknown)
    [(verdict, said)] = examine()["time zone"]
    assert (verdict, "tzdata" in said) == ("fail", True)
