"""Dates of towers: intervals settled by a rule, replacements that continue a dose, left-outs."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.errors import InputProblems
from geo.visibility import baseline, controls, dated, dosed, enters_dose, roster

from .scenes import period, raster, towers

GROUND = raster(np.zeros((50, 50), np.float32))


def _towers(**columns):
    n = max(len(v) for v in columns.values() if isinstance(v, list))
    return towers(GROUND, [(5, 5 + i) for i in range(n)], **columns)


def _interval(table, i):
    row = table.iloc[i]
    assert row.active_from_earliest == row.active_from_latest
    end = row.active_to_latest
    return str(row.active_from_latest.date()), None if pd.isna(end) else str(end.date())


def test_rules_bracket_each_other():
    table = _towers(
        active_from_earliest=["2010-02-01"],
        active_from_latest=["2010-03-01"],
        active_to_earliest=["2012-01-01"],
        active_to_latest=["2012-01-11"],
    )
    assert _interval(dated(table, "widest"), 0) == ("2010-02-01", "2012-01-11")
    assert _interval(dated(table, "narrowest"), 0) == ("2010-03-01", "2012-01-01")
    assert _interval(dated(table), 0) == ("2010-02-15", "2012-01-06")
    for seed in range(20):
        start, end = _interval(dated(table, "draw", np.random.default_rng(seed)), 0)
        assert "2010-02-01" <= start <= "2010-03-01"
        assert "2012-01-01" <= end <= "2012-01-11"
    with pytest.raises(ValueError, match="generator"):
        dated(table, "draw")


def test_one_source_one_draw():
    """Towers of a programme that share an interval share its draw; others have their own."""
    table = _towers(
        programme=["ift"] * 3 + ["rvss"],
        active_from_earliest=["2010-01-01", "2010-01-01", "2011-01-01", "2010-01-01"],
        active_from_latest=["2015-01-01", "2015-01-01", "2016-01-01", "2015-01-01"],
    )
    drawn = dated(table, "draw", np.random.default_rng(1))["active_from_latest"]
    assert drawn[0] == drawn[1]
    assert drawn.nunique() == 3


@pytest.mark.parametrize("rule", ["midpoint", "widest", "narrowest", "draw"])
def test_a_replacement_continues_the_dose_without_gap_or_overlap(rule):
    table = _towers(
        programme=["sbinet_tus1", "ift"],
        status=["replaced", "deployed"],
        active_from_earliest=["2010-02-01", "2018-11-01"],
        active_from_latest=["2010-02-28", "2019-03-31"],
        active_to_earliest=["2018-10-01", None],
        active_to_latest=["2019-01-31", None],
        replaces=[None, "t0"],
    )
    settled = dated(table, rule, np.random.default_rng(3))
    old, new = _interval(settled, 0), _interval(settled, 1)
    assert old[1] == new[0]
    assert new[1] is None
    assert list(settled["lineage"]) == ["t0", "t0"]
    assert settled["onset"].iloc[1] == settled["onset"].iloc[0] == pd.Timestamp(old[0])
    pd.testing.assert_frame_equal(dated(settled), settled)


def test_a_sourced_gap_stays_and_an_open_end_is_closed_by_the_replacement():
    table = _towers(
        active_from_earliest=["2008-01-01", "2012-01-01", "2015-01-01"],
        active_from_latest=["2008-01-01", "2012-01-01", "2015-01-01"],
        active_to_earliest=["2009-01-01", None, None],
        active_to_latest=["2009-06-01", None, None],
        replaces=[None, "t0", "t1"],
    )
    settled = dated(table)
    assert _interval(settled, 0)[1] == "2009-03-17"
    assert _interval(settled, 1) == ("2012-01-01", "2015-01-01")
    assert list(settled["lineage"]) == ["t0"] * 3


def test_only_built_towers_with_sourced_dates_enter_a_dose():
    table = _towers(
        status=["deployed", "replaced", "planned", "cancelled", "test", "deployed"],
        active_from_earliest=["2010-01-01"] * 5 + [None],
        active_from_latest=["2010-07-02"] * 5 + ["2011-01-01"],
    )
    assert list(enters_dose(table)) == [True, True, False, False, False, False]
    listed = roster(table, [period("y", "2010-01-01", "2011-01-01")])
    # midpoint 2010-04-02: 274 of 365 days
    assert listed["active_share"].iloc[0] == pytest.approx(274 / 365)
    assert listed["active_share"].isna().sum() == 4
    assert list(listed["reason"].str.split(":").str[0]) == [
        "", "", "planned", "cancelled", "test", "no sourced active_from, and no dating rule",
    ]  # fmt: skip
    sites = controls(table)
    assert list(sites["tower_id"]) == ["t2", "t3"]
    assert enters_dose(sites).all()
    assert (roster(sites, [period("y", "2010-01-01", "2011-01-01")])["active_share"] == 1).all()


def test_contradictions_are_all_named_at_once():
    table = _towers(
        active_from_earliest=["2012-01-01", "2010-01-01", "2010-01-01", "2010-01-01"],
        active_from_latest=["2011-01-01", "2010-01-01", "2010-01-01", "2010-01-01"],
        active_to_earliest=[None, "2009-01-01", None, None],
        active_to_latest=[None, "2008-01-01", None, None],
        replaces=[None, "nobody", "t3", "t2"],
    )
    with pytest.raises(InputProblems) as caught:
        dated(table)
    found = {(p.row, p.field) for p in caught.value.problems}
    assert found == {
        (1, "active_from_latest"),
        (2, "active_to_latest"),
        (2, "replaces"),
        (3, "replaces"),
        (4, "replaces"),
    }


def test_towers_older_than_the_studys_first_are_baseline():
    """Legacy cameras stood before "before": they are in view and in no dose."""
    stood = gpd.GeoDataFrame(
        {
            "tower_id": ["old", "undated", "new", "upgrade"],
            "active_from_earliest": pd.to_datetime(
                ["1996-01-01", None, "2010-01-01", "2017-01-01"]
            ),
            "active_from_latest": pd.to_datetime(["2004-09-30", None, "2010-02-28", "2017-06-30"]),
            "replaces": [None, None, None, "old"],
        },
        geometry=gpd.points_from_xy([0, 1, 2, 0], [0, 0, 0, 0]),
        crs=4326,
    )
    end = date(2007, 6, 1)
    assert baseline(stood, end).tolist() == [True, False, False, False]
    kept = dosed(stood, end)
    assert kept["tower_id"].tolist() == ["undated", "new", "upgrade"]
    assert kept["replaces"].isna().all(), "no link to a tower that is not there"
    assert dosed(stood, date(1990, 1, 1))["replaces"].tolist()[-1] == "old"
