"""`--plan` says beforehand what a run takes, to a factor of two of what is then recorded."""

from __future__ import annotations

import json

import pytest

FLOOR_S = 1.5
"""A step shorter than this is start-up and noise."""


@pytest.mark.slow
def test_time_and_memory_are_foretold_to_a_factor_of_two(tiny, make_funnel):
    """From rates alone: the store that is asked has never run anything."""
    fresh = make_funnel("foretold")
    said = json.loads(
        fresh("run", "tiny", "--plan", "--json", "--offline", "--workers", "1").stdout
    )
    steps = {s["step"]: s for s in said["steps"]}
    records = [
        json.loads(path.read_text("utf-8")) for path in (tiny.home / "store").glob("*/*/done.json")
    ]
    recorded = {r["step"]: r for r in records if "cpu_seconds" in r}
    assert set(recorded) == set(steps)
    whole = [0.0, 0.0]
    for name, record in recorded.items():
        foretold = steps[name]["cpu_seconds"]
        whole[0] += foretold
        whole[1] += record["cpu_seconds"]
        high, low = max(foretold, FLOOR_S), max(record["cpu_seconds"], FLOOR_S)
        assert 0.5 <= high / low <= 2.0, (name, foretold, record["cpu_seconds"])
        assert 0.5 <= steps[name]["peak_mb"] / record["peak_mb"] <= 2.0, name
    assert 0.5 <= whole[0] / whole[1] <= 2.0


def test_a_finished_run_is_foretold_to_take_nothing(tiny):
    said = json.loads(tiny("run", "tiny", "--plan", "--json").stdout)
    assert all(s["done"] for s in said["steps"])
