"""What the operator may write into OFFERPOST_ALLOW_HOSTS: the configuration and the network agree about it."""

from pathlib import Path

import pytest

from transports.net import Net
from webapp.config import Config
from webapp.errors import Invalid


def config(text: str, tmp_path: Path) -> Config:
    return Config.from_environment({"OFFERPOST_HOME": str(tmp_path), "OFFERPOST_ALLOW_HOSTS": text})


def test_good_entries_reach_the_network(tmp_path: Path):
    allowed = config("127.0.0.1:25, [::1]:1025,Mail.Local:587 ,", tmp_path).allow_hosts
    assert allowed == {"127.0.0.1:25", "[::1]:1025", "mail.local:587"}
    Net(allowed)


@pytest.mark.parametrize(
    "entry", ["mail.local", "::1:25", "[::1:25", "h:0", "h:70000", ":25", "h:x", "a b:25", "http://h:25"]
)
def test_an_odd_entry_is_refused_at_the_start_with_the_remedy(entry: str, tmp_path: Path):
    with pytest.raises(Invalid, match=r"127\.0\.0\.1:25"):
        config(entry, tmp_path)
