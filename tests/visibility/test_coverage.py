"""All towers through time against a calendar walked day by day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from geo.errors import GridError, InputProblems, StudyError
from geo.visibility import (
    coverage,
    dated,
    detection_probability,
    programmes,
    publish_share,
    viewshed,
)

from .reference import rough
from .scenes import CRS, at, period, raster, towers

PERIODS = [
    period("before", "2008-12-20", "2009-01-01"),
    period("first", "2010-01-01", "2010-02-10"),
    period("second", "2010-02-10", "2010-03-01"),
]


@pytest.fixture(scope="module")
def scene():
    ground = raster(rough(90, 4, relief_m=400.0))
    rng = np.random.default_rng(9)
    cells = [tuple(c) for c in rng.integers(0, 90, (9, 2))]
    start = pd.Timestamp("2009-12-15") + pd.to_timedelta(rng.integers(0, 75, 9), "D")
    end = start + pd.to_timedelta(rng.integers(0, 40, 9), "D")
    open_ended = pd.Series(end).where(np.arange(9) % 3 > 0)
    table = towers(
        ground,
        cells,
        active_from_earliest=start,
        active_from_latest=start,
        active_to_earliest=open_ended.to_numpy(),
        active_to_latest=open_ended.to_numpy(),
        range_m=rng.choice([600.0, 1_100.0], 9),
        height_m=rng.choice([10.0, 30.0], 9),
    )
    return ground, table, cells


def _day_by_day(ground, table, cells, span):
    """Union, count and detection on every single day, then the mean or maximum over days."""
    x, y = ground.x.values, ground.y.values
    views, missed = [], []
    for row, (i, j) in zip(table.itertuples(), cells, strict=True):
        look = {"observer_height_m": row.height_m, "range_m": row.range_m}
        seen = viewshed(ground, at(ground, i, j), **look).values
        distance = np.hypot(x[None, :] - x[j], y[:, None] - y[i])
        sure = np.minimum(detection_probability(distance, row.range_m), 1 - 1e-4)
        views.append(seen)
        missed.append(np.where(seen, 1 - sure, 1.0))
    in_view, count, noticed = 0.0, np.zeros(ground.shape, int), 0.0
    day, days = span.start, (span.end - span.start).days
    while day < span.end:
        stamp = pd.Timestamp(day)
        active = [
            k
            for k, row in enumerate(table.itertuples())
            if row.active_from_latest <= stamp
            and (pd.isna(row.active_to_latest) or stamp < row.active_to_latest)
        ]
        towers_in_view = sum((views[k].astype(int) for k in active), np.zeros(ground.shape, int))
        in_view = in_view + (towers_in_view > 0)
        count = np.maximum(count, towers_in_view)
        noticed = noticed + 1 - np.prod([missed[k] for k in active], axis=0, initial=1.0)
        day += timedelta(days=1)
    return in_view / days, count, noticed / days


def test_equals_a_calendar_walked_day_by_day(scene):
    ground, table, cells = scene
    found = coverage(ground, table, PERIODS)
    ever = np.zeros(ground.shape, bool)
    for k, span in enumerate(PERIODS):
        in_view, count, noticed = _day_by_day(ground, table, cells, span)
        np.testing.assert_allclose(found.in_view[k], in_view, atol=1e-6)
        np.testing.assert_array_equal(found["count"][k], count)
        np.testing.assert_allclose(found.detection[k], noticed, atol=2e-4)
        ever |= in_view > 0
    np.testing.assert_array_equal(found.ever, ever)
    assert not found.in_view[0].any()
    assert 0.05 < ever.mean() < 0.95
    assert list(found.period.values) == ["before", "first", "second"]
    # the contract of the rasters that others read
    assert {n: str(v.dtype) for n, v in found.data_vars.items()} == {
        "in_view": "float32",
        "detection": "float32",
        "count": "uint16",
        "ever": "bool",
    }


def test_union_grows_with_towers_and_detection_stays_below_view(scene):
    ground, table, _ = scene
    previous = None
    for n in range(1, len(table) + 1):
        found = coverage(ground, table.iloc[:n], PERIODS[1:])
        assert (found.detection <= found.in_view + 1e-6).all()
        if previous is not None:
            assert (found.in_view >= previous.in_view).all()
            assert (found["count"] >= previous["count"]).all()
        previous = found


def _big_scene():
    """A raster of several chunks, with towers astride their edges and voids."""
    ground = raster(rough(1_200, 2).astype(np.float32)[:1_150, :1_100])
    ground.values[500:520, 500:520] = np.nan
    rng = np.random.default_rng(2)
    cells = [
        (1_023, 1_023),
        (1_024, 10),
        (0, 0),
        (510, 510),
        *map(tuple, rng.integers(0, 1_100, (12, 2))),
    ]
    start = pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 50, len(cells)), "D")
    table = towers(
        ground, cells, active_from_earliest=start, active_from_latest=start, range_m=4_000.0
    )
    return ground, table


def test_same_values_for_any_executor_store_and_chunking(tmp_path):
    ground, table = _big_scene()
    plain = coverage(ground, table, PERIODS)
    views = [
        viewshed(ground, (point.x, point.y), observer_height_m=25.0, range_m=4_000.0).values
        for k, point in enumerate(table.geometry.to_crs(CRS))
        if k != 3
    ]
    np.testing.assert_array_equal(plain.ever, np.any(views, axis=0))
    assert plain.attrs["towers"] == len(table) - 1
    assert plain.attrs["towers_without_elevation"] == ["t3"]
    calls = []
    with ThreadPoolExecutor(3) as pool:
        stored = coverage(
            ground.chunk(y=400, x=300),
            table.sample(frac=1.0, random_state=1),
            PERIODS,
            executor=pool,
            progress=lambda done, total, label: calls.append((done, total)),
            store=tmp_path / "coverage.zarr",
        )
    assert calls == [(k, 4) for k in range(1, 5)]
    assert stored.in_view.chunks is not None
    for name in plain.data_vars:
        assert stored[name].dtype == plain[name].dtype
        np.testing.assert_array_equal(stored[name].values, plain[name].values)
    assert stored.attrs == plain.attrs
    with pytest.raises(FileExistsError):
        coverage(ground, table, PERIODS, store=tmp_path / "coverage.zarr")


def test_a_killed_run_is_done_again(scene, tmp_path):
    ground, table, _ = scene

    def kill(done, total, label):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        coverage(ground, table, PERIODS, store=tmp_path / "c.zarr", progress=kill)
    again = coverage(ground, table, PERIODS, store=tmp_path / "c.zarr")
    xr.testing.assert_equal(
        again.drop_vars("period"), coverage(ground, table, PERIODS).drop_vars("period")
    )
    assert "unfinished" not in again.attrs


@pytest.mark.slow
def test_dask_client_gives_the_same_bytes(tmp_path):
    distributed = pytest.importorskip("distributed")
    ground, table = _big_scene()
    ground.to_dataset().to_zarr(tmp_path / "z.zarr", consolidated=False)
    lazy = xr.open_zarr(tmp_path / "z.zarr", consolidated=False).set_coords("spatial_ref")
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0"
    ) as client:
        stored = coverage(lazy.elevation, table, PERIODS, executor=client)
    plain = coverage(ground, table, PERIODS)
    for name in plain.data_vars:
        np.testing.assert_array_equal(stored[name].values, plain[name].values)


def test_a_programme_can_be_singled_out_after_dates_are_settled(scene):
    """Legacy cameras are a programme of their own; a replacement ends the old tower's dose."""
    ground, _, cells = scene
    table = towers(
        ground,
        cells[:2],
        programme=["legacy_rvss", "ift"],
        active_from_earliest=["2009-01-01", "2010-02-10"],
        active_from_latest=["2009-01-01", "2010-02-10"],
        replaces=[None, "t0"],
        height_m=np.nan,
        range_m=np.nan,
    )
    settled = dated(table)
    legacy = coverage(ground, settled[settled.programme == "legacy_rvss"], PERIODS)
    assert legacy.in_view[1].max() == 1.0
    assert not legacy.in_view[2].any()
    known = programmes()["legacy_rvss"]
    seen = viewshed(
        ground,
        at(ground, *cells[0]),
        observer_height_m=known.height_m.value,
        range_m=known.range_m.value,
    )
    np.testing.assert_array_equal(legacy.in_view[1], seen)


