"""The main job: a list of 1,000 affiliates is imported and mailed; each mail is compared where it arrived."""

import csv
import os
import re
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.journeys.instance import Instance
from tests.journeys.mail_server import PASSWORD, USER, MailServer
from tests.transports.ses.service import KEY_ID, REGION, SECRET, FakeSes
from transports.testing.servers import WebAnswer, WebRequest, WebServer

COUNT = 1000
SUBJECT = "News for [=Affiliate.CompanyName|you=]"
HTML = (
    "<p>Hi [=Affiliate.FirstName|there=],</p><p>your number is <b>[=Affiliate.ID=]</b>, your manager "
    '[=AffiliateManager.FirstName|nobody yet=].</p><p><a href="https://track.example/?a=[=Affiliate.ID=]&b=[=Affiliate.AltID|x=]">Go</a></p>'
)
NAMES = ("Zoë", "O’Neill & Sons", "<b>Bold</b>", "=1+1", "Åsa", "李", "Ana, Maria", "")

Make = Callable[..., Instance]


@pytest.fixture
def people(tmp_path: Path) -> list[dict[str, str]]:
    return [
        {
            "affiliate_id": str(1000 + number),
            "email": f"Person{number}@partner-{number % 7}.example",
            "first_name": NAMES[number % len(NAMES)],
            "company": f"Company {number} “{NAMES[number % len(NAMES)]}”",
            "alt_id": f"a b&c={number}",
        }
        for number in range(COUNT)
    ]


@pytest.fixture
def list_of_affiliates(tmp_path: Path, people: list[dict[str, str]]) -> Path:
    path = tmp_path / "affiliates.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(people[0]))
        writer.writeheader()
        writer.writerows(people)
    return path


@pytest.fixture
def message(tmp_path: Path) -> Path:
    path = tmp_path / "message.html"
    path.write_text(HTML, "utf-8")
    return path


def introduce(instance: Instance) -> None:
    instance.run(
        "settings",
        "set",
        "network_name=Northlight Partners",
        "postal_address=Hamngatan 4, Göteborg",
        "from_name=Northlight Partners",
        "from_address=partners@mail.northlight.example",
        "reply_to=support@northlight.example",
        "public_url=https://post.northlight.example",
    )


def mail_everybody(instance: Instance, list_of_affiliates: Path, message: Path) -> dict[str, object]:
    instance.run("affiliates", "import", str(list_of_affiliates))
    made = instance.json(
        "broadcast", "create", "--name", "News", "--subject", SUBJECT, "--html", str(message)
    )
    instance.work()
    status = instance.json("broadcast", "start", str(made["id"]), "--wait", timeout=300)
    instance.stop()  # before the servers it keeps connections to
    return dict(status)


def compare(mails: list[tuple[str, EmailMessage]], people: list[dict[str, str]]) -> None:
    """Right person, right tokens, no duplicates, none missing."""
    assert Counter(recipient for recipient, _ in mails) == Counter(person["email"] for person in people)
    by_address = {person["email"]: person for person in people}
    for recipient, mail in mails:
        person = by_address[recipient]
        assert str(mail["Subject"]) == f"News for {person['company']}"
        html, text = body(mail, "html"), body(mail, "plain")
        assert f"<b>{person['affiliate_id']}</b>" in html
        assert f'?a={person["affiliate_id"]}&b={quote(person["alt_id"], safe="")}"' in unescape(html)
        greeting = person["first_name"] or "there"
        assert f"Hi {greeting}," in text
        assert "<b>Bold</b>" not in html
        assert "nobody yet" in text
        assert "[=" not in html + text
        assert re.fullmatch(r"<https://post\.northlight\.example/u/\S+>", mail["List-Unsubscribe"])
    assert len({str(mail["Message-ID"]) for _, mail in mails}) == len(people)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_through_a_real_smtp_server_with_tls_and_a_password(
    make_instance: Make, tmp_path: Path, list_of_affiliates: Path, message: Path, people: list[dict[str, str]]
) -> None:
    with MailServer() as server:
        authority = tmp_path / "authority.pem"
        server.authority.cert_pem.write_to_path(authority)
        instance = make_instance(OFFERPOST_ALLOW_HOSTS=f"localhost:{server.port}", SMTP_PASSWORD=PASSWORD)
        introduce(instance)
        instance.run(
            *("server", "add", "smtp", "Own", "host=localhost", f"port={server.port}", "security=starttls"),
            *(f"username={USER}", "password=env:SMTP_PASSWORD", f"ca_pem=@{authority}", "connections=10"),
        )
        instance.run("server", "default", "Own")
        instance.run("server", "probe", "Own")
        status = mail_everybody(instance, list_of_affiliates, message)
        assert status["state"] == "finished"
        assert status["counts"] == dict.fromkeys(status["counts"], 0) | {"sent": COUNT}
        compare([(mail.recipient, mail.message) for mail in server.mails], people)


