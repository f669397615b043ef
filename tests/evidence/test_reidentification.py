"""Can a person be singled out from what is published, alone or across two vintages?

The attacker holds the publisher's own file, which is public, and joins every public table to it on
every column that both have or that can be derived: year, study year, period, corridor, precision
class, cell. Bare counts follow their classes; a row that carries an attribute must match at least
five records, and so must what is left when published groups are subtracted from each other.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo import identity, records, sources, study
from geo.evidence import (
    Findings,
    isolated,
    lineage,
    open_trees,
    public_tables,
    verify,
    withheld,
    write_bundle,
    write_restricted,
)
from geo.evidence.tables.hardship import GROUPED

pytestmark = pytest.mark.real
VINTAGES = ("2020-06", "2021-02", "2024-10")
FLOOR = 5
CODE = "0" * 64


def findings(path: Path, slopes: pd.DataFrame) -> Findings:
    text = (Path("data") / "studies" / "arizona.toml").read_text("utf-8")
    made = study.parse(text, "arizona.toml")
    made = made.model_copy(
        update={"privacy": made.privacy.model_copy(update={"death_cell_m": 5000})}
    )
    reading = sources.read(
        path, role="deaths", source_id="ogis-deaths", plausible=made.bounds_lonlat
    )
    deaths = sources.fit(
        reading.records, made.bounds_lonlat, made.periods[0].start, made.periods[-1].end
    )
    snapshot = {
        "source_id": "ogis-deaths",
        "role": "deaths",
        "title": "Recorded deaths",
        "publisher": "Humane Borders",
        "licence": "not stated",
        "citation": "OGIS",
        "retrieved_at": "2026-01-01T00:00:00Z",
        "size": path.stat().st_size,
        "sha256": records_hash(path),
        "reader": "ogis",
        "row_id": "",
        "parents": "",
    }
    return Findings(
        study=made,
        run_id=identity.run_id(
            made.toml(), CODE, "", [(snapshot["source_id"], snapshot["sha256"])]
        ),
        code_version=CODE,
        tables={
            "deaths": deaths,
            "exposures": exposures(deaths, made, slopes),
            "snapshots": records.SNAPSHOTS.conform(pd.DataFrame([snapshot])),
        },
        case_keys=sources.case_keys(path, source_id="ogis-deaths"),
    )


def records_hash(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def exposures(deaths, made, slopes):
    """Slope of the nearest cell of the coarse public layer, and height above the border's foot."""
    found = deaths["found_on"]
    period = pd.Series(None, index=deaths.index, dtype=object)
    for p in made.periods:
        inside = (found >= pd.Timestamp(p.start)) & (found < pd.Timestamp(p.end))
        period[inside] = p.id
    at = np.stack([slopes["longitude"], slopes["latitude"]], axis=1)
    points = np.stack([deaths.geometry.x, deaths.geometry.y], axis=1)
    nearest = [int(np.argmin(((at - p) ** 2).sum(axis=1))) for p in points]
    return records.EXPOSURES.conform(
        pd.DataFrame(
            {
                "death_id": deaths["death_id"],
                "source_id": deaths["source_id"],
                "source_row": deaths["source_row"],
                "period_id": period,
                "year": [d.year if pd.notna(d) else None for d in found],
                "corridor": deaths["corridor"],
                "precision_class": deaths["precision_class"],
                "slope_deg": slopes["slope_deg"].to_numpy()[nearest],
                "border_km": (deaths.geometry.y.to_numpy() - 31.33) * 111,
                "parents": "public layer",
            }
        )
    )


@pytest.fixture(scope="module")
def vintages(real_data):
    layer = real_data / "terrain" / "danger_index_environmental_layers.csv"
    slopes = pd.read_csv(layer)
    return {
        v: findings(real_data / "deaths" / f"ogis_migrant_deaths_{v}.csv", slopes) for v in VINTAGES
    }


@pytest.fixture(scope="module")
def raw(real_data):
    """The publisher's newest file as an attacker reads it, with all that can be derived."""
    path = real_data / "deaths" / f"ogis_migrant_deaths_{VINTAGES[-1]}.csv"
    frame = pd.read_csv(path, dtype=str)
    when = pd.to_datetime(frame["Reporting Date"])
    frame["calendar"] = when.dt.year
    frame["block"] = when.dt.year.map(records.block_name, na_action="ignore")
    frame["gps"] = frame["Location Precision"].str.startswith("GPS", na=False)
    return frame


