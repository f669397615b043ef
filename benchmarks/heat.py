"""Heat raster of one month-hour and eight hours of walking: core temperature and water.

`python -m benchmarks.heat [SIDE]` writes `benchmarks/results/heat.md`. CPU time stands beside wall
time, because machines are shared. The whole goes block by block through zarr, so memory does not
grow with the raster.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dask
import dask.array as da
import numpy as np
import xarray as xr

from geo import climate, hardship
from geo.grid import grid_from_bounds, wrap
from geo.locomotion import (
    build_strain_table,
    energy_per_metre,
    predicted_heat_strain,
    time_per_metre,
    walker,
)

WORKERS = 2
BLOCK = 1024
RESULT = Path(__file__).parent / "results" / "heat.md"


def land(side: int) -> tuple[xr.DataArray, xr.DataArray]:
    """Elevation [m] and slope [degree] with relief at every scale, as lazy blocks."""
    grid = grid_from_bounds((0.0, 0.0, side * 30.0, side * 30.0), "EPSG:32612", 30.0)
    y = da.arange(side, chunks=BLOCK)[:, None]
    x = da.arange(side, chunks=BLOCK)[None, :]
    height = 900.0 + 600.0 * da.sin(x / 611.0) * da.cos(y / 733.0)
    height = height + 60.0 * da.sin(x / 17.0 + y / 23.0) + 15.0 * da.cos(x / 5.0 - y / 7.0)
    along = 600 / 611 * da.cos(x / 611.0) + 60 / 17 * da.cos(x / 17.0 + y / 23.0)
    steep = da.hypot(along, 15 / 7 * da.sin(x / 5.0 - y / 7.0))
    slope = da.degrees(da.arctan(steep / 30.0 * 3.0))
    return (
        wrap(height.astype("f4"), grid, "elevation", "m"),
        wrap(slope.astype("f4"), grid, "slope", "degree"),
    )


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(start: tuple[float, float]) -> tuple[float, float]:
    now = clock()
    return now[0] - start[0], now[1] - start[1]


def run(side: int) -> list[str]:
    person = walker("adult-light")
    weather = climate.walk_mean(climate.synthetic(), 7, 8)
    build_start = clock()
    with ThreadPoolExecutor(WORKERS) as pool:
        table = build_strain_table(person, executor=pool)
    build = since(build_start)
    elevation, slope = land(side)
    rate = hardship.metabolic_rate(slope, person, energy_per_metre(person), time_per_metre())
    water, core = hardship.heat(table, climate.on_land(weather, elevation), rate)
    both = xr.Dataset({"water_per_walk": water, "core_temperature": core}).drop_vars("spatial_ref")
    raster_start = clock()
    with tempfile.TemporaryDirectory() as folder, dask.config.set(num_workers=WORKERS):
        both.to_zarr(folder, consolidated=False)
        raster = since(raster_start)
        stored = xr.open_zarr(folder, consolidated=False)
        corner = {"y": slice(0, 40), "x": slice(0, 40)}
        mine = stored.isel(corner).load()
    on_corner = climate.on_land(weather, elevation.isel(corner).load())
    exact = predicted_heat_strain(person, on_corner, rate.isel(corner).load())
    off_core = float(np.abs(mine["core_temperature"] - exact.core_c).max())
    off_water = float(np.abs(mine["water_per_walk"] * 1000 / exact.water_g - 1).max())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = side * side / 1e6
    rows = (
        ("table of the walker, once (with compilation)", *build),
        (f"raster of {cells:.0f} million cells to disk", *raster),
        ("both", build[0] + raster[0], build[1] + raster[1]),
    )
    return [
        "# Heat raster",
        "",
        "One month-hour (July, 08:00) and eight hours of walking.",
        f"{side} x {side} cells, {WORKERS} threads of {os.cpu_count()} cores, blocks of {BLOCK}.",
        "",
        "| step | wall s | CPU s |",
        "|---|---|---|",
        *(f"| {name} | {wall:.1f} | {cpu:.1f} |" for name, wall, cpu in rows),
        "",
        f"{raster[1] / cells * 1e3:.0f} ns CPU a cell; peak memory {peak:.0f} MB.",
        f"Against the minute steps at 1,600 cells: at most {off_core:.3f} K of core temperature",
        f"and {100 * off_water:.2f} % of water.",
        "",
        "Target: under 60 s on two cores. Wall time is that of a shared machine.",
        "",
    ]


def main() -> None:
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    lines = run(side)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines), "utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
