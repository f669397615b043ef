"""`--plan` foretells every step; how well is measured by `python -m benchmarks.forecast`."""

from __future__ import annotations

import json
from dataclasses import replace

from flows.stages import STAGES
from flows.workflow.plan_text import Forecast, _whole
from flows.workflow.runner import Planned


def test_time_and_memory_are_foretold_of_every_step(tiny, make_funnel):
    """From rates alone: the store that is asked has never run anything."""
    fresh = make_funnel("foretold")
    said = json.loads(
        fresh("run", "tiny", "--plan", "--json", "--offline", "--workers", "1").stdout
    )
    steps = {s["step"]: s for s in said["steps"]}
    recorded = {
        json.loads(path.read_text("utf-8")).get("step")  # made-up inputs stand there as well
        for path in (tiny.home / "store").glob("*/*/done.json")
    }
    assert set(steps) <= recorded
    for step in steps.values():
        assert not step["done"]
        assert not step["from_own_records"]
        assert step["cpu_seconds"] > 0
        assert step["seconds"] > 0
        assert step["peak_mb"] > 0


def test_a_finished_run_is_foretold_to_take_nothing(tiny):
    said = json.loads(tiny("run", "tiny", "--plan", "--json").stdout)
    assert all(s["done"] for s in said["steps"])


def test_how_sure_a_plan_is_ends_with_the_lands_it_was_measured_on():
    costs = (Forecast(Planned(STAGES[0], "", {}, False), 60.0, 60.0, 900.0, False),)
    assert "(from rates measured elsewhere; right within a factor of 3)" in _whole(costs, 2, 1e6)[0]
    wide = _whole(costs, 2, 5e7)[0]
    assert "this land has 50.0, where neither time nor memory is sure" in wide
    assert "factor of" not in wide
    own = (replace(costs[0], recalled=True),)
    assert "(from own records; right within a factor of 3)" in _whole(own, 2, 5e7)[0]