def test_left_out_towers_are_named_and_wrong_tables_refused(scene):
    ground, table, _ = scene
    moved = table.copy()
    moved.geometry = moved.geometry.translate(xoff=1.0)
    found = coverage(ground, moved, PERIODS)
    assert found.attrs["towers_outside"] == list(table["tower_id"])
    assert not found.ever.any()
    unknown = table.assign(programme="balloon", height_m=np.nan)
    with pytest.raises(InputProblems, match="balloon"):
        coverage(ground, unknown, PERIODS)
    with pytest.raises(InputProblems, match="not positive"):
        coverage(ground, table.assign(range_m=0.0), PERIODS)
    with pytest.raises(StudyError, match="periods"):
        coverage(ground, table, [PERIODS[0], PERIODS[0]])


def test_published_share_is_coarse_and_closed(scene):
    ground, table, _ = scene
    found = coverage(ground, table, PERIODS)
    share = publish_share(found, 1_000.0, closed=["first", "second"])
    assert list(share.period.values) == ["first", "second"]
    assert share.name == "in_view_share"
    assert share.dtype == np.float32
    assert abs(float(share.x[1] - share.x[0])) == 1_000.0
    # conservation: every fine cell counts once
    cells = (1_000 / 30) ** 2
    inside = share.values[0, 0:2, 0:2]
    assert 0 <= inside.min() <= inside.max() <= 1
    fine = found.in_view[1]
    x0, y0 = float(share.x[1]), float(share.y[1])
    block = fine.sel(x=slice(x0 - 500, x0 + 500), y=slice(y0 + 500, y0 - 500))
    assert block.size == pytest.approx(cells, rel=0.05)
    np.testing.assert_allclose(share.values[0, 1, 1], block.mean(), rtol=1e-5)
    with pytest.raises(GridError, match="finely"):
        publish_share(found, 500.0, closed=["first"])
    with pytest.raises(StudyError, match="closed"):
        publish_share(found, closed=[])
    with pytest.raises(StudyError, match="closed"):
        publish_share(found, closed=["first", "tomorrow"])
