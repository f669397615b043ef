"""A small made-up study with everything a map can show, and ways to make it poorer or nastier."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import xarray as xr
from madeup_tables import BLOCKS, BOUNDS, tables

from geo.grid import cell_centres, make_grid, wrap
from geo.study import Study
from maps import MapInputs

CRS = "EPSG:32612"
PERIODS = (
    ("before", "2000-2007", date(2000, 10, 1), date(2007, 6, 1), "before the first tower"),
    ("first", "2007-2010", date(2007, 6, 1), date(2010, 2, 1), "first programme"),
    ("second", "2010-2015", date(2010, 2, 1), date(2015, 9, 1), "second programme"),
    ("third", "2015-2019", date(2015, 9, 1), date(2019, 1, 1), "third programme"),
    ("late", "2019-2022", date(2019, 1, 1), date(2022, 10, 1), "upgrades"),
)
LABELS = tuple(f"{b[:4]}\N{EN DASH}{min(int(b[:4]) + 4, 2022)}" for b in BLOCKS)
HOSTILE = (
    "${window.pwned=1}`${window.pwned=1}`</script><script>window.pwned=1</script>"
    '<img src=x onerror="window.pwned=1"><b onmouseover=window.pwned=1>x</b>'
    "';window.pwned=1;//\u202egnp.exe\u2066\u2028\u0627\u0644\u062d\u062f\u0648\u062f {{7*7}} {%x%}"
) + "ñ" * 400


def study(**changes: Any) -> Study:
    """Return the study of the made-up map."""
    return Study.model_validate(
        {
            "name": "made-up",
            "title": "Did deaths move to harder ground when towers went up?",
            "as_of": date(2026, 1, 1),
            "seed": 7,
            "crs": CRS,
            "bounds_lonlat": BOUNDS,
            "grid": {"resolution_m": 150},
            "pre_tower": (date(2000, 10, 1), date(2007, 6, 1)),
            "periods": [
                {"id": i, "label": label, "start": start, "end": end, "reason": reason}
                for i, label, start, end, reason in PERIODS
            ],
            "synthetic": {
                "width_km": 240,
                "height_km": 50,
                "corridors": 12,
                "treated": 8,
                "records": 3000,
                "rate_ratio": 2.0,
                "first_year": 2001,
                "years": 24,
            },
        }
        | changes
    )


def ridges(resolution_m: float) -> xr.DataArray:
    """Return basin-and-range relief: parallel ranges with foothills."""
    grid = make_grid(BOUNDS, CRS, resolution_m)
    x, y = (v / 1000 for v in cell_centres(grid))
    east, north = np.meshgrid(x, y)
    across = east + 0.35 * north
    long = np.clip(np.sin(across / 5.1), 0, 1) ** 1.6
    rough = sum(
        np.sin(east * f + p) * np.cos(north * f * 1.3 - p) / f
        for f, p in ((0.9, 1.0), (1.7, 2.1), (3.3, 0.4), (6.1, 1.7))
    )
    height = 500 + 700 * long * (0.7 + 0.3 * np.sin(north / 9 + east / 23)) + 90 * long * rough
    return wrap(height.astype("float32"), grid, "relief", "m")


def surface(name: str, unit: str, *, periods: bool) -> xr.DataArray:
    """Return a smooth positive surface, of the closed periods or of none."""
    grid = make_grid(BOUNDS, CRS, 1000)
    x, y = (v / 1000 for v in cell_centres(grid))
    east, north = np.meshgrid(x - x[0], y - y[-1])
    ids = [p[0] for p in PERIODS] if periods else []
    layers = []
    for i in range(max(len(ids), 1)):
        bumps = np.exp(-(((east - 40 - 30 * i) / 18) ** 2)) + np.exp(-(((east - 150) / 25) ** 2))
        layers.append(bumps * np.exp(-(((north - 35) / 30) ** 2)) * (0 if periods and not i else 1))
    values = np.stack(layers).astype("float32")
    if not periods:
        return wrap((60 * values[0] + north.astype("float32")).astype("float32"), grid, name, unit)
    values[values < 0.02] = 0
    return wrap(values, grid, name, unit, coords={"period": ids})


def inputs(**changes: Any) -> MapInputs:
    """Return the made-up map inputs, with changes."""
    whole: dict[str, Any] = {
        "study": study(),
        "run_id": "0123456789ab",
        "version": "0.1.0",
        "as_of": date(2026, 1, 1),
        "tables": tables(),
        "shown_share": dict.fromkeys(BLOCKS, 0.973),
        "rasters": {
            "relief": ridges(500),
            "in_view_share": surface("in_view_share", "1", periods=True),
            "route_density": surface("route_density", "1/km2", periods=True),
            "hardship": surface("hardship", "MJ", periods=False),
        },
    }
    return MapInputs(**(whole | changes))
