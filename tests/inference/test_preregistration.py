"""The plan says what will be run, and a changed choice is a deviation."""

from __future__ import annotations

from importlib import resources

import pytest

from geo import study as studies
from geo.inference import deviations, plan_hash
from geo.inference import preregistration as plan


def shipped(name: str) -> str:
    return resources.files("data").joinpath("studies", f"{name}.toml").read_text("utf-8")


@pytest.fixture
def tiny():
    return studies.parse(shipped("tiny"), "tiny.toml", shipped)


def test_the_plan_names_rule_parameters_and_gates(tiny):
    text = plan(tiny)
    for said in (tiny.fingerprint(), "H2.", "bell-mccaffrey", "same sign", "A1.", "Deviations"):
        assert said in text
    assert len(plan_hash(text)) == 64
    assert plan(tiny) == text


def test_a_changed_choice_is_a_deviation(tiny):
    before = plan(tiny)
    changed = tiny.model_copy(update={"inference": tiny.inference.model_copy(update={"bins": 4})})
    listed = deviations(before, plan(changed))
    assert any("4 bins of equal area" in line for line in listed)
    assert deviations(before, before) == []
