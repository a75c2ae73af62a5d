"""Whom rules name."""

import pytest

from tests.affiliates.conftest import Network
from tests.segments.conftest import Names
from webapp.errors import Invalid
from webapp.segments.checking import checked
from webapp.segments.fields import FIELDS
from webapp.segments.rules import MOST_GROUPS, MOST_RULES, Group, Rule, as_plain, from_plain

ALL = [1, 2, 3, 4, 5]


NAMED: list[tuple[Rule, list[int]]] = [
    (Rule("status", "any", ("active",)), [1, 2, 3, 4]),
    (Rule("status", "no", ("active", "pending")), [5]),
    (Rule("company", "contains", ("%",)), [4]),
    (Rule("company", "contains", ("SOLAR",)), [4]),
    (Rule("company", "lacks", ("solar",)), [1, 2, 3, 5]),
    (Rule("company", "begins", ("Mü",)), [1]),
    (Rule("company", "is", ("müller & söhne",)), [1]),
    (Rule("company", "is_not", ("Müller & Söhne",)), [2, 3, 4, 5]),
    (Rule("company", "empty"), [2, 3, 5]),
    (Rule("company", "filled"), [1, 4]),
    (Rule("company", "is", ("_" * 14,)), []),
    (Rule("affiliate_id", "begins", ("1000",)), ALL),
    (Rule("email", "is", ("PARTNER2@example.com",)), [2]),
    (Rule("additional_data1", "contains", ("wire",)), [2]),
    (Rule("tags", "any", ("gold", "100%")), [1, 2]),
    (Rule("tags", "all", ("gold", "vip")), [1]),
    (Rule("tags", "no", ("gold",)), [2, 3, 4, 5]),
    (Rule("tags", "any", ("vi",)), []),
    (Rule("tags", "empty"), [3, 4, 5]),
    (Rule("country", "any", ("GB", "IE")), [1, 2]),
    (Rule("country", "no", ("GB",)), [2, 3, 4, 5]),
    (Rule("language", "filled"), [1]),
    (Rule("group", "any", ("0",)), [4]),
    (Rule("manager", "any", ("0",)), [4]),
    (Rule("added", "older", ("365",)), [4]),
    (Rule("added", "within", ("365",)), [1, 2, 3, 5]),
    (Rule("added", "since", ("2020-01-01",)), ALL),
    (Rule("added", "before", ("2020-01-01",)), []),
    (Rule("tax_form", "empty"), ALL),
    (Rule("offer", "on", ("3071",)), [1]),
    (Rule("offer", "not_on", ("3071",)), [2, 3, 4, 5]),
    (Rule("offer", "requested", ("3071",)), [2]),
    (Rule("offer", "refused", ("3071",)), [3]),
    (Rule("offer", "without", ("3071",)), [4, 5]),
    (Rule("category", "on", ("energy",)), [1]),
    (Rule("category", "not_on", ("Energy",)), [2, 3, 4, 5]),
    (Rule("running", "some"), [1]),
    (Rule("running", "nothing"), [2, 3, 4, 5]),
    (Rule("mailed", "within", ("30",)), [1]),
    (Rule("mailed", "not_within", ("30",)), [2, 3, 4, 5]),
    (Rule("mailed", "never"), [3, 4, 5]),
    (Rule("clicked", "ever"), [1]),
    (Rule("bounced", "within", ("100",)), [2]),
    (Rule("complained", "ever"), []),
    (Rule("news", "left", ("offers",)), [3]),
    (Rule("news", "wants", ("newsletter",)), ALL),
]


def test_each_rule_names_those_who_meet_it(names: Names) -> None:
    """All in one instance: to make one for each would take longer than to ask."""
    tidy = [(checked(None, [Group((rule,))])[0].rules[0], numbers) for rule, numbers in NAMED]
    found = {str(rule): names([rule]) for rule, _ in tidy}
    assert found == {str(rule): numbers for rule, numbers in tidy}


def test_rules_of_a_group_hold_together_groups_each_for_itself_and_some_are_left_out(names: Names) -> None:
    vip, british = Rule("tags", "any", ("vip",)), Rule("country", "any", ("GB",))
    quiet, gold = Rule("mailed", "never"), Rule("tags", "any", ("gold",))
    assert names([vip, british]) == [1]
    assert names([vip], [quiet]) == ALL
    assert names([vip], [quiet], out=[gold]) == [2, 3, 4, 5]


def test_with_nothing_but_left_out_groups_everybody_else_is_named(names: Names) -> None:
    managed = [Rule("manager", "no", ("0",))]
    assert names(out=managed) == [4]


def test_whoever_looks_is_meant_by_me(names: Names, rich: Network) -> None:
    mine = [Rule("manager", "any", ("me",))]
    assert names(mine, by=rich.tom) == [1, 3, 5]
    assert names(mine, by=rich.mara) == [2]
    assert names(mine) == []


def test_an_offer_that_the_reader_may_not_see_is_refused_whoever_wrote_the_rule(
    names: Names, rich: Network
) -> None:
    with pytest.raises(Invalid, match="3071"):
        names([Rule("offer", "on", ("3071",))], by=rich.tom)
    assert names([Rule("category", "on", ("Energy",))], by=rich.tom) == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule("rowid", "is", ("1",)), "none that we know"),
        (Rule("company", "matches", ("1",)), "none that we know"),
        (Rule("company", "is", ()), "compared with nothing"),
        (Rule("company", "is", (" ",)), "compared with nothing"),
        (Rule("company", "is", ("a", "b")), "more than can be compared"),
        (Rule("company", "is", ("x" * 201,)), "Shorten it to 200"),
        (Rule("company", "is", ("a\x00b",)), "control character"),
        (Rule("country", "any", ("Atlantis",)), "no country we know"),
        (Rule("status", "any", ("rich",)), "no status"),
        (Rule("group", "any", ("1 OR 1=1",)), "no group"),
        (Rule("manager", "any", ("٣",)), "no manager"),
        (Rule("mailed", "within", ("0",)), "no number of days"),
        (Rule("mailed", "within", ("9" * 30,)), "no number of days"),
        (Rule("mailed", "within", ("²",)), "no number of days"),
        (Rule("added", "since", ("31st of June",)), "Write it as YYYY-MM-DD"),
        (Rule("added", "since", ("0001-01-01",)), "too far away"),
        (Rule("added", "before", ("9999-12-31",)), "too far away"),
        (Rule("news", "left", ("weather",)), "no kind of news"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_remedy(rule: Rule, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(None, [Group((rule,))])
    assert words in refused.value.problems["g0r0"]


def test_there_is_an_end_to_groups_and_rules() -> None:
    rule = Rule("company", "filled")
    for groups in ([Group((rule,))] * (MOST_GROUPS + 1), [Group((rule,) * (MOST_RULES + 1))], [Group()], []):
        with pytest.raises(Invalid):
            checked(None, groups)


def test_what_is_stored_is_read_back_the_same() -> None:
    groups = (Group((Rule("tags", "any", ("a", "b")), Rule("company", "empty"))), Group((), minus=True))
    assert from_plain(as_plain(groups)) == groups


NAUGHTY = ["'; DROP TABLE affiliates; --", "%", "\\", "\u202eabc", "\U0001f4b0" * 50, "[=Affiliate.ID=]"]


def test_no_text_breaks_a_rule(names: Names) -> None:
    for value in NAUGHTY:
        for key in ("company", "tags", "country", "email"):
            op = next(iter(FIELDS[key].ops))
            assert names([Rule(key, op, (value,))]) == []
