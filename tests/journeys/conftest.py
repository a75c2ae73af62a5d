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

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
