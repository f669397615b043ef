"""Made-up records on given land: they follow its intensity and the planted ratio, and no record."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from flows.workflow.studies import locate
from geo import inference
from geo.errors import InputProblems
from geo.grid import LONLAT, cell_centres, grid_of, make_grid, wrap
from geo.records import DEATHS
from geo.study import parse, stream
from geo.synthetic.planted import plant
from geo.synthetic.planted_intensity import Planting, expect, shock_sd, usable

YEARS = tuple(range(2001, 2017))
RATIO = 2.5


@pytest.fixture(scope="module")
def land():
    """Eight corridors side by side; hardness rises to the north in each; four get covered."""
    grid = make_grid((-112.0, 31.5, -110.0, 32.2), "EPSG:32612", 1_000)
    rows, columns = grid.shape
    names = tuple(f"c{n}" for n in range(8))
    label = np.broadcast_to(np.arange(columns) * 8 // columns, grid.shape).astype(np.int16)
    labels = wrap(label.copy(), grid, "corridor", "1")
    labels.attrs["names"] = names
    rank = (np.arange(rows)[::-1] + 0.5) / rows
    score = np.broadcast_to(((rank - 0.5) * np.sqrt(12.0))[:, None], grid.shape)
    dose = pd.DataFrame(
        [(f"c{c}", y, float(y >= 2007 + c)) for c in range(4) for y in YEARS],
        columns=["corridor", "year", "dose"],
    )
    return Planting(
        wrap(score.astype(np.float32).copy(), grid, "hardness", "1"),
        labels, 5, dose, YEARS, (pd.Timestamp("2001-01-01"), pd.Timestamp("2007-01-01")),
        RATIO, pd.Timestamp("2016-12-31"), "planted-own",
    )  # fmt: skip


@pytest.fixture(scope="module")
def recorded(land):
    """Records: more in the south and in the west, none of them twice."""
    rng = np.random.default_rng(5)
    n = 2_400
    grid = grid_of(land.labels)
    x, y = cell_centres(grid)
    points = gpd.points_from_xy(
        x.min() + (x.max() - x.min()) * rng.beta(1.0, 1.5, n),
        y.min() + (y.max() - y.min()) * rng.beta(1.0, 1.3, n),
        crs=str(grid.crs),
    )
    found = pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 16 * 365, n), unit="D")
    frame = gpd.GeoDataFrame(
        {
            "death_id": [f"real-{i}" for i in range(n)],
            "source_id": "own", "source_row": np.arange(1, n + 1),
            "found_on": found, "death_earliest": found, "death_latest": found,
            "pmi_class": rng.choice(["day", "week"], n, p=[0.7, 0.3]),
            "sex": rng.choice(["male", "female"], n, p=[0.8, 0.2]),
            "age_years": rng.integers(18, 60, n).astype(float),
            "cause_class": "exposure", "precision_class": "gps", "precision_m": 100.0,
            "precision_basis": None, "corridor": "a publisher's", "land_manager": "somebody",
            "identified": True, "persons": 1, "place_ok": True, "date_ok": True,
            "cause_ok": True, "exclusion_reason": None,
        },
        geometry=points.to_crs(LONLAT), crs=LONLAT,
    )  # fmt: skip
    return DEATHS.conform(frame)


def test_no_record_is_one_of_the_recorded_ones(land, recorded):
    made = plant(recorded, land, stream(1, "planted"))
    crs = str(grid_of(land.labels).crs)
    (ax, ay), (bx, by) = (
        (f.geometry.to_crs(crs).x, f.geometry.to_crs(crs).y) for f in (made, recorded)
    )
    near, _ = cKDTree(np.c_[bx, by]).query(np.c_[ax, ay])
    assert near.min() > 1e-3
    # a jitter of recorded places would lie closer to one than a place drawn on the ground
    even = np.c_[ax, ay] + stream(2, "moved").uniform(-3_000, 3_000, (len(ax), 2))
    assert np.median(near) > 0.8 * np.median(cKDTree(np.c_[bx, by]).query(even)[0])
    assert not set(made["death_id"]) & set(recorded["death_id"])
    assert set(made["source_id"]) == {"planted-own"}
    assert made["land_manager"].isna().all()
    assert set(made["corridor"]) <= set(land.labels.attrs["names"])


def test_draws_are_the_seeds(land, recorded):
    one, again, other = (plant(recorded, land, stream(s, "planted")) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert len(other) != len(one) or not other.geometry.geom_equals(one.geometry).any()


def test_totals_of_corridors_and_marginals_are_like_the_recorded_ones(land, recorded):
    expected = expect(usable(recorded), land)
    assert expected.mean.sum() == pytest.approx(len(recorded), rel=0.03)
    made = pd.concat([plant(recorded, land, stream(s, "planted")) for s in range(5)])
    by_corridor = made["corridor"].value_counts().reindex(land.labels.attrs["names"]) / 5
    assert np.allclose(by_corridor, expected.mean.sum(axis=(1, 2)), rtol=0.15)
    assert (made["sex"] == "male").mean() == pytest.approx(0.8, abs=0.03)
    assert (made["pmi_class"] == "day").mean() == pytest.approx(0.7, abs=0.03)


def test_the_planted_ratio_is_found(land, recorded):
    ground = inference.classify_ground(land.hardness, land.labels, land.bins)
    found = {}
    for ratio in (1.0, RATIO):
        errors = []
        for seed in range(4):
            made = plant(recorded, replace(land, rate_ratio=ratio), stream(seed, "planted"))
            panel = inference.build_panel(made, ground, land.dose, YEARS)
            fit = inference.primary(panel, stream(seed, "fit"), draws=99, invert=False)
            errors.append(float(fit.answer.interval.beta[0]) - np.log(ratio))
        found[ratio] = np.mean(errors)
    # four draws of a standard error near 0.1
    assert abs(found[1.0]) < 0.15
    assert abs(found[RATIO]) < 0.15


def test_shocks_are_as_large_as_the_counts_show():
    rng = np.random.default_rng(3)
    mean = np.full((60, 5, 6), 20.0)
    assert shock_sd(rng.poisson(mean).astype(float)) < 0.08
    shaken = rng.poisson(mean * np.exp(0.4 * rng.standard_normal(mean.shape)))
    assert shock_sd(shaken.astype(float)) == pytest.approx(0.4, abs=0.06)
    assert shock_sd(np.zeros((2, 5, 6))) == 0.0


def test_a_planted_study_is_made_up_and_compares_with_nothing():
    text = """
extends = "tiny"
name = "planted-tiny"
[planted]
rate_ratio = 2
"""
    whole = locate("tiny").study.toml()
    study = parse(text, "own.toml", lambda _: whole)
    assert study.made_up
    assert not [s for s in study.sources if s.role in ("vintage", "crosscheck")]
    assert parse(study.toml(), "again").fingerprint() == study.fingerprint()
    for name, ratio in (("arizona-planted", 2.5), ("arizona-null", 1.0)):
        own = locate(name).study
        assert own.made_up
        assert own.synthetic is None
        assert own.planted.rate_ratio == ratio
        assert own.title.startswith("SYNTHETIC")
        assert {s.role for s in own.sources}.isdisjoint({"vintage", "crosscheck"})
        assert not locate("arizona").study.made_up
    with pytest.raises(InputProblems, match="role deaths"):
        parse(
            text + "\n[[sources]]\nid='x'\nrole='border'\nfile='x'\n", "own.toml", lambda _: whole
        )
