"""Bodies beyond every measure, and addresses that lead away (T8, T26)."""

import pytest
from flask import Flask

from tests.browser import Person, heading
from webapp.accounts.sessions import local_path
from webapp.app import UPLOAD_LIMIT


@pytest.mark.parametrize("path", ["/account/profile", "/apply", "/hooks/nobody"])
def test_a_body_beyond_the_measure_is_refused_in_words(app: Flask, owner: Person, path: str) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == UPLOAD_LIMIT
    app.config["MAX_CONTENT_LENGTH"] = 500_000
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = owner.client.post(path, data=b"x" * 600_000, headers=form)
    assert (answer.status_code, heading(answer)) == (413, "That is too much at once")


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https:evil.example", "/\\evil.example", "///evil.example", "/\t/evil.example",
     "javascript:alert(1)", "evil.example", "", None, ["/affiliates"]],
)  # fmt: skip
def test_after_signing_in_nobody_is_led_away(target: object) -> None:
    assert local_path(target) is None


@pytest.mark.parametrize("host", ["evil.example", "evil.example:99999", "a b", ""])
def test_a_forged_host_is_in_no_answer(stranger: Person, host: str) -> None:
    answer = stranger.client.get("/affiliates", headers={"Host": host})
    assert answer.location == "/sign-in?next=/affiliates"
    assert "evil" not in stranger.client.get("/forgotten", headers={"Host": host}).text
