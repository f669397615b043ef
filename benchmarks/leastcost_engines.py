"""Run one engine once, in a process of its own: time, memory and result.

`python -m benchmarks.leastcost_engines ENGINE FOLDER NEIGHBOURS WORKERS SOURCES` reads `z.npy` and
`f.npy` from the folder, writes `ENGINE.npy` there and prints one line of JSON. Reading, importing
and compiling are not timed. Memory is the peak above what the process holds before the call, inputs
loaded: it includes the result.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CELL = 30.0
CRS = "EPSG:32612"
WARM = 600


def source_cells(shape: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """Spread sources: one in the middle, or as many at random as asked for; 0 is the top edge."""
    if count == 0:
        return [(0, j) for j in range(shape[1])]
    if count == 1:
        return [(shape[0] // 2, shape[1] // 2)]
    cells = np.random.default_rng(5).integers(0, shape, (count, 2))
    return [(int(i), int(j)) for i, j in cells]


def raster(values: Any, name: str) -> Any:
    from odc.geo.geobox import GeoBox

    from geo import grid

    rows, cols = values.shape
    box = GeoBox.from_bbox((0, 0, cols * CELL, rows * CELL), CRS, resolution=CELL)
    return grid.wrap(values, box, name, "1")


def marked(shape: tuple[int, int], cells: list[tuple[int, int]]) -> Any:
    values = np.zeros(shape, bool)
    values[tuple(np.transpose(cells))] = True
    return raster(values, "sources")


def walk_table() -> Any:
    """Return the default formula of r.walk."""
    from geo.leastcost import SlopeTable

    slope = (-9.0, -0.2125, -0.2125, 0.0, 9.0)
    uphill, moderate, steep = 6.0, 1.9998, 1.9998
    cost = (
        0.72 + 9 * steep,
        0.72 + 0.2125 * steep,
        0.72 - 0.2125 * moderate,
        0.72,
        0.72 + 9 * uphill,
    )
    return SlopeTable(slope, cost)


def ours(z: Any, f: Any, cells: Any, neighbours: int, workers: int, *, walk: bool) -> Callable:
    from geo.leastcost import CostModel, accumulate

    elevation = raster(z if walk else np.zeros_like(z), "elevation")
    friction = None if walk else raster(f, "friction")
    table = walk_table() if walk else np.ones_like
    sources, model = marked(z.shape, cells), CostModel(table, friction, "horizontal")
    return lambda: (
        accumulate(elevation, sources, model, neighbours=neighbours, workers=workers).cost.values
    )


def scikit_image(f: Any, cells: Any) -> Callable:
    from skimage.graph import MCP_Geometric

    costs = f.astype(np.float64)
    return lambda: MCP_Geometric(costs).find_costs(cells)[0] * CELL


def xarray_spatial(f: Any, cells: Any) -> Callable:
    from xrspatial import cost_distance

    sources, friction = marked(f.shape, cells).astype(np.float32), raster(f, "friction")
    return lambda: np.asarray(cost_distance(sources, friction).values)


def scipy_graph(f: Any, cells: Any) -> Callable:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    rows, cols = f.shape
    number = np.arange(f.size, dtype=np.int32).reshape(f.shape)
    friction = f.astype(np.float64)
    starts = [i * cols + j for i, j in cells]

    def run() -> Any:
        heads, tails, weights = [], [], []
        for a, b in ((0, 1), (1, 0), (1, 1), (1, -1)):
            left, right = max(0, -b), cols - max(0, b)
            here = (slice(0, rows - a), slice(left, right))
            there = (slice(a, rows), slice(left + b, right + b))
            weight = (friction[here] + friction[there]) * (CELL * np.hypot(a, b) / 2)
            heads += [number[here].ravel(), number[there].ravel()]
            tails += [number[there].ravel(), number[here].ravel()]
            weights += [weight.ravel()] * 2
        edges = np.concatenate(weights), (np.concatenate(heads), np.concatenate(tails))
        graph = coo_matrix(edges, shape=(f.size, f.size)).tocsr()
        return dijkstra(graph, indices=starts, min_only=True).reshape(f.shape)

    return run


def engine(name: str, z: Any, f: Any, cells: Any, neighbours: int, workers: int) -> Callable:
    if name.startswith("ours"):
        return ours(z, f, cells, neighbours, workers, walk=name == "ours-walk")
    peers = {"scikit-image": scikit_image, "xarray-spatial": xarray_spatial, "scipy": scipy_graph}
    return peers[name](f, cells)


def memory(key: str) -> int:
    """Return VmRSS or VmHWM of this process in bytes."""
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{key}:\s+(\d+) kB", status)
    return int(found.group(1)) * 1024 if found else 0


def measure(call: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    Path("/proc/self/clear_refs").write_text("5")
    held, cpu, wall = memory("VmRSS"), time.process_time(), time.perf_counter()
    result = call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"cpu": cpu, "wall": wall, "bytes": memory("VmHWM") - held}, result


def grass(name: str, folder: Path, neighbours: int, cells: Any) -> dict[str, float]:
    """Time a GRASS module; this process already runs inside a GRASS session."""
    import rasterio
    from rasterio.transform import from_origin

    friction = np.load(folder / "f.npy")
    inputs = (
        {"z": np.load(folder / "z.npy"), "f": friction} if name == "r.walk" else {"f": friction}
    )
    if name == "r.walk":
        inputs["f"] = np.ones_like(friction)
    rows, cols = friction.shape
    shape = {"height": rows, "width": cols, "count": 1, "dtype": "float32"}
    at = {"crs": CRS, "transform": from_origin(0, rows * CELL, CELL, CELL)}
    for key, values in inputs.items():
        with rasterio.open(folder / f"{key}.tif", "w", driver="GTiff", **shape, **at) as file:
            file.write(values, 1)
        _run(["r.in.gdal", "--q", "--o", f"input={folder}/{key}.tif", f"output={key}"])
    _run(["g.region", "raster=f"])
    start = ",".join(f"{(j + 0.5) * CELL},{(rows - i - 0.5) * CELL}" for i, j in cells)
    command = [name, "--q", "--o", "output=out", f"start_coordinates={start}", "memory=6000"]
    command += ["-k"] if neighbours == 16 else []
    command += ["elevation=z", "friction=f", "lambda=0"] if name == "r.walk" else ["input=f"]
    wall = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{name} failed")
    found = {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.perf_counter() - wall,
        "bytes": usage.ru_maxrss * 1024,
    }
    _run(
        ["r.out.gdal", "--q", "--o", "-c", "input=out", f"output={folder}/out.tif", "type=Float64"]
    )
    with rasterio.open(folder / "out.tif") as file:
        np.save(folder / f"{name}.npy", file.read(1) * (CELL if name == "r.cost" else 1))
    return found


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def main(name: str, folder: Path, neighbours: int, workers: int, count: int) -> dict[str, float]:
    z = np.load(folder / "z.npy")
    cells = source_cells(z.shape, count)
    if name.startswith("r."):
        return grass(name, folder, neighbours, cells)
    f = np.load(folder / "f.npy")
    small = np.ascontiguousarray(z[:WARM, :WARM]), np.ascontiguousarray(f[:WARM, :WARM])
    engine(name, *small, [(WARM // 2, WARM // 2)], neighbours, workers)()
    found, result = measure(engine(name, z, f, cells, neighbours, workers))
    np.save(folder / f"{name}.npy", result)
    return found


if __name__ == "__main__":
    name, folder, *numbers = sys.argv[1:]
    print(json.dumps(main(name, Path(folder), *map(int, numbers))))
