"""A smoke of the validation: the rule holds its level on a hundred panels, and runs resume."""

from __future__ import annotations

import json
import math

import pytest

from flows.stages.calibration import calibration
from geo.study import stream
from geo.synthetic.panels import PanelPlan
from validation import report, store, summary
from validation.__main__ import main
from validation.gates import GATES, Gate, Watch
from validation.trials import headline, parts

SMOKE = 20_261_124


@pytest.mark.slow
def test_a_hundred_true_nulls_are_seldom_rejected(monkeypatch):
    """Eleven or more of 100 at a level of 5 % happen once in 90 runs of a calibrated test."""
    monkeypatch.setattr("validation.trials.DRAWS", 199)
    small = PanelPlan(corridors=10, treated=6, years=16, records=1_500)
    found = [headline(small, stream(SMOKE, f"smoke/{i}")) for i in range(100)]
    assert all(f["estimated"] for f in found)
    assert sum(f["permutation_rejects"] for f in found) <= 11
    assert sum(f["supported"] for f in found) <= 8
    assert sum(f["covered"] for f in found) >= 88
    assert abs(sum(f["log_ratio"] for f in found) / 100) < 0.08


@pytest.mark.slow
def test_a_large_effect_is_supported_and_pure_rescue_is_not_called_displacement():
    large = PanelPlan(rate_ratio=3.0)
    assert sum(headline(large, stream(SMOKE, f"large/{i}"))["supported"] for i in range(10)) >= 8
    rescue = PanelPlan(rescue=0.6)
    found = [parts(rescue, stream(SMOKE, f"rescue/{i}")) for i in range(10)]
    assert sum(f["displacement"] for f in found) <= 2
    assert sum(f["rescue_wording"] for f in found) >= 7


def test_intervals_and_verdicts():
    share, low, high = report.wilson(5, 100)
    assert (share, low, high) == pytest.approx((0.05, 0.0215, 0.1118), abs=1e-3)
    gate = Gate("g", "headline", PanelPlan(), 4, 4, (Watch("supported", high=0.5), Watch("bias")))
    results = {i: {"supported": 0.0, "estimated": 1.0, "log_ratio": 0.01 * i} for i in range(4)}
    supported, bias = report.lines(gate, results, 4)
    assert supported.verdict == "pass"
    assert bias.estimate == pytest.approx(0.015)
    assert math.isfinite(bias.low)


def test_worlds_stand_worst_first_and_power_by_dose():
    of = {g.name: g for g in GATES}
    supported = {"as-measured-1": 0, "rising-1": 2, "rising-2.5": 3, "dose-0.8-2.5-36": 4}
    found = []
    for name, many in supported.items():
        each = {"estimated": 1.0, "level_1": 1.0, "level_2": 0.0, "covered": 1.0, "log_ratio": 0.5,
                "recorded_log_ratio": 0.5}  # fmt: skip
        results = {i: each | {"supported": float(i < many)} for i in range(4)}
        found.append((of[name], report.lines(of[name], results, 4)))
    rows = [row for row in summary.sections(found).splitlines() if row.startswith("| ")]
    assert rows[1].startswith("| rising | 4 | 50.0 (15.0 to 85.0) | 100.0 (51.0 to 100.0) |")
    assert rows[1].endswith("| +0.500 |")
    assert rows[2].startswith("| as-measured | 4 | 0.0 (")
    assert rows[4].startswith("| rising | 2.5 | 4 | 75.0 (")
    assert rows[6].startswith("| 36 | 0.8 | 2.5 | 4 | 100.0 (51.0 to 100.0) | 0.0 (")


def test_a_killed_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    tiny = PanelPlan(corridors=6, treated=3, years=12, records=800)
    gate = Gate("tiny", "headline", tiny, 4, 4, (Watch("supported"),))
    monkeypatch.setattr("validation.__main__.GATES", (gate,))
    arguments = ["run", "--workers", "1", "--store", str(tmp_path / "s"), "--out",
                 str(tmp_path / "o")]  # fmt: skip
    assert main(arguments) == 0
    kept = next((tmp_path / "s").iterdir())
    lines = kept.read_text("utf-8").splitlines()
    kept.write_text("\n".join([*lines[:2], lines[2][:7]]) + "\n", "utf-8")
    assert main(arguments) == 0
    again = store.load(kept)
    strip = [{k: v for k, v in e.items() if k != "cpu_s"} for _, e in sorted(again.items())]

    first = sorted((json.loads(line) for line in lines), key=lambda e: e["i"])
    assert strip == [{k: v for k, v in e.items() if k not in ("i", "cpu_s")} for e in first]
    assert len(list((tmp_path / "o").glob("*.csv"))) == 1
    assert main(["table", *arguments[1:]]) == 0


def test_every_gate_has_a_trial_and_a_unique_name():
    names = [g.name for g in GATES]
    assert len(set(names)) == len(names)
    assert {g.trial for g in GATES} == set(store.ALSO)


def test_a_short_run_puts_no_long_one_out_of_what_is_shipped(tmp_path):
    def table(name, **panels):
        rows = "".join(f"{gate},supported,{n},{0.01 * n},2\n" for gate, n in panels.items())
        (tmp_path / name).write_text(f"gate,outcome,n,estimate,plan\n{rows}", "utf-8")

    table("2026-01-01-quick.csv", gone=9)
    table("2026-01-02-full.csv", null=50, rising=40)
    table("2026-01-03-quick-only-rising.csv", rising=60)
    table("2026-01-04-quick.csv", null=5, rising=5, late=5)
    table("2026-01-05-full-only-null.csv", null=50)
    shipped = calibration(tmp_path)
    assert shipped.set_index("gate")["n"].to_dict() == {"null": 50, "rising": 60, "late": 5}
    table("2026-01-06-full.csv", null=80, other=80)
    assert calibration(tmp_path)["gate"].tolist() == ["null", "other"], "the earlier are history"
    assert calibration(tmp_path.joinpath("empty").mkdir() or tmp_path / "empty") is None
