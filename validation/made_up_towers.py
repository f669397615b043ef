"""Made-up towers for a run of `arizona` with a file of places without dates.

No public file of towers with a licence to commit or pass on is known here, so the places are made
up: a row of them behind the border line, spread evenly over each area of responsibility. Their
numbers by area follow what sources state of the programme where they state it. No tower is known
to stand at any of these places.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import box

from geo import sources
from geo.grid import LONLAT
from geo.tower_dates import areas

CRS = "EPSG:32612"
NUMBERS = {
    ("ift", "Nogales"): 7,
    ("ift", "Douglas"): 8,
    ("ift", "Sonoita"): 6,
    ("ift", "Tucson"): 12,
    ("ift", "Ajo"): 10,
    ("ift", "Casa Grande"): 10,
    ("legacy_rvss", "Naco"): 8,
    ("legacy_rvss", "Nogales"): 12,
}
"""Programme and area = towers. data/towers/facts.csv states 7 (ift-nogales-built), 8
(ift-douglas), 10 (ift-nation), 8 (rvss-naco-before), 12 (rvss-nogales-upgrade) and 53 Integrated
Fixed Towers in all (ift-deployed); the split of the others is assumed."""
NEAR_M, FAR_M = 4_000.0, 12_000.0
"""Distances behind the line at which they stand in turn [m]; assumed."""


def write(border_file: Path, out: Path) -> Path:
    """Write the file: programme and place, and no date.

    Parameters
    ----------
    border_file
        The border line of the study.
    out
        CSV to write.
    """
    line = sources.read(border_file, role="border", source_id="border-line").records
    rows = []
    for (programme, area), count in NUMBERS.items():
        for place in _places(line, area, count):
            name = f"MADE-UP {len(rows) + 1:02d}"
            rows.append((name, programme, round(place.y, 4), round(place.x, 4), "MADE-UP place"))
    columns = ["tower_id", "programme", "latitude", "longitude", "citation"]
    pd.DataFrame(rows, columns=columns).to_csv(out, index=False)
    return out


def _places(line: gpd.GeoDataFrame, area: str, count: int) -> list[shapely.Point]:
    """Spread places behind the stretch of the line that lies in an area."""
    bounds = areas()[area.lower()]
    inside = gpd.clip(line, box(*bounds)).to_crs(CRS).union_all()
    points = shapely.get_coordinates(shapely.segmentize(inside, 500.0))
    points = points[np.argsort(points[:, 0], kind="stable")]
    at = points[((np.arange(count) + 0.5) / count * len(points)).astype(int)]
    north = np.where(np.arange(count) % 2, FAR_M, NEAR_M)
    shapes = gpd.GeoSeries(gpd.points_from_xy(at[:, 0], at[:, 1] + north), crs=CRS)
    return list(shapes.to_crs(LONLAT))
