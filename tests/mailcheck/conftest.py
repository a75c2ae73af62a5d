"""A message, and affiliates of all kinds, for the check before sending."""

import shutil

import pytest

from tests.network import MakeAffiliate

LONG = {
    "first_name": "Maximiliane-Antoinette",
    "last_name": "Freifrau von und zu Hohenlohe-Langenburg",
    "alt_id": "A" * 60,
    "additional_data1": "Wortreich " * 12,
}


@pytest.fixture
def three(affiliate: MakeAffiliate) -> None:
    """Somebody usual, somebody with long values, somebody of whom nothing is known."""
    affiliate("Adtrail", email="emma@adtrail.example.net", first_name="Emma")
    affiliate(
        "Größte Vermittlungsgesellschaft für Werbung & Söhne <GmbH>", email="max@lang.example.net", **LONG
    )
    affiliate("", email="bare@leer.example.net", first_name="", affiliate_id="")


@pytest.fixture
def spamassassin() -> str:
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("SpamAssassin is not installed (apt install spamassassin)")
    return program
