"""The small promises of the contract's types."""

import pytest

from transports.contract import Delivery, Stage, Status
from transports.said import printable


def delivery(**more: object) -> Delivery:
    return Delivery("1", Status.REJECTED, Stage.RCPT, **more)  # type: ignore[arg-type]


def test_a_code_gives_its_two_halves():
    both = delivery(code="550 5.1.1")
    assert (both.reply, both.enhanced) == ("550", "5.1.1")
    assert (delivery(code="429").reply, delivery(code="429").enhanced) == ("429", "")
    assert delivery(code="").reply == ""


def test_the_words_of_a_server_are_cut_and_made_printable():
    assert delivery(detail="no\r\nsuch\x00user").detail == "no  such?user"
    assert len(delivery(detail="x" * 10_000).detail) == 500


def test_bytes_that_are_no_text_are_shown_all_the_same():
    assert printable(b"caf\xe9 \xff") == "caf\ufffd \ufffd"


def test_a_delivery_without_a_real_status_is_refused():
    with pytest.raises(TypeError):
        Delivery("1", "delivered", Stage.DOT)  # type: ignore[arg-type]
