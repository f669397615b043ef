"""Fixtures that several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real records; skips with a reason where it is not named."""
    folder = os.environ.get("FUNNEL_LOCAL_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("FUNNEL_LOCAL_DATA does not name the folder of real records")
    return Path(folder)
