"""Records into the panel: classes of ground, the flow of records, who is left out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo import funnel, grid
from geo.errors import ContractError
from geo.inference import PanelOptions, build_panel, classify_ground, place_records

CRS = "EPSG:32612"


@pytest.fixture
def land():
    """Two corridors side by side, hardness rising to the north, the west seen from 2005."""
    box = grid.grid_from_bounds((400_000, 3_500_000, 440_000, 3_520_000), CRS, 1_000)
    rows, cols = box.shape
    rise = np.repeat(np.arange(rows, 0.0, -1)[:, None], cols, axis=1)
    label = np.repeat((np.arange(cols) >= cols // 2)[None, :], rows, axis=0).astype(np.int16)
    corridors = grid.wrap(label, box, "corridor", "1", names=["west", "east"])
    energy = grid.wrap(rise, box, "energy_per_km", "kJ/km")
    hours = grid.wrap(np.ones(rise.shape), box, "hours", "h")
    hard = funnel.hardness(energy, hours, corridors)
    view = np.stack([np.zeros(rise.shape), np.where(label == 0, rise <= rows / 2, 0.0)])
    seen = grid.wrap(
        view, box, "in_view", "1", dims=("year", "y", "x"), coords={"year": [2004, 2005]}
    )
    return box, hard, corridors, seen


def records(rows: list[tuple[float, float, str]], **columns: object) -> gpd.GeoDataFrame:
    x, y, found = zip(*rows, strict=True)
    frame = {
        "found_on": pd.to_datetime(list(found)),
        "death_latest": pd.to_datetime(list(found)),
        "pmi_class": "day",
        "cause_class": "exposure",
        "precision_class": "gps",
        "precision_m": 100.0,
        "persons": 1,
        "place_ok": True,
        "date_ok": True,
    } | columns
    shapes = gpd.points_from_xy(x, y, crs=CRS)
    return gpd.GeoDataFrame(frame, geometry=shapes).to_crs("EPSG:4326")


def test_a_record_falls_into_its_cell_and_its_calendar_year(land):
    _, hard, corridors, seen = land
    ground = classify_ground(hard, corridors, 5, seen)
    deaths = records(
        [
            (400_500, 3_500_500, "2004-12-31"),
            (400_500, 3_519_500, "2005-01-01"),
            (430_500, 3_500_500, "2005-02-01"),
            (500_000, 3_500_500, "2005-02-01"),
        ]
    )
    placed = place_records(deaths, ground)
    assert placed["year"].tolist() == [2004, 2005, 2005, 2005]
    assert placed["unit"].tolist() == [0, 0, 1, -1]
    assert placed["bin"].tolist() == [0, 4, 0, -1]
    assert placed["seen"].tolist() == [True, False, False, False]


def test_flow_of_records_adds_up_and_corridors_without_a_past_are_listed(land):
    _, hard, corridors, seen = land
    ground = classify_ground(hard, corridors, 5, seen)
    rng = np.random.default_rng(0)
    spots = [
        (x, y, f"200{rng.integers(1, 7)}-03-01")
        for x, y in zip(
            rng.uniform(400_000, 445_000, 200), rng.uniform(3_500_000, 3_520_000, 200), strict=True
        )
    ]
    deaths = records(spots)
    deaths.loc[:9, "cause_class"] = "vehicle"
    deaths.loc[10:14, "precision_class"] = "moved"
    dose = funnel.dose(seen, None, corridors)
    panel = build_panel(deaths, ground, dose, range(2001, 2006), PanelOptions())
    steps = panel.flow.set_index("step")["records"]
    assert steps["read"] == 200
    assert steps["placed"] == 195
    assert steps.is_monotonic_decreasing
    assert steps["used"] == panel.deaths.sum()
    assert panel.data["dose"].sel(corridor="west", year=2005) == pytest.approx(0.5)
    strict = build_panel(
        deaths, ground, dose, range(2001, 2006), PanelOptions(min_records_before=1_000)
    )
    assert strict.corridors == []
    assert set(strict.left_out["corridor"]) == {"west", "east"}


def test_persons_are_counted(land):
    _, hard, corridors, seen = land
    ground = classify_ground(hard, corridors, 5, seen)
    deaths = records([(400_500, 3_500_500, "2003-01-01")] * 2, persons=[1, 3])
    dose = funnel.dose(seen, None, corridors)
    options = PanelOptions(min_records_before=1)
    assert build_panel(deaths, ground, dose, range(2001, 2006), options).deaths.sum() == 4


def test_ground_without_hardness_is_refused(land):
    box, _, corridors, _ = land
    nothing = grid.wrap(np.full(tuple(box.shape), np.nan), box, "hardness", "1")
    with pytest.raises(ContractError, match="no cell lies in a corridor"):
        classify_ground(nothing, corridors, 5)
