"""Headers of a mail that arrived, judged."""

import pytest

from tests.browser import Person, words
from webapp.domains.arrival import judge
from webapp.errors import Invalid

GOOD = """\
Received: from smtp1.northlight.example (smtp1.northlight.example. [203.0.113.25])
        by mx.receiver.test with ESMTPS id 1 (version=TLS1_3 cipher=X); Mon, 23 Nov 2026 10:00:00 +0000
Authentication-Results: mx.receiver.test;
       dkim=pass header.i=@mail.northlight.example header.s=op1 header.b=abc;
       spf=pass (sender is allowed) smtp.mailfrom=b+1@bounce.northlight.example;
       dmarc=pass (p=QUARANTINE) header.from=mail.northlight.example
DKIM-Signature: v=1; a=rsa-sha256; d=mail.northlight.example; s=op1;
  h=From:Subject:List-Unsubscribe:List-Unsubscribe-Post; bh=x; b=y
From: Northlight <partners@mail.northlight.example>
Subject: News
List-Unsubscribe: <https://desk.northlight.example/u/abc>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
"""


def verdicts(text: str) -> dict[str, str]:
    return {title: str(one.verdict) for title, one in judge(text).findings.items()}


def test_a_mail_that_is_in_order_passes_everything() -> None:
    assert set(verdicts(GOOD).values()) == {"pass"}
    assert judge(GOOD).dkim == "pass"


@pytest.mark.parametrize(
    ("title", "verdict", "before", "after"),
    [
        ("SPF", "fail", "spf=pass", "spf=softfail"),
        ("SPF", "warn", "b+1@bounce.northlight.example", "x@bounces.desk.test"),
        ("SPF", "unknown", "spf=pass", "x=pass"),
        ("DKIM", "fail", "dkim=pass", "dkim=fail"),
        ("DKIM", "fail", "dkim=pass header.i=@mail.northlight.example header.s=op1 header.b=abc;", ""),
        ("DKIM", "warn", "header.i=@mail.northlight.example", "header.d=desk.test"),
        ("DMARC", "fail", "dmarc=pass", "dmarc=fail"),
        ("DMARC", "fail", "dmarc=pass", "dmarc=none"),
        ("Encryption", "warn", "with ESMTPS id 1 (version=TLS1_3 cipher=X)", "with SMTP id 1"),
        ("One-click unsubscribe", "fail", "<https://desk", "<http://desk"),
        ("One-click unsubscribe", "fail", ":List-Unsubscribe-Post;", ";"),
        ("One-click unsubscribe", "fail", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", ""),
    ],
)
def test_one_fault_is_found_as_that_fault(title: str, verdict: str, before: str, after: str) -> None:
    assert before in GOOD
    assert verdicts(GOOD.replace(before, after))[title] == verdict


def test_a_header_that_the_sender_wrote_himself_is_not_believed() -> None:
    forged = (
        GOOD.replace("dkim=pass", "dkim=fail")
        + "Authentication-Results: x; dkim=pass header.d=mail.northlight.example\n"
    )
    assert verdicts(forged)["DKIM"] == "fail"


@pytest.mark.parametrize("text", ["", "hello", "From: a@b.example\n", "x" * 300_000])
def test_what_are_no_headers_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        judge(text)
    assert "headers" in refused.value.problems


def test_the_page_keeps_the_verdicts_and_not_the_headers(owner: Person) -> None:
    assert "A mail from mail.northlight.example" in words(owner.post("/domain-check/live", {"headers": GOOD}))
    assert owner.post("/domain-check/live", {"headers": "hello"}).status_code == 400
