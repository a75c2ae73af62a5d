"""A program that asks by HTTP, with a key of somebody who may manage APIs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.personas import make_user
from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.api import keys
from webapp.api.keys import Wish
from webapp.api.scopes import SCOPES
from webapp.desk import Desk

MakeProgram = Callable[..., "Program"]
ANA = {"affiliate_id": "10021", "email": "ana@brightpath.example", "company": "Brightpath"}
SOLARA = {"cid": "3071", "name": "Solara", "payout": "24.00"}


@dataclass
class Program:
    """Sends JSON and the key; `remote` is where it seems to ask from."""

    app: Flask
    secret: str
    key_id: int = 0
    remote: str = "127.0.0.1"

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: object, name: str = "", **headers: str) -> TestResponse:
        return self.ask("POST", path, body, name, **headers)

    def patch(self, path: str, body: object, name: str = "") -> TestResponse:
        return self.ask("PATCH", path, body, name)

    def ask(
        self, method: str, path: str, body: object = None, name: str = "", **headers: str
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.secret}", **headers}
        if name:
            headers["Idempotency-Key"] = name
        sent: dict[str, Any] = {}
        if body is not None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent = {"data": raw, "content_type": "application/json"}
        where = {"REMOTE_ADDR": self.remote}
        return self.app.test_client().open(path, method=method, headers=headers, environ_base=where, **sent)


def make_key(desk: Desk, user: User, *scopes: str, **wish: str) -> tuple[int, str]:
    with desk.session() as session:
        own = session.get_one(User, user.id)
        key, secret = keys.make(session, own, Wish("Tracker", scopes or tuple(SCOPES), **wish))
        return key.id, secret


@pytest.fixture
def program(app: Flask, desk: Desk) -> MakeProgram:
    """Makes a program whose key is its owner's: `program("offers:read", rights=[…], networks=…)`."""
    count = 0

    def make(*scopes: str, rights: Any = ALL, owner: User | None = None, **wish: str) -> Program:
        nonlocal count
        count += 1
        user = owner or make_user(desk, f"owner{count}@desk.example.com", {*rights, keys.RIGHT})
        number, secret = make_key(desk, user, *scopes, **wish)
        return Program(app, secret, number)

    return make


@pytest.fixture
def tracker(program: MakeProgram) -> Program:
    """A program that may do everything."""
    return program()
