"""Whole stories: running instances, and Chromium to look at them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.instance import ROOT, Instance
from tests.journeys.looking import Onlooker
from tests.journeys.mail_server import PASSWORD, USER, MailServer

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NORTHLIGHT = {
    "network_name": "Northlight Partners",
    "postal_address": "Hamngatan 4, Göteborg",
    "from_name": "Northlight Partners",
    "from_address": "partners@mail.northlight.example",
}


@pytest.fixture
def make_instance(tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """Makes instances that are stopped at the end of the test."""
    made: list[Instance] = []

    def make(name: str = "instance", **environ: str) -> Instance:
        made.append(Instance(tmp_path / name, **environ))
        return made[-1]

    yield make
    for instance in made:
        instance.stop()


@pytest.fixture(scope="session")
def strangers_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example transport of the guide."""
    source, site = tmp_path_factory.mktemp("stranger") / "source", tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs" / "example-transport", source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "-q",
        "--disable-pip-version-check",
        "install",
        "--no-index",
        "--no-deps",
    ]
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(site), str(source)], check=True, capture_output=True
    )
    return site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Where it can't be had, the tests that need it say so; in CI that is a failure."""
    if CHROMIUM is None:
        if os.environ.get("OFFERPOST_TESTS_SKIP_NOTHING"):
            pytest.fail("Chromium is missing, and nothing may be skipped here")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def northlight(
    make_instance: Callable[..., Instance], fresh_home: Path, server: MailServer, tmp_path: Path
) -> Iterator[Instance]:
    """A network whose mail leaves to `server`; it is not served yet."""
    instance = make_instance(OFFERPOST_ALLOW_HOSTS=f"localhost:{server.port}", SMTP_PASSWORD=PASSWORD)
    shutil.copytree(fresh_home, instance.home)
    authority = tmp_path / "authority.pem"
    server.authority.cert_pem.write_to_path(authority)
    own = (f"port={server.port}", f"username={USER}", "password=env:SMTP_PASSWORD", f"ca_pem=@{authority}")
    instance.tell("server", "add", "smtp", "Own", "host=localhost", "security=starttls", *own)
    instance.tell("server", "default", "Own")
    instance.tell("settings", "set", *(f"{key}={value}" for key, value in NORTHLIGHT.items()))
    yield instance
    instance.stop()  # before the server it keeps connections to


@pytest.fixture
def mara(northlight: Instance, browser: Browser) -> Iterator[Onlooker]:
    """The administrator of `northlight`, which is served from now on, signed in."""
    invited = ("mara@northlight.example", "--name", "Mara Lindqvist", "--admin")
    link = northlight.tell("user", "add", *invited).split("/password/")[1].split()[0]
    onlooker = Onlooker(browser, northlight.serve().address)
    onlooker.page.goto(f"/password/{link}")
    for box in onlooker.page.locator("input[type=password]").all():
        box.fill("five quiet lighthouses")
    onlooker.page.locator("main button[type=submit]").first.click()
    onlooker.page.wait_for_load_state()
    yield onlooker
    onlooker.close()
