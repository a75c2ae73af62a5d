"""The package in docs/example-transport, built and installed as a stranger's package is, without a network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example-transport"

LOOK = """
import json
from transports.registry import Registry
registry = Registry.discover(None)
made = registry.get("brevia")
print(json.dumps([made.label, registry.source("brevia"), made.__module__, [r.source for r in registry.refused]]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the example."""
    work = tmp_path_factory.mktemp("stranger")
    source = work / "source"  # building writes beside the sources
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "-q",
        "install",
        "--no-index",
        "--no-deps",
    ]
    done = subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(work / "site"), str(source)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return work / "site"


def python(site: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=cwd
    )


def test_an_installed_package_is_found_by_its_entry_point(site: Path, tmp_path: Path):
    done = python(site, "-c", LOOK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    label, source, module, refused = json.loads(done.stdout)
    assert (label, source) == ("Brevia", "package offerpost-brevia 1.0.0")
    assert module == "offerpost_brevia.transport"
    assert not [name for name in refused if "brevia" in name]


def test_an_installed_package_passes_the_kit_by_itself(site: Path, tmp_path: Path):
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = python(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_a_package_that_breaks_is_reported_with_its_name(site: Path, tmp_path: Path):
    broken = tmp_path / "site"
    shutil.copytree(site, broken)
    (broken / "offerpost_brevia" / "__init__.py").write_text("raise RuntimeError('half an upgrade')")
    look = (
        "from transports.registry import Registry; "
        "print([r.source + ': ' + r.reason for r in Registry.discover(None).refused])"
    )
    done = python(broken, "-c", look, cwd=tmp_path)
    assert (
        "package offerpost-brevia 1.0.0: It can't be imported: RuntimeError: half an upgrade" in done.stdout
    )
