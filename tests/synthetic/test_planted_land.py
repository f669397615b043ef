"""Planted Arizona and its null on a coarse grid: the gate of `make validate`, one seed each."""

from __future__ import annotations

import math

import pytest

from geo.study import stream
from validation import report, store
from validation.gates import GATES, NULL_SEEDS, PLANTED_SEEDS
from validation.planted_land import PlantedLand, planted_land, walk_key

COARSE = """
extends = "arizona-{name}"
name = "coarse-{name}"
[grid]
resolution_m = 4000
ensemble_m = 4000
"""
SEED = 20_261_127
"""None of the registered ones."""


@pytest.mark.real
def test_the_coarse_pair_is_told_apart_from_what_was_not_planted(real_data, tmp_path, monkeypatch):
    """One land, one dose, and a seed each: intervals cover what was planted."""
    monkeypatch.setenv("FUNNEL_HOME", str(tmp_path / "home"))
    found, keys = {}, set()
    for name, ratio in (("planted", 2.5), ("null", 1.0)):
        study = tmp_path / f"{name}.toml"
        study.write_text(COARSE.format(name=name), "utf-8")
        keys.add(walk_key(str(study)))
        plan = PlantedLand(str(study), ratio, (SEED,)).at(0)
        found[name] = planted_land(plan, stream(SEED, name))
        assert found[name]["estimated"], name
        assert found[name]["covered"], name
        assert found[name]["imputed_covered"], name
        assert 0.0 < found[name]["power"] < 1.0
    assert len(keys) == 1, "the walk knows nothing of what is planted"
    assert not found["null"]["supported"]
    error = found["planted"]["log_ratio"] - found["null"]["log_ratio"] - math.log(2.5)
    assert abs(error) < 2.0 * (found["planted"]["se"] + found["null"]["se"])


def test_seeds_are_registered_and_each_counts_once():
    gates = {g.name: g for g in GATES if isinstance(g.plan, PlantedLand)}
    assert set(gates) == {"arizona-planted", "arizona-null"}
    assert len({*PLANTED_SEEDS, *NULL_SEEDS}) == 20
    assert 20001001 not in {*PLANTED_SEEDS, *NULL_SEEDS}
    for gate in gates.values():
        assert gate.quick == gate.full == len(gate.plan.seeds) == 10
        assert [gate.plan.at(i).seed for i in range(10)] == list(gate.plan.seeds)
        assert store.fingerprint(gate.trial, gate.plan, "a") != store.fingerprint(
            gate.trial, gate.plan, "b"
        )


def test_what_was_not_run_is_not_passed():
    gate = next(g for g in GATES if g.name == "arizona-planted")
    lines = {line.outcome: line for line in report.lines(gate, {}, 10)}
    assert {line.verdict for line in lines.values()} == {"not run"}
    told = {
        "estimated": 1.0, "log_ratio": math.log(2.5) + 0.2, "power": 0.4, "covered": 1.0,
        "imputed_log_ratio": 0.0, "reached_dose": 0.1,
    }  # fmt: skip
    lines = {line.outcome: line for line in report.lines(gate, dict.fromkeys(range(10), told), 10)}
    assert lines["log_error"].verdict == "fail"
    assert lines["mean_power"].estimate == pytest.approx(0.4)
    assert lines["covered"].verdict.startswith("pass")
