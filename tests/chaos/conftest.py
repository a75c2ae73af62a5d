"""Instances under trial. The short set has one seed and few mails, the long one three seeds and more."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.harness import CANARY, USER, Trial
from tests.chaos.only import LONG
from tests.chaos.witness import Witness

SEEDS = (1, 2, 3) if LONG else (1,)
MANY = 300 if LONG else 60

Begin = Callable[..., Trial]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the long set has."""
    here = str(Path(__file__).parent)
    late = [item for item in items if str(item.path).startswith(here) and _only_long(item) and not LONG]
    if late:
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if item not in late]


def _only_long(item: pytest.Item) -> bool:
    return getattr(getattr(item, "function", None), "only_long", False)


@pytest.fixture
def many() -> int:
    """How many mails a scenario has."""
    return MANY


@pytest.fixture
def witness() -> Iterator[Witness]:
    with Witness(users={USER: CANARY}, auth_in_clear=True) as server:
        yield server


@pytest.fixture
def begin(request: pytest.FixtureRequest, fresh_home: Path, tmp_path: Path, seed: int) -> Iterator[Begin]:
    """Begin a trial; what became of it is kept for the report."""
    trials: list[Trial] = []
    injected = " ".join((request.function.__doc__ or "").split())
    request.node.user_properties += [("injected", injected), ("seed", seed)]

    def start(witness: Witness, home: Path | None = None, **environ: str) -> Trial:
        place = home or tmp_path / "instance"
        shutil.copytree(fresh_home, place, dirs_exist_ok=True)
        trials.append(Trial(place, witness, random.Random(seed), environ))
        return trials[-1]

    yield start
    for trial in trials:
        trial.close()
        request.node.user_properties += trial.tally.items()


@pytest.fixture
def trial(begin: Begin, witness: Witness) -> Trial:
    return begin(witness)
