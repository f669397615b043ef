"""The made-up map inputs, built once."""

from __future__ import annotations

import pytest
from madeup import inputs

from maps import MapInputs


@pytest.fixture(scope="session")
def full() -> MapInputs:
    """Everything a page can show."""
    return inputs()
