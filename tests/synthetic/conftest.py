"""Made-up studies, computed once for all tests of the room."""

from __future__ import annotations

from importlib import resources

import pytest

from geo import synthetic
from geo.study import Study, parse


def _built_in(name: str, **changes: object) -> Study:
    folder = resources.files("data").joinpath("studies")

    def text(study: str) -> str:
        return folder.joinpath(f"{study}.toml").read_text("utf-8")

    parts = parse(text(name), name, text).model_dump()
    parts["synthetic"] |= changes
    return Study.model_validate(parts)


@pytest.fixture(scope="session")
def built_in():
    """Return a built-in study by name, with changes to its synthetic part."""
    return _built_in


@pytest.fixture(scope="session")
def tiny() -> Study:
    return _built_in("tiny")


@pytest.fixture(scope="session")
def small_world(tiny):
    return synthetic.world(tiny)


@pytest.fixture(scope="session")
def files(tiny, small_world):
    return synthetic.source_files(tiny, small_world)
