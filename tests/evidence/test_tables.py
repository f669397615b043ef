"""The public tables: floors, classes, suppression, and sums that still add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import h3
import numpy as np
import pandas as pd
import pytest
from made_up_findings import findings, without
from shapely.geometry import box

from geo import records, sources
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


def test_cells_are_whole_h3_cells_and_blocks_of_the_whole_file(found, tables):
    cells = tables["deaths_by_cell_block"]
    assert {h3.get_resolution(c) for c in cells["cell_id"]} == {5}
    assert cells["area_km2"].between(250, 350).all()
    assert cells.geometry.intersects(box(*found.study.bounds_lonlat)).all()
    assert set(cells["block"]) <= {"2000-04", "2005-09", "2010-14", "2015-19", "2020-24"}
    # the made-up records end in September 2024: the last whole year is 2023, and the table says so
    assert set(cells.loc[cells["block"] == "2020-24", "last_year"]) == {2023}
    narrow = found.study.model_copy(update={"bounds_lonlat": (-111.6, 31.5, -111.5, 31.6)})
    deaths = sources.fit(
        found.table("deaths"), narrow.bounds_lonlat, date(2009, 3, 1), date(2011, 7, 1)
    )
    less = public_tables(replace(found, study=narrow, tables=found.tables | {"deaths": deaths}))
    part = less["deaths_by_cell_block"].set_index("row_id")["deaths_class"]
    assert 0 < len(part) < len(cells)
    assert part.to_dict().items() <= cells.set_index("row_id")["deaths_class"].to_dict().items()


def test_counts_are_those_of_the_records_in_classes_only(found, tables):
    members = lineage(found)
    cells = tables["deaths_by_cell_block"].set_index("row_id")
    size = members[members["id"].isin(cells.index)].groupby("id").size()
    assert size.map(records.count_class).to_dict() == cells["deaths_class"].to_dict()
    years = tables["deaths_by_year"]
    assert years["year"].max() == 2023
    assert (years.loc[years["deaths"].isna(), "deaths_class"] != "0").all()


def test_corridors_sum_the_classes_of_whole_cells(found, tables):
    rows = tables["deaths_by_corridor_block"]
    size = lineage(found).groupby("id").size()
    known = rows[rows["deaths_at_most"].notna()]
    assert len(known)
    assert (known["deaths_at_least"] <= known["row_id"].map(size)).all()
    assert (known["row_id"].map(size) <= known["deaths_at_most"]).all()


def test_small_groups_and_small_complements_are_suppressed(found):
    exposures = found.table("exposures").copy()
    found_on = found.table("deaths").set_index("death_id")["found_on"]
    inside = exposures.index[exposures["death_id"].map(found_on).dt.year.between(2005, 2009)]
    exposures.loc[inside, "precision_class"] = "gps"
    exposures.loc[inside[:3], "precision_class"] = "vague"
    made = public_tables(replace(found, tables={**found.tables, "exposures": exposures}))
    rows = made["hardship_by_block"].set_index(["block", "group", "component", "statistic"])
    assert np.isnan(rows.loc[("2005-09", "gps", "slope_deg", "mean"), "value"])
    assert rows.loc[("2005-09", "all", "slope_deg", "mean"), "value"] > 0
    assert rows.loc[("2015-19", "gps", "slope_deg", "mean"), "value"] > 0


def test_a_suppressed_corridor_cannot_be_had_by_subtraction():
    frame = pd.DataFrame(
        {
            "block": "2000-04",
            "corridor": ["a"] * 3 + ["b"] * 6 + ["c"] * 9,
        }
    )
    assert _hidden(frame, 5) == {("a", "2000-04"), ("b", "2000-04")}
    assert _hidden(frame[frame["corridor"] != "a"], 5) == set()
    nowhere = frame.assign(corridor=frame["corridor"].where(frame["corridor"] != "a"))
    assert _hidden(nowhere, 5) == {("b", "2000-04")}


def test_no_statistic_is_one_records_value(found):
    made = public_tables(replace(findings(60), study=found.study))["hardship_by_block"]
    people = made[made["group"] != "land"]
    assert set(people["statistic"]) <= {"mean", "median"}
    medians = people[people["statistic"] == "median"]["records_class"]
    assert (medians.str.split("-").str[1].astype(int) >= 10).all()


def test_the_interval_of_a_mean_covers_the_truth():
    rng = np.random.default_rng(4)
    from geo.evidence.tables.hardship import interval

    hits = 0
    for _ in range(200):
        low, high = interval(rng.gamma(2, 2, 60), rng)
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
