"""Small rasters, and two independent ways to accumulate cost on them: a graph, and GRASS."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from geo import grid

CELL = 30.0
CRS = "EPSG:32612"


def raster(values, name="elevation"):
    rows, cols = np.shape(values)
    box = GeoBox.from_bbox((0, 0, cols * CELL, rows * CELL), CRS, resolution=CELL)
    return grid.wrap(np.asarray(values), box, name, "1")


def at(shape, *cells):
    marked = np.zeros(shape, bool)
    for cell in cells:
        marked[cell] = True
    return raster(marked, "sources")


def rough(shape, seed=0, barriers=0.2):
    """Rough elevation, rough friction with barriers and holes, and three open source cells."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 4, shape).cumsum(0).astype(np.float32)
    f = np.exp(rng.normal(0, 1, shape)).astype(np.float32)
    f[rng.random(shape) < barriers] = np.inf
    z[rng.random(shape) < barriers / 5] = np.nan
    open_cells = np.argwhere(np.isfinite(z) & np.isfinite(f))
    cells = [tuple(c) for c in rng.choice(open_cells, 3, replace=False)]
    return z, f, at(shape, *cells)


def steps(neighbours):
    families = {8: [(0, 1), (1, 1)], 16: [(1, 2)], 32: [(1, 3), (2, 3)]}
    found = set()
    for number, family in families.items():
        if number <= neighbours:
            for a, b in family:
                found |= {
                    (i * p, j * q) for p, q in ((a, b), (b, a)) for i in (1, -1) for j in (1, -1)
                }
    return sorted(found)


@cache
def crossed(step):
    """Cells under the line and the share of it in each, by walking along it in small paces."""
    along = (np.arange(2400) + 0.5) / 2400
    cells = np.rint(along[:, None] * step).astype(int)
    unique, count = np.unique(cells, axis=0, return_counts=True)
    return [(tuple(c), round(n / 200) / 12) for c, n in zip(unique, count, strict=True)]


def by_graph(z, f, sources, table, neighbours, length="surface", direction="from"):
    """Accumulated cost from scipy's Dijkstra on a graph that is built step by step."""
    rows, cols = z.shape
    z, f = np.asarray(z, float), np.asarray(f, float)
    f = np.where(np.isfinite(z) & np.isfinite(f), f, np.nan)
    number = np.arange(rows * cols).reshape(rows, cols)
    heads, tails, weights = [], [], []
    for a, b in steps(neighbours):
        top, left = max(0, -a), max(0, -b)
        bottom, right = rows - max(0, a), cols - max(0, b)
        if bottom <= top or right <= left:
            continue
        here = (slice(top, bottom), slice(left, right))
        there = (slice(top + a, bottom + a), slice(left + b, right + b))
        mean = sum(
            share * f[top + i : bottom + i, left + j : right + j]
            for (i, j), share in crossed((a, b))
        )
        run = CELL * np.hypot(a, b)
        rise = z[there] - z[here]
        slope = rise / run if direction == "from" else -rise / run
        metres = np.hypot(run, rise) if length == "surface" else run
        weight = metres * table(slope) * mean
        possible = np.isfinite(weight)
        heads.append(number[here][possible])
        tails.append(number[there][possible])
        weights.append(weight[possible])
    graph = coo_matrix(
        (np.concatenate(weights), (np.concatenate(heads), np.concatenate(tails))),
        shape=(rows * cols, rows * cols),
    ).tocsr()
    starts = np.flatnonzero(np.asarray(sources).ravel())
    cost = dijkstra(graph, indices=starts, min_only=True).reshape(rows, cols)
    return np.where(np.isfinite(cost), cost, np.nan)


def grass(folder: Path, rasters: dict[str, np.ndarray], commands: list[str], result: str):
    """Run GRASS on rasters and return one of its maps; skips where GRASS is not installed."""
    if shutil.which("grass") is None:
        pytest.skip("GRASS is not installed")
    lines = []
    for name, values in rasters.items():
        path = folder / f"{name}.tif"
        rows, cols = values.shape
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=rows,
            width=cols,
            count=1,
            dtype=values.dtype,
            crs=CRS,
            transform=from_origin(0, rows * CELL, CELL, CELL),
            nodata=np.nan,
        ) as file:
            file.write(values, 1)
        lines.append(f"r.in.gdal --q input={path} output={name}")
    first = next(iter(rasters))
    out = folder / "result.tif"
    lines += [
        f"g.region raster={first}",
        *commands,
        f"r.out.gdal --q -c input={result} output={out} format=GTiff type=Float64 nodata=-1",
    ]
    script = folder / "run.sh"
    script.write_text("set -e\n" + "\n".join(lines) + "\n")
    subprocess.run(
        ["grass", "--tmp-location", CRS, "--exec", "bash", str(script)],
        check=True,
        capture_output=True,
    )
    with rasterio.open(out) as file:
        values = file.read(1)
    return np.where(values < 0, np.nan, values)
