"""The environment a run ran in, as text."""

from __future__ import annotations

import platform
from importlib.metadata import distributions


def environment() -> str:
    """Return Python version and every installed distribution with its version, sorted."""
    packages = sorted(
        {f"{d.metadata['Name']}=={d.version}" for d in distributions() if d.metadata["Name"]},
        key=str.lower,
    )
    head = f"python=={platform.python_version()}"
    return "\n".join([head, *packages]) + "\n"
