"""Rasters between rooms: zarr with chunks of 1,024 squared, opened as Dask arrays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import xarray as xr
import zarr  # noqa: F401 - what xarray reads and writes rasters with: part of every step

from flows.core.manifest import note
from geo.records import RASTERS

CHUNK = 1_024


def write_raster(folder: Path, array: xr.DataArray) -> None:
    """Check a raster against its contract and write it as `<name>.zarr`, whole or not at all."""
    RASTERS[str(array.name)].check(array)
    if "period" in array.dims:
        # zarr has no settled form for fixed-length strings: ids stand in an attribute
        ids = [str(p) for p in array["period"].values]
        array = array.assign_coords(period=range(len(ids))).assign_attrs(period_ids=ids)
    chunks = {d: CHUNK if d in ("y", "x") else 1 for d in array.dims}
    temporary = folder / f".{array.name}.{os.getpid()}.zarr"
    final = folder / f"{array.name}.zarr"
    shutil.rmtree(temporary, ignore_errors=True)
    dataset = array.chunk(chunks).to_dataset()
    for variable in dataset.variables.values():
        variable.encoding.clear()
    dataset.to_zarr(temporary, mode="w", consolidated=False, zarr_format=3)
    note(folder, final.name, temporary)
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)


def read_raster(folder: Path, name: str) -> xr.DataArray | None:
    """Open a raster that `write_raster` wrote, lazily; None if the step wrote none."""
    path = folder / f"{name}.zarr"
    if not path.is_dir():
        return None
    array = xr.open_zarr(path, consolidated=False, chunks={}, decode_coords="all")[name]
    ids = array.attrs.pop("period_ids", None)
    return array if ids is None else array.assign_coords(period=ids)


def read_rasters(folder: Path, *names: str) -> Mapping[str, xr.DataArray]:
    """Open those of the named rasters that a step wrote."""
    found = {name: read_raster(folder, name) for name in names}
    return {name: array for name, array in found.items() if array is not None}
