"""A network with an identity, as somebody has set it up; and no waiting."""

from collections.abc import Callable

import pytest

from webapp.accounts import link_routes
from webapp.desk import Desk
from webapp.settings import store

IDENTITY = {
    "network_name": "Northlight",
    "postal_address": "1 Harbour Road",
    "from_name": "Northlight Partners",
    "from_address": "desk@northlight.example",
    "public_url": "https://desk.northlight.example",
}
Network = Callable[..., None]


@pytest.fixture(autouse=True)
def network(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Changes settings: `network(from_address="")`."""

    def change(**values: str) -> None:
        with desk.session() as session:
            store.put(session, values)

    change(**IDENTITY)
    monkeypatch.setattr(link_routes, "ANSWER_SECONDS", 0.0)
    return change
