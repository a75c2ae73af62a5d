"""The settings that a transport declares, and what people type into them."""

from hypothesis import given
from hypothesis import strategies as st

from transports.fields import (
    Choice,
    FieldProblem,
    Integer,
    Secret,
    Text,
    Toggle,
    clean,
    destination_changed,
    faults,
    secrets,
)

FIELDS = (
    Text("host", "Host", required=True, destination=True),
    Integer("port", "Port", minimum=1, maximum=65535, default=587, destination=True),
    Choice(
        "security", "Encryption", options=(("none", "None"), ("tls", "TLS")), default="tls", destination=True
    ),
    Text("username", "User name", when=("security", ("tls",))),
    Secret("password", "Password", required=True, when=("security", ("tls",))),
    Text("ca_pem", "Certificate", multiline=True, advanced=True),
    Toggle("verify", "Verify", default=True),
    Integer("pause", "Pause"),
)
GOOD = {"host": "mail.example.com", "password": "hunter2"}


def problems_of(**typed: str) -> list[FieldProblem]:
    return clean(FIELDS, GOOD | typed)[1]


def test_every_declared_field_has_a_value_even_if_nothing_was_typed():
    values, problems = clean(FIELDS, GOOD)
    assert problems == []
    assert values == {
        "host": "mail.example.com",
        "port": 587,
        "security": "tls",
        "username": "",
        "password": "hunter2",
        "ca_pem": "",
        "verify": True,
        "pause": None,
    }


def test_a_missing_required_field_is_named_with_the_remedy():
    assert clean(FIELDS, {"password": "x"})[1] == [FieldProblem("host", "Host is missing. Fill it in.")]


def test_numbers_keep_to_their_bounds():
    assert [problem.field for problem in problems_of(port="70000")] == ["port"]
    assert [problem.field for problem in problems_of(port="25x")] == ["port"]
    assert [problem.field for problem in problems_of(port="٢٥")] == ["port"]
    assert clean(FIELDS, GOOD | {"port": " 25 "})[0]["port"] == 25


def test_a_choice_takes_only_its_options():
    assert problems_of(security="maybe") == [
        FieldProblem("security", "Encryption must be one of: none, tls.")
    ]


def test_a_hidden_field_is_neither_asked_for_nor_kept():
    values, problems = clean(FIELDS, {"host": "h", "security": "none", "password": "left over"})
    assert problems == []
    assert values["password"] == ""


def test_a_field_hidden_behind_a_later_one_is_cleaned_too():
    fields = (Text("b", "B", when=("a", ("true",))), Toggle("a", "A"))
    assert clean(fields, {"a": "yes", "b": "x"})[0] == {"b": "x", "a": True}
    assert clean(fields, {"a": "no", "b": "x"})[0] == {"b": "", "a": False}


def test_an_unticked_toggle_is_off_although_its_default_is_on():
    assert clean(FIELDS, GOOD | {"verify": ""})[0]["verify"] is False


def test_a_stored_secret_may_be_left_empty():
    raw = {"host": "h"}
    assert [problem.field for problem in clean(FIELDS, raw)[1]] == ["password"]
    assert clean(FIELDS, raw, stored_secrets=["password"])[1] == []


def test_the_mask_is_not_a_password():
    assert [problem.field for problem in problems_of(password="••••••••")] == ["password"]


def test_spaces_inside_and_around_a_password_stay():
    assert clean(FIELDS, GOOD | {"password": " abcd efgh \r\n"})[0]["password"] == " abcd efgh "


def test_a_form_may_not_reach_into_the_environment_or_into_files():
    for typed in ("env:SECRET_KEY", "@/etc/passwd", " ENV:X", "@x"):
        assert [problem.field for problem in problems_of(host=typed)] == ["host"], typed
        assert [problem.field for problem in problems_of(password=typed)] == ["password"], typed


def test_the_operator_may_refer_to_the_environment():
    values, problems = clean(FIELDS, GOOD | {"password": "env:PW", "port": "env:PORT"}, operator=True)
    assert problems == []
    assert (values["password"], values["port"]) == ("env:PW", "env:PORT")


def test_line_breaks_do_not_enter_a_line():
    for typed in ("a\r\nb", "a\nb", "a\x00b", "a\u2028b", "a\x85b", "a\ud800b"):
        assert [problem.field for problem in problems_of(host=typed)] == ["host"], repr(typed)


def test_a_pasted_certificate_keeps_its_lines():
    assert clean(FIELDS, GOOD | {"ca_pem": "-----BEGIN\r\nabc\r\n"})[0]["ca_pem"] == "-----BEGIN\nabc"


def test_an_unknown_setting_is_refused_by_name():
    (problem,) = problems_of(pasword="x")
    assert problem == FieldProblem("pasword", "There is no setting called pasword. Did you mean password?")


def test_a_destination_is_what_decides_where_the_secret_goes():
    before = clean(FIELDS, GOOD)[0]
    assert not destination_changed(FIELDS, before, before)
    assert not destination_changed(FIELDS, before, before | {"username": "other"})
    assert destination_changed(FIELDS, before, before | {"host": "evil.example.net"})
    assert destination_changed(FIELDS, before, before | {"port": 25})
    assert destination_changed(FIELDS, before, before | {"security": "none"})


def test_a_field_that_a_new_release_adds_is_no_change_of_destination():
    before = clean(FIELDS, GOOD)[0]
    del before["security"]
    assert not destination_changed(FIELDS, before, clean(FIELDS, GOOD)[0])


def test_the_secrets_are_known_by_name():
    assert secrets(FIELDS) == ("password",)


def test_sound_fields_have_no_faults():
    assert faults(FIELDS) == []


def test_unsound_fields_are_told_apart():
    broken = {
        "secret 'key' has a default": (Secret("key", "Key", default="x"),),
        "no label": (Text("a", " "),),
        "not a lower-case slug": (Text("A B", "x"),),
        "declared twice": (Text("a", "x"), Text("a", "y")),
        "no other field": (Text("a", "x", when=("b", ("1",))),),
        "never is": (Choice("c", "C", options=(("x", "X"),)), Text("a", "A", when=("c", ("y",)))),
        "not a value": (Integer("n", "N", minimum=1, maximum=5, default=9),),
        "no options": (Choice("c", "C", options=()),),
        "wait for each other": (Text("a", "A", when=("b", ("1",))), Text("b", "B", when=("a", ("1",)))),
        "is not a Text": ("host",),
    }
    for part, declared in broken.items():
        assert any(part in fault for fault in faults(declared)), part  # type: ignore[arg-type]


@given(
    st.dictionaries(st.sampled_from([field.name for field in FIELDS]), st.text(st.characters(), max_size=40))
)
def test_whatever_is_typed_gives_every_field_a_value_of_its_type(typed: dict[str, str]):
    values, problems = clean(FIELDS, typed)
    assert list(values) == [field.name for field in FIELDS]
    for name in ("host", "security", "username", "password", "ca_pem"):
        assert isinstance(values[name], str)
    assert isinstance(values["verify"], bool)
    assert type(values["port"]) is int
    assert all(problem.reason.endswith(".") for problem in problems)
