"""Accumulate cost over a raster larger than memory, zarr to zarr, in a process of its own.

`python -m benchmarks.leastcost_stored FOLDER SIDE NEIGHBOURS` mirrors the ground in the folder
until it is SIDE cells wide, and prints one line of JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import zarr

from benchmarks.leastcost_engines import WARM, marked, measure, memory, raster, walk_table
from geo.leastcost import CostModel, accumulate

CHUNK = 1024


def mirror(source: Path, target: Path, side: int) -> Any:
    """Write a raster of mirrored copies, chunk by chunk."""
    small = np.load(source)
    period = np.concatenate([np.arange(len(small)), np.arange(len(small))[::-1]])
    array = zarr.create_array(
        str(target), shape=(side, side), chunks=(CHUNK, CHUNK), dtype="float32"
    )
    for i in range(0, side, CHUNK):
        rows = period[np.arange(i, min(i + CHUNK, side)) % len(period)]
        for j in range(0, side, CHUNK):
            cols = period[np.arange(j, min(j + CHUNK, side)) % len(period)]
            array[i : i + CHUNK, j : j + CHUNK] = small[np.ix_(rows, cols)]
    return da.from_zarr(str(target))


def main(folder: Path, side: int, neighbours: int) -> dict[str, float]:
    z = mirror(folder / "z.npy", folder / "large_z.zarr", side)
    f = mirror(folder / "f.npy", folder / "large_f.zarr", side)
    start = zarr.create_array(
        str(folder / "large_s.zarr"), shape=(side, side), chunks=(CHUNK, CHUNK), dtype="bool"
    )
    start[side // 2, side // 2] = True
    model = CostModel(walk_table(), raster(f, "friction"), "horizontal")
    elevation, sources = raster(z, "z"), raster(da.from_zarr(start), "sources")
    small = (slice(0, WARM), slice(0, WARM))
    corner = CostModel(model.table, raster(f[small], "friction"), "horizontal")
    warm = raster(z[small], "z"), marked((WARM, WARM), [(1, 1)])
    accumulate(*warm, corner, neighbours=neighbours, store_path=folder / "warm.zarr")
    before = memory("VmRSS")
    found, _ = measure(
        lambda: accumulate(
            elevation, sources, model, neighbours=neighbours, store_path=folder / "large.zarr"
        )
    )
    for name in ("large_z", "large_f", "large_s", "large"):
        shutil.rmtree(folder / f"{name}.zarr")
    return {**found, "before": before, "peak": memory("VmHWM")}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *map(int, sys.argv[2:]))))
