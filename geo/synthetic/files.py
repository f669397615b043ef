"""The files that the publishers of a made-up study would have published."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import xarray as xr
from rasterio.io import MemoryFile
from shapely.geometry import mapping

from geo.grid import LONLAT, grid_of
from geo.study import Study
from geo.synthetic.death_file import deaths_csv
from geo.synthetic.earlier import earlier_csv
from geo.synthetic.ground_truth import GroundTruth, world
from geo.synthetic.landscape import DIGITS
from geo.synthetic.weather import daymet_csv


def source_files(study: Study, made_up: GroundTruth | None = None) -> dict[str, bytes]:
    """Write the files of a made-up study.

    Parameters
    ----------
    study
        A study with a `synthetic` part.
    made_up
        Its world, where it is at hand already.

    Returns
    -------
    dict[str, bytes]
        elevation.tif, landcover.tif, climate.csv, border.geojson, roads.geojson, places.geojson,
        corridors.geojson, towers.csv, deaths.csv and deaths_earlier.csv. The same study gives the
        same bytes.

    Raises
    ------
    StudyError
        If the study has no synthetic part, or the strip does not fit into its bounds.

    Examples
    --------
    >>> from geo import examples, synthetic
    >>> study = examples.made_up_strip()
    >>> files = synthetic.source_files(study, examples.made_up_world())
    >>> sorted(files)[:3]
    ['border.geojson', 'climate.csv', 'corridors.geojson']
    """
    made_up = made_up or world(study)
    land = made_up.land
    return {
        "elevation.tif": geotiff(land.elevation, predictor=3),
        "landcover.tif": geotiff(land.landcover, predictor=1),
        "climate.csv": daymet_csv(study),
        "border.geojson": geojson(land.border),
        "roads.geojson": geojson(land.roads),
        "places.geojson": geojson(land.places),
        "corridors.geojson": geojson(land.corridors),
        "towers.csv": made_up.towers.to_csv(index=False, lineterminator="\n").encode(),
        "deaths.csv": deaths_csv(made_up),
        "deaths_earlier.csv": earlier_csv(made_up),
    }


def geotiff(array: xr.DataArray, predictor: int) -> bytes:
    """Return a raster as a compressed GeoTIFF marked SYNTHETIC."""
    grid, values = grid_of(array), np.asarray(array.values)
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": values.dtype.name,
        "crs": str(grid.crs),
        "transform": grid.transform,
        "compress": "deflate",
        "predictor": predictor,
        "tiled": True,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(values, 1)
            raster.update_tags(TIFFTAG_IMAGEDESCRIPTION="SYNTHETIC: no real place")
        return bytes(memory.read())


def geojson(frame: gpd.GeoDataFrame) -> bytes:
    """Return a table of shapes as GeoJSON (EPSG:4326) marked SYNTHETIC."""
    shapes = frame.to_crs(LONLAT).geometry
    properties = frame.drop(columns="geometry").to_dict("records")
    features = [
        {"type": "Feature", "properties": p, "geometry": _rounded(mapping(s))}
        for p, s in zip(properties, shapes, strict=True)
    ]
    whole = {"type": "FeatureCollection", "name": "SYNTHETIC", "features": features}
    return json.dumps(whole, sort_keys=True).encode()


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return round(value, DIGITS) if isinstance(value, float) else value
