"""The mails of events, as the tests of announcing see them."""

from tests.announcing.conftest import mails  # noqa: F401 - a fixture
