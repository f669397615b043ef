"""Every registered choice has a unit, a source and a range, and is read by something.

That every other number says why it is no choice is asked in `test_architecture.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo import parameters

ROOT = Path(__file__).parents[1]
READ_ELSEWHERE = {
    "development_seeds": "seeds that validation may not use",
    "degrees_of_freedom": "the rule itself",
    "interval_scale": "the rule itself",
    "reached_dose": "the rule itself",
    "detection_at_nominal_range": "follows from the formula of detection at distance = range",
}


@pytest.mark.parametrize("file", parameters.names())
def test_every_parameter_has_unit_source_and_range(file):
    for one in parameters.load(file).values():
        where = f"{file}.{one.name}"
        assert one.unit.strip(), where
        assert len(one.source.split()) > 1 or one.confidence != "assumed", where
        assert (one.low is None) == (one.high is None), where
        if one.low is not None and type(one.value) in (int, float):
            assert one.low <= one.value <= one.high, where
        if one.confidence == "assumed" and type(one.value) in (int, float):
            assert one.low is not None, f"{where}: an assumed number needs low and high"


def test_no_registered_choice_is_dead():
    text = "\n".join(
        path.read_text("utf-8") for room in ("geo", "flows") for path in (ROOT / room).rglob("*.py")
    )
    dead = [
        f"{file}.{name}"
        for file in ("battery", "corridors", "funnel", "inference", "planting", "study",
                     "terrain", "visibility", "working_crs")
        for name in parameters.load(file)
        if f'"{name}"' not in text and name not in READ_ELSEWHERE
    ]  # fmt: skip
    assert not dead, dead