def test_no_row_with_an_attribute_matches_fewer_than_five_records(vintages, raw):
    tables = public_tables(vintages[VINTAGES[-1]])
    rows = tables["hardship_by_block"]
    assert rows["value"].notna().any()
    for row in rows[rows["value"].notna()].itertuples():
        match = raw[(raw["block"] == row.block) & (raw["gps"] | (row.group == "all"))]
        assert len(match) >= FLOOR
    rows = tables["exposures_by_corridor_block"]
    assert rows["value"].notna().any()
    assert rows["value"].isna().any()
    size = raw.groupby(["Corridor", "block"]).size()
    for row in rows[rows["value"].notna()].itertuples():
        assert size[(row.corridor, row.block)] >= FLOOR


def test_no_public_table_of_deaths_holds_an_attribute_or_a_fine_count(vintages):
    for found in vintages.values():
        tables = public_tables(found)
        for name in ("deaths_by_cell_block", "deaths_by_corridor_block", "deaths_by_year"):
            used = set(tables[name].columns) - {"geometry", "row_id", "parents"}
            assert used <= {
                "cell_id", "area_km2", "block", "first_year", "last_year", "corridor", "year",
                "source_id", "deaths_class", "deaths", "cells", "deaths_at_least",
                "deaths_at_most",
            }  # fmt: skip


def test_what_is_left_after_subtraction_holds_five_or_nobody(vintages):
    for found in vintages.values():
        tables, members = public_tables(found), lineage(found)
        groups = members.groupby("id")["death_id"].agg(frozenset)
        shown = pd.concat(
            t[(t["statistic"] == "mean") & t["value"].notna()]
            for t in (tables["hardship_by_block"], tables["exposures_by_corridor_block"])
        )
        shown = shown[shown["group"].fillna("corridor") != "land"]
        sets = [
            (row.component, pd.isna(row.corridor), groups[row.parents.split()[-1]])
            for row in shown.itertuples()
        ]
        for component in ("slope_deg", "border_km"):
            wholes = [s for c, whole, s in sets if whole and c == component]
            cells = [s for c, whole, s in sets if not whole and c == component]
            assert any(s < whole for whole in wholes for s in cells)
            for whole in wholes:
                parts = [s for s in (*wholes, *cells) if s < whole]
                assert all(len(whole - part) >= FLOOR for part in parts)
                left = whole.difference(*(s for s in cells if s < whole))
                assert not left or len(left) >= FLOOR


def test_two_vintages_isolate_nobody_once_the_way_out_is_taken(vintages, tmp_path):
    trees = {v: write_restricted(tmp_path / v, f) for v, f in vintages.items()}
    for old, new in pairwise(VINTAGES):
        first, second = open_trees(trees[old], trees[new])
        groups = isolated(first, second)
        assert groups, "these vintages differ by few records in some groups"
        tables = withheld(public_tables(vintages[new]), groups)
        before = public_tables(vintages[old])
        members = [t.members.groupby("id")["key"].agg(set) for t in (first, second)]
        for name in GROUPED:
            a, b = (t[name].set_index("row_id") for t in (before, tables))
            both = a.index.intersection(b.index)
            for i in both[a.loc[both, "value"].notna() & b.loc[both, "value"].notna()]:
                group = b.loc[i, "parents"].split()[-1]
                touched = members[0][group] ^ members[1][group]
                assert not touched or len(touched) >= FLOOR


def test_nothing_of_the_publishers_file_but_aggregates_leaves(vintages, real_data, tmp_path):
    found = vintages[VINTAGES[-1]]
    path = real_data / "deaths" / f"ogis_migrant_deaths_{VINTAGES[-1]}.csv"
    digest = found.table("snapshots")["sha256"].iloc[0]
    started = time.process_time()
    folder = write_bundle(tmp_path / "run", found, {})
    assert time.process_time() - started < 60
    tree = write_restricted(tmp_path / "closed", found, {digest: path})
    assert verify(folder, tree) == []
    token = b"WITHHELD-NAME"
    assert token in path.read_bytes()
    for file in folder.rglob("*"):
        assert not file.is_file() or token not in file.read_bytes(), file.name
    name = next(v for v in pd.read_csv(path, dtype=str)["Name"] if v.startswith("WITHHELD"))
    leaky = write_bundle(tmp_path / "leaky", replace(found), {"maps/funnel.html": f"<p>{name}</p>"})
    assert [p.where for p in verify(leaky, tree)] == ["maps/funnel.html"]
