"""Viewsheds: speed against r.viewshed and gdal_viewshed, many towers, memory.

Run as `python -m benchmarks.visibility`; writes results/visibility.md beside this file. Every
comparison is paired (same window, same tower, one after the other) and in CPU time, so that a busy
machine disturbs it little.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
import zarr
from rasterio.transform import from_origin

from geo.grid import grid_from_bounds, wrap
from geo.visibility import coverage, viewshed

CELL_M, RANGE_M, EYE_M, TARGET_M = 30.0, 12_000.0, 25.0, 1.7
REACH = int(RANGE_M / CELL_M)
CRS = "EPSG:32612"
PAIRS = 7


def terrain(n: int, seed: int) -> np.ndarray:
    """Periodic 1/f terrain of 1,500 m relief."""
    rng = np.random.default_rng(seed)
    f = np.hypot(np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None, :])
    f[0, 0] = 1.0
    z = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((n, n))) * f**-1.8, (n, n))
    return ((z - z.min()) / np.ptp(z) * 1_500.0).astype(np.float32)


def on_grid(values) -> xr.DataArray:
    rows, cols = values.shape
    bounds = (300_000.0, 3_300_000.0, 300_000.0 + cols * CELL_M, 3_300_000.0 + rows * CELL_M)
    return wrap(values, grid_from_bounds(bounds, CRS, CELL_M), "elevation", "m")


def stand_towers(elevation: xr.DataArray, n: int, seed: int) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x = rng.choice(elevation.x.values, n)
    y = rng.choice(elevation.y.values, n)
    start = pd.Timestamp("2010-02-15").as_unit("us")
    table = pd.DataFrame(
        {
            "tower_id": [f"t{i}" for i in range(n)],
            "source_id": "synthetic",
            "source_row": range(1, n + 1),
            "programme": "ift",
            "status": "deployed",
            "height_m": EYE_M,
            "range_m": RANGE_M,
            "active_from_earliest": start,
            "active_from_latest": start,
            "active_to_earliest": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
            "active_to_latest": pd.Series([pd.NaT] * n, dtype="datetime64[us]"),
            "replaces": None,
            "location_uncertainty_m": np.nan,
        }
    )
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=CRS).to_crs(4326)


PERIODS = [
    SimpleNamespace(id="before", start=date(2005, 1, 1), end=date(2010, 1, 1)),
    SimpleNamespace(id="after", start=date(2010, 1, 1), end=date(2015, 1, 1)),
]


def children_cpu(command: list[str]) -> float:
    """CPU seconds of a program and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_tiff(folder: Path, window: xr.DataArray) -> tuple[float, float]:
    """Write the window as GeoTIFF; return its middle."""
    z = window.values
    corner = (float(window.x[0]) - CELL_M / 2, float(window.y[0]) + CELL_M / 2)
    with rasterio.open(
        folder / "z.tif", "w", driver="GTiff", height=z.shape[0], width=z.shape[1], count=1,
        dtype="float32", crs=CRS, transform=from_origin(*corner, CELL_M, CELL_M),
    ) as file:  # fmt: skip
        file.write(z, 1)
    return float(window.x[z.shape[1] // 2]), float(window.y[z.shape[0] // 2])


def gdal(folder: Path, x: float, y: float) -> tuple[float, np.ndarray]:
    command = f"gdal_viewshed -q -ox {x} -oy {y} -oz {EYE_M} -tz {TARGET_M} -md {RANGE_M} -cc 0.87"
    seconds = children_cpu([*command.split(), f"{folder}/z.tif", f"{folder}/g.tif"])
    with rasterio.open(folder / "g.tif") as file:
        return seconds, file.read(1) == 255


def grass(folder: Path, x: float, y: float) -> tuple[float, np.ndarray]:
    """CPU time of r.viewshed alone: start of GRASS, import and export are not counted."""
    script = f"""set -e; TIMEFORMAT='%U %S'
r.in.gdal -o --quiet input={folder}/z.tif output=z; g.region raster=z
{{ time r.viewshed -b -c -r --quiet input=z output=v coordinates={x},{y} \
observer_elevation={EYE_M} target_elevation={TARGET_M} max_distance={RANGE_M} \
refraction_coeff=0.13 memory=500 2>{folder}/err; }} 2>{folder}/cpu
r.out.gdal --o --quiet -f -c input=v output={folder}/v.tif format=GTiff type=Byte nodata=255"""
    command = ["grass", "--tmp-location", CRS, "--exec", "bash", "-c", script]
    subprocess.run(command, check=True, capture_output=True)
    with rasterio.open(folder / "v.tif") as file:
        seen = file.read(1) == 1
    return sum(float(t) for t in (folder / "cpu").read_text().split()), seen


def against_peers(elevation: xr.DataArray) -> list[str]:
    """One tower, same window, paired."""
    rng = np.random.default_rng(1)
    lines = ["| peer | CPU s, peer | CPU s, ours | ratio | IoU of the visible sets |"]
    lines += ["|---|---|---|---|---|"]
    for name, program, run in (
        ("r.viewshed", "grass", grass),
        ("gdal_viewshed", "gdal_viewshed", gdal),
    ):
        if shutil.which(program) is None:
            lines.append(f"| {name} | not installed | | | |")
            continue
        theirs, ours, overlap = [], [], []
        for row, col in rng.integers(REACH, elevation.shape[0] - REACH, (PAIRS, 2)):
            around = {
                "y": slice(row - REACH, row + REACH + 1),
                "x": slice(col - REACH, col + REACH + 1),
            }
            window = elevation.isel(around)
            with tempfile.TemporaryDirectory() as folder:
                x, y = write_tiff(Path(folder), window)
                seconds, other = run(Path(folder), x, y)
            start = time.process_time()
            seen = viewshed(window, (x, y), observer_height_m=EYE_M, range_m=RANGE_M).values
            ours.append(time.process_time() - start)
            theirs.append(seconds)
            overlap.append((seen & other).sum() / (seen | other).sum())
        ratio = statistics.median(t / o for t, o in zip(theirs, ours, strict=True))
        lines.append(
            f"| {name} | {statistics.median(theirs):.3f} | {statistics.median(ours):.4f} "
            f"| {ratio:.0f}x | {min(overlap):.3f}-{max(overlap):.3f} |"
        )
    return lines


def many_towers(elevation: xr.DataArray, n: int) -> list[str]:
    towers = stand_towers(elevation, n, 2)
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(2) as pool:
        found = coverage(elevation, towers, PERIODS, executor=pool)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sentence = (
        f"{n:,} towers of {RANGE_M / 1000:.0f} km on {elevation.shape[0]:,}² cells, two periods, "
        f"two threads: **{wall:.1f} s** wall, {cpu:.1f} s CPU ({cpu / n * 1000:.1f} ms a tower); "
        f"{float(found.ever.mean()):.0%} of the land in view."
    )
    return [sentence]


def memory_of(n: int) -> list[str]:
    """Peak memory of a run in a process of its own, elevation and result in zarr."""
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(
            [sys.executable, "-m", "benchmarks.visibility", "--memory", str(n), folder],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    return result.stdout.split()


def measure_memory(n: int, folder: Path) -> None:
    tile = terrain(1024, 3)
    stored = zarr.create_array(folder / "z", shape=(n, n), chunks=(1024, 1024), dtype="float32")
    for top in range(0, n, 1024):
        for left in range(0, n, 1024):
            stored[top : top + 1024, left : left + 1024] = tile[: n - top, : n - left]
    import dask.array as da

    elevation = on_grid(da.from_zarr(folder / "z"))
    towers = stand_towers(elevation, 200, 4)
    coverage(elevation[:900, :900], towers.iloc[:1], PERIODS)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the preparations
    before = peak_mb()
    with ThreadPoolExecutor(2) as pool:
        coverage(elevation, towers, PERIODS, executor=pool, store=folder / "coverage.zarr")
    print(f"{before:.0f} {peak_mb():.0f}")


def peak_mb() -> float:
    """Peak memory of this process; unlike getrusage it does not inherit its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    if sys.argv[1:2] == ["--memory"]:
        measure_memory(int(sys.argv[2]), Path(sys.argv[3]))
        return
    elevation = on_grid(terrain(4000, 2))
    warm = elevation[:900, :900]
    coverage(warm, stand_towers(warm, 2, 0), PERIODS)
    viewshed(warm, (float(warm.x[400]), float(warm.y[400])), observer_height_m=1.0, range_m=500.0)
    setting = (
        "Synthetic 1/f terrain, relief 1,500 m, 30 m cells, eye 25 m, target 1.7 m, range 12 km, "
        "refraction 0.13. CPU time, medians of paired runs; ours is the public call, raster in "
        "memory. r.viewshed without start and import; gdal_viewshed the whole process. "
        f"Load average at the start {os.getloadavg()[0]:.1f}: wall times count on an idle machine."
    )
    lines = [
        "# Viewsheds",
        "",
        setting,
        "",
        *against_peers(elevation),
        "",
        *many_towers(elevation, 1_000),
        "",
        "| raster, out of core, 200 towers | MB before | peak MB | growth MB |",
        "|---|---|---|---|",
    ]
    for n in (4_000, 12_000):
        before, after = memory_of(n)
        lines.append(f"| {n:,}² | {before} | {after} | {int(after) - int(before)} |")
    out = Path(__file__).parent / "results" / "visibility.md"
    out.parent.mkdir(exist_ok=True)
    out.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
