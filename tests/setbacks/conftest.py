"""Events and offers, as their own tests see them."""

from tests.announcing.conftest import mails  # noqa: F401 - a fixture
from tests.offers.conftest import market  # noqa: F401 - a fixture
