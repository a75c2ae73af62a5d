"""What others say: our own web server, the DNS, SpamAssassin and rspamd, each for real or as a server on loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.domains.zones import DnsServer
from tests.mail.check.letters import HTML, LEAVE, letter
from transports.net import Net
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.check import Mail
from webapp.mail.models import Suppression
from webapp.mail.unsubscribe import THROW_AWAY, unsubscribe_url
from webapp.mailcheck import outside
from webapp.mailcheck.outside import hosts, one_click, rspamd, scorers
from webapp.mailcheck.outside.score import NoScore, judged

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
Answer = tuple[int, bytes]


@contextmanager
def web(answers: Callable[[str], Answer]) -> Iterator[tuple[str, Net, list[bytes]]]:
    """A web server on loopback that answers by method; its address, a way to it, and the bodies that came."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            status, body = answers(self.command)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        place = f"127.0.0.1:{server.server_port}"
        yield f"http://{place}", Net(frozenset({place})), bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def leaving_to(url: str) -> Mail:
    return Mail(letter(List_Unsubscribe=f"<{url}>"))


def test_the_one_click_works_at_our_own_server_and_changes_nothing(app: Flask, network: Desk) -> None:
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        place = f"127.0.0.1:{server.server_port}"
        url = unsubscribe_url(network.vault, f"http://{place}", THROW_AWAY)
        found = one_click.works(Net(frozenset({place})), leaving_to(url))
        forged = one_click.works(Net(frozenset({place})), leaving_to(url[:-3] + "abc"))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found.verdict == "pass", found
    assert forged.verdict == "fail", "a link that is not ours must not be called working"
    with network.reading() as session:
        assert session.query(Suppression).count() == 0
        assert not suppressions.is_suppressed(session, "nobody@example.com", "announcement")


@pytest.mark.parametrize(
    ("post", "get", "verdict", "said"),
    [
        (200, 200, "pass", "at once"),
        (302, 200, "fail", "redirected"),
        (403, 200, "fail", "403"),
        (200, 404, "fail", "404"),
    ],
)
def test_a_click_that_does_not_work_is_named(post: int, get: int, verdict: str, said: str) -> None:
    with web(lambda method: (post if method == "POST" else get, b"")) as (url, net, bodies):
        found = one_click.works(net, leaving_to(f"{url}/u/1"))
    assert (found.verdict, said in found.words) == (verdict, True), found
    assert bodies[0] == b"List-Unsubscribe=One-Click"


def test_a_server_that_cannot_be_asked_is_unknown_and_mail_without_the_field_needs_none() -> None:
    assert one_click.works(Net(frozenset()), leaving_to("http://127.0.0.1:9/u/1")).verdict == "unknown"
    assert one_click.works(Net(frozenset()), Mail(letter(List_Unsubscribe=None))).verdict == "n/a"


def test_only_a_clear_no_of_the_dns_is_a_fail() -> None:
    server = DnsServer()
    try:
        server.fresh("desk.example.com A 192.0.2.1")
        seen = {
            name: hosts.exist(server.address, [Mail(letter(HTML.replace(LEAVE, url)))]).verdict
            for name, url in {
                "there": "https://desk.example.com/u/1",
                "gone": "https://gone.example.com/",
                "number": "https://192.0.2.9/",
                "damaged": "https://[::1/",
            }.items()
        }
    finally:
        server.close()
    assert seen == {"there": "pass", "gone": "fail", "number": "n/a", "damaged": "n/a"}


def test_spamassassin_judges_many_mails_in_one_run_each_under_its_own_number(spamassassin: str) -> None:
    spam = letter(text=GTUBE, html=f"<p>From here\n{GTUBE}</p>")
    mails = [spam, *(letter() for _ in range(3)), spam]
    scores = scorers.spamassassin.scores(spamassassin, mails, 60)
    assert [one.points > 900 for one in scores] == [True, False, False, False, True]
    found = judged(scores[0])
    assert found.verdict == "fail"
    assert "GTUBE" in str(found.evidence[0])


def test_a_filter_that_takes_too_long_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "spamassassin"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    with pytest.raises(NoScore, match=r"within 0\.3 seconds"):
        scorers.spamassassin.scores(str(slow), [letter()], 0.3)
    slow.write_text("#!/bin/sh\ncat >/dev/null; echo nothing\n")
    with pytest.raises(NoScore):
        scorers.spamassassin.score(str(slow), letter())


def test_an_rspamd_that_was_named_is_asked_and_gets_the_mail_as_it_is() -> None:
    symbols = {"R_SUSPICIOUS_IMAGES": {"name": "R_SUSPICIOUS_IMAGES", "score": 5.0, "description": "images"}}
    answer = json.dumps({"score": 5.2, "symbols": symbols}).encode()
    with web(lambda _method: (200, answer)) as (url, net, bodies):
        found = judged(rspamd.score(net, url, letter()))
    assert bodies == [letter()]
    assert found.verdict == "warn"
    assert str(found.evidence[0]) == "rspamd: +5.0 R_SUSPICIOUS_IMAGES: images"


@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, b"[]"), (200, b"{}"), (500, b"")])
def test_what_is_no_rspamd_is_unknown(answer: Answer) -> None:
    with web(lambda _method: answer) as (url, net, _), pytest.raises(NoScore, match="rspamd"):
        rspamd.score(net, url, letter())


def test_without_any_filter_nobody_claims_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = {
        one.rule.id: one.finding
        for one in outside.ask(Net(frozenset()), [letter("")], resolver=None, rspamd_url="")
    }
    assert found["M16"].verdict == "unknown"
    assert "Install SpamAssassin" in found["M16"].remedy
