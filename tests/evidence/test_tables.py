"""The public tables: floors, classes, suppression, and sums that still add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from made_up_findings import findings, without

from geo import records
from geo.errors import EvidenceError
from geo.evidence import lineage, public_tables
from geo.evidence.tables.hardship import _hidden
from geo.evidence.tables.published import HELD, contract, flat


def test_every_table_keeps_its_contract_and_ids_are_unique(tables):
    assert tuple(tables) == HELD
    ids = pd.concat([t["row_id"] for t in tables.values()])
    assert ids.is_unique
    for name, frame in tables.items():
        contract(name).validate(frame)
        assert (frame["parents"].str.len() > 0).all(), name
        assert not [c.name for c in contract(name).columns if c.person]


def test_findings_may_be_partial(found):
    assert set(public_tables(without(found, *found.tables, *found.rasters))) == set(HELD)


def test_cells_lie_on_the_grid_and_nest(found, tables):
    cells = tables["deaths_by_cell_period"].to_crs(found.study.crs)
    bounds = cells.geometry.bounds
    side = cells["cell_km"].to_numpy() * 1000
    assert set(cells["cell_km"]) == {5.0, 10.0}
    off = np.remainder(bounds["minx"].to_numpy() + 1, side) - 1
    assert np.abs(off).max() < 1
    for _, period in cells.groupby("period_id"):
        assert period.geometry.area.sum() == pytest.approx(period.union_all().area, rel=1e-6)


def test_counts_are_those_of_the_records_in_classes_only(found, tables):
    members = lineage(found)
    cells = tables["deaths_by_cell_period"].set_index("row_id")
    size = members[members["id"].isin(cells.index)].groupby("id").size()
    assert size.map(records.count_class).to_dict() == cells["deaths_class"].to_dict()
    years = tables["deaths_by_year"]
    assert years.loc[years["deaths"].notna(), "deaths"].min() >= 20
    assert (years.loc[years["deaths"].isna(), "deaths_class"] != "20+").all()


def test_land_that_asks_for_coarser_cells_gets_them(found, tables):
    deaths = found.table("deaths").set_index("death_id")
    nation = deaths[deaths["land_manager"] == "Tohono Oodham Nation"].index
    cells = tables["deaths_by_cell_period"].set_index("row_id")
    members = lineage(found)
    on_nation = members[members["death_id"].isin(nation) & members["id"].isin(cells.index)]
    assert len(on_nation)
    assert (cells.loc[on_nation["id"], "cell_km"] == 10).all()


def test_periods_that_are_not_over_or_shorter_than_a_year_are_not_counted(found):
    early = found.study.model_copy(update={"as_of": date(2020, 1, 1)})
    made = public_tables(replace(found, study=early))
    assert set(made["deaths_by_cell_period"]["period_id"]) == {"before", "after"}
    assert made["deaths_by_corridor_year"]["year"].max() == 2019


def test_small_groups_and_small_complements_are_suppressed(found):
    exposures = found.table("exposures").copy()
    inside = exposures.index[exposures["period_id"] == "before"]
    exposures.loc[inside, "precision_class"] = "gps"
    exposures.loc[inside[:3], "precision_class"] = "vague"
    made = public_tables(replace(found, tables={**found.tables, "exposures": exposures}))
    rows = made["hardship_by_period"].set_index(["period_id", "group", "component", "statistic"])
    assert np.isnan(rows.loc[("before", "gps", "slope_deg", "mean"), "value"])
    assert rows.loc[("before", "all", "slope_deg", "mean"), "value"] > 0
    assert rows.loc[("after", "gps", "slope_deg", "mean"), "value"] > 0


def test_a_suppressed_corridor_year_cannot_be_had_by_subtraction():
    frame = pd.DataFrame(
        {
            "period_id": "p",
            "corridor": ["a"] * 3 + ["b"] * 6 + ["c"] * 9,
            "year": 2001,
        }
    )
    assert _hidden(frame, 5) == {("a", 2001), ("b", 2001)}
    assert _hidden(frame[frame["corridor"] != "a"], 5) == set()
    nowhere = frame.assign(corridor=frame["corridor"].where(frame["corridor"] != "a"))
    assert _hidden(nowhere, 5) == {("b", 2001)}


def test_no_statistic_is_one_records_value(found):
    made = public_tables(replace(findings(60), study=found.study))["hardship_by_period"]
    people = made[made["group"] != "land"]
    assert set(people["statistic"]) <= {"mean", "median"}
    size = {"1-4": 4, "5-9": 9, "10-19": 19, "20+": 10**6}
    medians = people[people["statistic"] == "median"]["records_class"].map(size)
    assert (medians >= 10).all()


def test_the_interval_of_a_mean_covers_the_truth():
    rng = np.random.default_rng(4)
    from geo.evidence.tables.hardship import _interval

    hits = 0
    for _ in range(200):
        low, high = _interval(rng.gamma(2, 2, 60), rng)
        hits += low <= 4 <= high
    assert 180 <= hits <= 199


def test_texts_cannot_become_formulas(tables):
    towers = flat("towers", tables["towers"], "recorded")
    assert towers["citation"].iloc[0] == "'=HYPERLINK(0)"


def test_undeclared_or_fine_findings_are_refused(found):
    with pytest.raises(EvidenceError, match="names"):
        public_tables(replace(found, tables={"names": pd.DataFrame()}))
    fine = found.rasters["hardship"].rename("slope")
    with pytest.raises(EvidenceError, match="too fine"):
        public_tables(replace(found, rasters={"slope": fine}))
