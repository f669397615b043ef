"""Made-up weather in the layout of a Daymet single-pixel file."""

from __future__ import annotations

from datetime import date, timedelta

from geo import parameters
from geo.study import Study
from geo.synthetic.landscape import plan

DAYLIGHT_S = 43_200.0
"""Made up: seconds of light of every day."""
PASCAL = 1_000.0
"""Definition: pascal of a kilopascal."""
COLUMNS = "year,yday,dayl (s),srad (W/m^2),tmax (deg c),tmin (deg c),vp (Pa)"


def daymet_csv(study: Study) -> bytes:
    """Write a year of made-up days, each that of its month in `climate.yaml`.

    Parameters
    ----------
    study
        A study with a `synthetic` part; the weather is the same in all of them, at the middle of
        their bounds.

    Raises
    ------
    StudyError
        If it has none.
    """
    known = parameters.load("climate")
    year = plan(study).first_year
    west, south, east, north = study.bounds_lonlat
    height = known["synthetic_site"].value["elevation_m"]
    columns = [known[f"synthetic_{k}"].value for k in ("solar", "max", "min", "vapour")]
    lines = [
        f"Latitude: {(south + north) / 2:.4f}  Longitude: {(west + east) / 2:.4f}",
        f"X & Y on Lambert Conformal Conic: 0.00 0.00 Elev: {height:.0f} meters",
        "SYNTHETIC: written by geo.synthetic, weather of no place and no year",
        COLUMNS,
    ]
    for day in range(1, 366):  # a Daymet year has 365 days
        month = (date(year, 1, 1) + timedelta(days=day - 1)).month
        sun, high, low, vapour = (values[month - 1] for values in columns)
        light = sun * 86_400.0 / DAYLIGHT_S
        lines.append(
            f"{year},{day},{DAYLIGHT_S:.0f},{light:.2f},{high:.2f},{low:.2f},{vapour * PASCAL:.1f}"
        )
    return ("\n".join(lines) + "\n").encode()
