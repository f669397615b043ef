"""Where coverage goes: arrays in memory, or a zarr at a path that is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import dask.array as da
import numpy as np
import xarray as xr
import zarr
from numpy.typing import NDArray

from geo.grid import grid_of, wrap
from geo.visibility.activity import DateInterval
from geo.visibility.single import Patch

CHUNK = 1024
"""Numerical: side of the chunks of the output, and of the tiles by which terrain is read."""

UNFINISHED = "unfinished"
"""Attribute of a store that is not complete yet."""

LAYERS = {"in_view": "float32", "detection": "float32", "count": "uint16", "ever": "bool"}


def _is_unfinished(store: str | Path) -> bool:
    try:
        return UNFINISHED in zarr.open_group(store, mode="r").attrs
    except FileNotFoundError:
        return False


@dataclass(frozen=True)
class Output:
    """Where chunks go: arrays in memory or a zarr at a given path."""

    template: xr.Dataset
    arrays: dict[str, Any]
    store: str | None

    @classmethod
    def make(
        cls, elevation: xr.DataArray, periods: Sequence[DateInterval], store: str | Path | None
    ) -> Output:
        """Prepare layers of zeros on the elevation's grid."""
        grid = grid_of(elevation)
        full = (len(periods), int(grid.shape[0]), int(grid.shape[1]))
        coords = {
            "period": np.array([p.id for p in periods], object),
            "period_start": ("period", np.array([p.start for p in periods], "datetime64[ns]")),
            "period_end": ("period", np.array([p.end for p in periods], "datetime64[ns]")),
        }
        layers: dict[str, xr.DataArray] = {}
        for name, dtype in LAYERS.items():
            flat = name == "ever"
            size, chunks = (full[1:], CHUNK) if flat else (full, (1, CHUNK, CHUNK))
            zeros = np.zeros if store is None else partial(da.zeros, chunks=chunks)
            values = zeros(size, dtype=dtype)
            layers[name] = wrap(values, grid, name, "1", coords={} if flat else coords)
            # 0 is a value, not a void: without this a reader would turn it into NaN
            layers[name].encoding["_FillValue"] = None
        template = xr.Dataset(layers)
        if store is None:
            return cls(template, {name: layer.values for name, layer in layers.items()}, None)
        # what a killed run left behind is marked, and only that is overwritten
        mode: Literal["w", "w-"] = "w" if _is_unfinished(store) else "w-"
        template.assign_attrs({UNFINISHED: True}).to_zarr(
            store, compute=False, mode=mode, consolidated=False
        )
        group = zarr.open_group(store, mode="r+")
        return cls(template, {name: group[name] for name in LAYERS}, str(store))

    def write(self, chunk: Patch, layers: dict[str, NDArray[Any]]) -> None:
        """Write one chunk, once."""
        for name, values in layers.items():
            self.arrays[name][(..., *chunk.slices)] = values

    def dataset(self, attrs: dict[str, Any]) -> xr.Dataset:
        """Return what was written, with attributes; a store is finished from now on."""
        if self.store is None:
            return self.template.assign_attrs(attrs)
        group = zarr.open_group(self.store, mode="r+")
        group.attrs.put(attrs)
        stored: xr.Dataset = xr.open_zarr(self.store, consolidated=False)
        return stored
