"""`offerpost` as the operator calls it, and an SMTP server with workers that are gone in the end."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from tests.mail.sender.conftest import environ, mailing_to, smtp, worker
from webapp.cli import main

__all__ = ["environ", "mailing_to", "smtp", "worker"]

Offerpost = Callable[..., Result]


@pytest.fixture
def offerpost(environ: dict[str, str]) -> Offerpost:
    return lambda *arguments: CliRunner().invoke(main, [str(one) for one in arguments], env=environ)
