"""Coarse surfaces as cloud-optimised GeoTIFF, closed periods only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr
from rasterio.io import MemoryFile

from geo import records
from geo.errors import EvidenceError
from geo.evidence.tables.findings import Findings
from geo.grid import grid_of, require_metric
from geo.scale import below

MODELLED = {"in_view_share", "route_density"}
"""Surfaces that belong to a period and wait until it is closed."""


def surfaces(findings: Findings) -> Iterator[tuple[str, str, xr.DataArray]]:
    """Yield (file stem, period or "", array) of every surface that may be published."""
    closed = {p.id for p in findings.closed}
    for name in sorted(findings.rasters):
        array = findings.rasters[name]
        floor = findings.study.privacy.surface_cell_m
        require_metric(array)
        if below(grid_of(array), floor):
            raise EvidenceError(
                f"raster {name} has cells under {floor:g} m; aggregate it before it is published"
            )
        if "period" not in array.dims:
            yield name, "", array
            continue
        for period in array["period"].values:
            if str(period) in closed:
                yield f"{name}_{period}", str(period), array.sel(period=period)


def geotiff_bytes(findings: Findings, stem: str, array: xr.DataArray) -> bytes:
    """Return a surface as a cloud-optimised GeoTIFF, float32, NaN where there is no value."""
    grid = grid_of(array)
    name = str(array.name)
    profile = {
        "driver": "GTiff",
        "height": grid.shape[0],
        "width": grid.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": str(grid.crs),
        "transform": grid.transform,
        "nodata": float("nan"),
    }
    values = np.asarray(array.values, "float32")
    with MemoryFile() as plain, MemoryFile() as cog:
        with plain.open(**profile) as target:
            target.write(values, 1)
            target.set_band_description(1, name)
            target.update_tags(
                title=f"{records.RASTERS[name].title} ({stem})",
                units=records.RASTERS[name].unit,
                data_status=findings.data_status,
                run=findings.run_id,
                licence="CC BY 4.0",
            )
        with plain.open() as source:
            _copy(source, cog)
        return bytes(cog.read())


def _copy(source: object, target: MemoryFile) -> None:
    from rasterio.shutil import copy  # noqa: PLC0415 - rasterio.shutil shadows the name

    copy(source, target.name, driver="COG", compress="DEFLATE", blocksize=256, num_threads=1)