def test_through_an_api_that_checks_every_signature(
    make_instance: Make, tmp_path: Path, list_of_affiliates: Path, message: Path, people: list[dict[str, str]]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with FakeSes() as service:
        instance = make_instance(OFFERPOST_ALLOW_HOSTS=service.url.removeprefix("http://"))
        introduce(instance)
        instance.run(
            *("server", "add", "ses", "Api", f"region={REGION}", f"access_key_id={KEY_ID}"),
            *(f"secret_access_key=@{secret}", f"endpoint={service.url}", "connections=10"),
        )
        instance.run("server", "default", "Api")
        status = mail_everybody(instance, list_of_affiliates, message)
        assert (status["state"], status["counts"]["sent"]) == ("finished", COUNT)  # type: ignore[index]
        mails = [message_from_bytes(content, policy=policy.default) for _, _, content in service.inbox]
        recipients = [recipient for _, recipient, _ in service.inbox]
        compare(list(zip(recipients, mails, strict=True)), people)  # type: ignore[arg-type]


def test_through_a_transport_that_a_stranger_wrote_and_pip_installed(
    make_instance: Make,
    strangers_package: Path,
    list_of_affiliates: Path,
    message: Path,
    people: list[dict[str, str]],
) -> None:
    taken: list[dict[str, str]] = []

    def answer(request: WebRequest) -> WebAnswer:
        if request.headers.get("authorization") != "Bearer brevia-key":
            return WebAnswer(401, {"error": "unknown key"})
        taken.append(request.json())
        return WebAnswer(202, {"id": f"br-{len(taken)}"})

    with WebServer(answer) as service:
        instance = make_instance(
            OFFERPOST_ALLOW_HOSTS=service.url.removeprefix("http://"), BREVIA_KEY="brevia-key"
        )
        instance.environ["PYTHONPATH"] += os.pathsep + str(strangers_package)
        introduce(instance)
        instance.run(
            "server", "add", "brevia", "Stranger", f"endpoint={service.url}", "api_key=env:BREVIA_KEY"
        )
        instance.run("server", "default", "Stranger")
        status = mail_everybody(instance, list_of_affiliates, message)
    assert (status["state"], status["counts"]["sent"]) == ("finished", COUNT)  # type: ignore[index]
    assert Counter(mail["to"] for mail in taken) == Counter(person["email"] for person in people)
    subjects = {person["email"]: f"News for {person['company']}" for person in people}
    assert all(mail["subject"] == subjects[mail["to"]] for mail in taken)


def test_into_the_folder_of_a_fresh_instance(
    make_instance: Make, list_of_affiliates: Path, message: Path, people: list[dict[str, str]]
) -> None:
    instance = make_instance()
    introduce(instance)
    status = mail_everybody(instance, list_of_affiliates, message)
    assert status["state"] == "finished"
    files = list((instance.home / "mail").rglob("*.eml"))
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    compare([(mail["To"].addresses[0].addr_spec, mail) for mail in mails], people)  # type: ignore[misc]
