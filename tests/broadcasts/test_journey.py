"""From the form to the mail and back: written, looked over, sent by the real sender, left by the link, not mailed again."""

import re

from tests.broadcasts.sending import folder, sender, until
from tests.broadcasts.test_sending import press_send
from tests.broadcasts.test_writing import typed
from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.mail.models import Mailing, OutboxMail, Suppression

SCANNERS = (
    "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "Microsoft Office Outlook SafeLinks",
    "GoogleImageProxy",
    "Proofpoint URL Defense",
    "Mimecast",
    "curl/8",
)
LINKS = (
    '<p>Hi [=Affiliate.FirstName|there=], <a href="[=AutoLogin=]">your page</a>, and how to '
    '<a href="[=Network.LoginURL=]">come in</a> later.</p><p><a href="[=Preferences.Link=]">News</a></p>'
)


def over(desk: Desk) -> bool:
    with desk.reading() as session:
        mailings = session.query(Mailing).all()
        waiting = (
            session.query(OutboxMail).filter(OutboxMail.state.in_(("queued", "sending", "deferred"))).count()
        )
        return bool(mailings) and not waiting and all(one.state.startswith("finished") for one in mailings)


def dump(desk: Desk) -> list[str]:
    connection = desk.engine.raw_connection()
    try:
        return list(connection.driver_connection.iterdump())  # type: ignore[union-attr]
    finally:
        connection.close()


def link(mail) -> str:  # type: ignore[no-untyped-def]
    return str(mail["List-Unsubscribe"]).strip("<>").partition("example.com")[2]


def written(owner: Person, desk: Desk, **fields: str) -> Broadcast:
    owner.post("/messages/new", typed(**fields))
    with desk.reading() as session:
        return session.query(Broadcast).order_by(Broadcast.id.desc()).first()  # type: ignore[return-value]


def test_a_message_reaches_each_affiliate_with_his_own_data_once(
    network: Desk, owner: Person, affiliate: MakeAffiliate
) -> None:
    for number in range(3):
        affiliate(f"Company {number}", email=f"a{number}@a.example.com", first_name=f"Name{number}")
    broadcast = written(owner, network)
    press_send(owner, broadcast)
    with sender(network):
        until(lambda: over(network))
    mails = folder(network)
    assert len(mails) == 3
    for number, mail in enumerate(mails):
        body = mail.get_body(("html",))
        assert body is not None
        assert f"Hi Name{number}, good news for Company {number}." in body.get_content()
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    said = words(owner.get(f"/messages/{broadcast.id}"))
    assert "Finished" in said
    assert "Every one of the 3 recipients has an outcome. 3 were accepted" in said


def test_programs_that_open_every_link_of_a_mail_change_nothing(
    network: Desk, owner: Person, affiliate: MakeAffiliate, stranger: Person
) -> None:
    affiliate()
    press_send(owner, written(owner, network, html=LINKS))
    with sender(network):
        until(lambda: over(network))
    (mail,) = folder(network)
    body = mail.get_body(("html",))
    assert body is not None
    links = {
        link(mail),
        *re.findall(r'href="https://desk\.northlight\.example\.com([^"]*)"', body.get_content()),
    }
    assert len(links) >= 4
    before = dump(network)
    for path in links:
        for agent in SCANNERS:
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = stranger.client.open(path, method=method, headers={"User-Agent": agent})
                assert answer.status_code == 200
    assert dump(network) == before
    (link_of_his_own,) = (path for path in links if path.startswith("/l/a/"))
    assert "My offers" in words(stranger.post(link_of_his_own, follow=True))  # and it is not spent


def test_who_leaves_by_one_click_is_suppressed_in_the_next_announcement(
    network: Desk, owner: Person, affiliate: MakeAffiliate, stranger: Person
) -> None:
    affiliate("Adtrail", email="left@a.example.com")
    affiliate("Bluewave", email="stays@b.example.com")
    press_send(owner, written(owner, network))
    with sender(network):
        until(lambda: over(network))
        leaving = link(next(mail for mail in folder(network) if "left@" in mail["To"]))
        assert stranger.client.post(leaving, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        press_send(owner, written(owner, network))
        until(lambda: over(network))
    with network.reading() as session:
        newest = session.query(OutboxMail).order_by(OutboxMail.id.desc()).limit(2)
        assert {mail.address: (mail.state, mail.reason) for mail in newest} == {
            "left@a.example.com": ("suppressed", "unsubscribed"),
            "stays@b.example.com": ("sent", ""),
        }
        assert session.query(Suppression).one().scope == "announcement"


def test_a_test_mail_arrives_filled_and_says_so(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    one = affiliate("Adtrail", first_name="Dana")
    draft = message()
    assert owner.user is not None
    answer = owner.post(f"/messages/{draft.id}/test", {"as": str(one.id), "to": str(owner.user.id)})
    with sender(network):
        until(lambda: "The next mail server took it" in words(owner.get(answer.location)))
    (mail,) = folder(network)
    assert mail["Subject"] == "[Test] Solara pays more"
    assert "mara@desk.example.com" in mail["To"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Hi Dana, good news for Adtrail." in body.get_content()
