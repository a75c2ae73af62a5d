"""Two mail servers of this test's own: the right one, and one that somebody would like to be sent the password."""

from collections.abc import Iterator

import pytest
import trustme

from tests.settings.recorder import Recorder, recording
from tests.settings.typed import SECRET


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def own(authority: trustme.CA) -> Iterator[Recorder]:
    with recording(authority) as recorder:
        recorder.wants = SECRET
        yield recorder


@pytest.fixture
def thief(authority: trustme.CA) -> Iterator[Recorder]:
    with recording(authority) as recorder:
        yield recorder


@pytest.fixture
def environ(tmp_path, own: Recorder, thief: Recorder) -> dict[str, str]:
    """The operator allows both, so that nothing but our own rule keeps the password back."""
    allowed = f"127.0.0.1:{own.port},127.0.0.1:{thief.port}"
    return {"OFFERPOST_HOME": str(tmp_path / "instance"), "OFFERPOST_ALLOW_HOSTS": allowed}
