"""The operator's configuration: environment over file, each refusal names its variable."""

from pathlib import Path

import pytest

from webapp.config import Config
from webapp.errors import Invalid


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "offerpost.toml").write_text('proxies = 1\nrelay_url = "smtp://file:25"\n')
    config = Config.from_environment({"OFFERPOST_HOME": str(tmp_path), "OFFERPOST_PROXIES": "2"})
    assert (config.proxies, config.relay_url) == (2, "smtp://file:25")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OFFERPOST_ALLOW_HOSTS", "localhost"),
        ("OFFERPOST_PROXIES", "many"),
        ("OFFERPOST_PUBLIC_URL", "mail.example.com"),
    ],
)
def test_a_bad_value_is_refused_with_the_name_of_its_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Config.from_environment({"OFFERPOST_HOME": str(tmp_path), name: value})
    assert list(refusal.value.problems) == [name]


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "offerpost.toml").write_text("proxies: 1")
    with pytest.raises(Invalid, match=r"offerpost\.toml"):
        Config.from_environment({"OFFERPOST_HOME": str(tmp_path)})
