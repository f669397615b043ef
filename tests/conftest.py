"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

# `make test` looks at the same examples every time and asserts on no clock; `make fuzz` looks for
# new ones, and what it finds belongs into the test as an @example.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz",
    deadline=None,
    derandomize=False,
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
    print_blob=True,
    max_examples=1_000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("FUNNEL_HYPOTHESIS", "house"))


ROOT = Path(__file__).parent


WHOLE = {"tiny", "make_funnel", "bundle", "found", "pages", "chromium"}
"""Fixtures that stand for a run, a bundle, a map or a browser: what needs one is slow."""
MANY = {"inference", "leastcost", "maps", "messages", "test_docstrings.py"}
"""Groups that are slow together, though hardly one of their tests is."""
FIRST = (
    "flows/test_run.py",
    "evidence",
    "flows/test_faults.py",
    "inference",
    "maps",
    "flows/test_own_areas.py",
    "flows/test_real_arizona.py",
    "flows/test_notebooks.py",
    "flows/test_mutations.py",
    "messages",
    "test_documentation.py",
    "flows/test_cli_manners.py",
)
"""Groups that start first, so that no worker ends alone with a long one. The first makes the run
that the others of flows read, the second needs it not."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a room's tests on one worker, so that what they share is made once; long ones first.

    Those of flows share a run on disk, so a file of them is enough to keep together. First, because
    xdist reads the marks in this same hook: a mark set after it has looked keeps nothing together.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_room(item)))
        if WHOLE & set(getattr(item, "fixturenames", ())) or _room(item) in MANY:
            item.add_marker(pytest.mark.slow)
    rank = {room: place for place, room in enumerate(FIRST)}
    items.sort(key=lambda item: rank.get(_room(item), len(FIRST)))


def _room(item: pytest.Item) -> str:
    place = item.path.relative_to(ROOT).parts
    return "/".join(place[:2]) if place[0] == "flows" else place[0]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real records; skips with a reason where it is not named."""
    folder = os.environ.get("FUNNEL_LOCAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("FUNNEL_LOCAL_DATA does not name the folder of real records")
    return Path(folder)
