"""Who an audience expression names."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.affiliates.conftest import Network
from webapp.affiliates.audience import Audience, Part, audience_query, count, describe, parse, preset
from webapp.errors import Invalid


def named(session: Session, network: Network, expression: str) -> list[int]:
    rows = session.execute(audience_query(session, expression, network.tom))
    return network.numbers(row.id for row in rows)


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [
        ("all", [1, 2, 3, 4]),
        ("ALL", [1, 2, 3, 4]),
        ("my", [1, 3]),
        ("group:Solar", [1, 2]),
        ("group: solar ", [1, 2]),
        ("my:Solar", [1]),
        ("manager:Mara@northlight.example", [2]),
        ("group:Travel & more-or-less", [3]),
        ('group:"Travel & more-or-less"+manager:mara@northlight.example', [2, 3]),
        ("all-group:Solar", [3, 4]),
        ("all - manager:tom@northlight.example", [2, 4]),
        ("all-my:Solar", [2, 3, 4]),
        ("all-my+group:Solar", [2, 4]),
    ],
)
def test_an_expression_names_these(
    network: Network, session: Session, expression: str, numbers: list[int]
) -> None:
    assert named(session, network, expression) == numbers
    assert count(session, expression, network.tom) == len(numbers)


def test_only_active_affiliates_are_mailed(network: Network, session: Session) -> None:
    assert 5 not in named(session, network, "group:Solar")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("group:Solr", "There is no group “Solr”. Did you mean “Solar”?"),
        ("group:Quite another", "There is no group “Quite another”. Make the group first."),
        ("manager:tim@northlight.example", "Did you mean “tom@northlight.example”?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    network: Network, session: Session, expression: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        audience_query(session, expression, network.tom)
    assert words in refused.value.problems["audience"]


@pytest.mark.parametrize(
    "expression", ["", "everyone", "all+", "-group:Solar", "group:", 'group:"Solar', 'group:"a"b']
)
def test_a_malformed_expression_is_refused_with_a_remedy(expression: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(expression)
    assert refused.value.problems["audience"].endswith(".")


def test_my_needs_somebody_who_asks(network: Network, session: Session) -> None:
    with pytest.raises(Invalid, match="manager:EMAIL"):
        audience_query(session, "my", None)


def test_an_audience_of_own_affiliates_is_known_as_such() -> None:
    assert parse("my+my:Solar-group:Travel").only_own
    assert not parse("my+group:Solar").only_own


def test_a_preset_without_its_group_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        preset("my_group")
    assert "group" in refused.value.problems


@pytest.mark.parametrize(
    ("kind", "expression"),
    [("all", "all"), ("my", "my"), ("group", "group:Solar"), ("my_group", "my:Solar")],
)
def test_a_preset_becomes_an_expression(kind: str, expression: str) -> None:
    assert preset(kind, "Solar") == expression


def test_an_expression_is_described_in_words(session: Session) -> None:
    assert describe(session, "all-my:Solar") == "All affiliates, without my affiliates in group Solar"


names = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)
parts = st.one_of(
    st.just(Part("all")),
    st.just(Part("my")),
    st.builds(Part, st.sampled_from(["group", "my_group", "manager"]), names),
)


@given(st.lists(parts, min_size=1, max_size=4), st.lists(parts, max_size=3))
def test_what_is_written_is_read_again(added: list[Part], taken_out: list[Part]) -> None:
    audience = Audience(tuple(added), tuple(taken_out))
    assert parse(str(audience)) == audience


@pytest.mark.parametrize(
    "hostile", ["group:" + "+ " * 240, "all" + "+" * 490, "group:" + " " * 490, 'group:"' + '""' * 240]
)
def test_an_adversarial_expression_is_read_at_once(hostile: str) -> None:
    began = time.process_time()
    with contextlib.suppress(Invalid):
        parse(hostile)
    assert time.process_time() - began < 0.1
