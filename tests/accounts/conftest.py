"""Settings of the network without the feature that keeps them: accounts lies below it and knows only a reader."""

import pytest
from sqlalchemy.orm import Session

from webapp.accounts import link_routes, ports

IDENTITY = {
    "network_name": "Northlight",
    "postal_address": "1 Harbour Road",
    "from_name": "Northlight Partners",
    "from_address": "desk@northlight.example",
    "public_url": "https://desk.northlight.example",
}


@pytest.fixture
def network() -> dict[str, str]:
    """What is set; a test may change it."""
    return dict(IDENTITY)


@pytest.fixture(autouse=True)
def _plugged(network: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def read(session: Session, key: str) -> str | None:
        return network.get(key)

    monkeypatch.setattr(ports, "_reader", read)
    monkeypatch.setattr(link_routes, "ANSWER_SECONDS", 0.0)
