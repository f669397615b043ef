"""The death file of a made-up study, in the layout of the Arizona OpenGIS Initiative.

Every text says SYNTHETIC where a real file would hold a name, a place or an authority. Beside good
rows stand office placeholders, rows from before the study, and a known number of broken rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from geo.grid import LONLAT
from geo.study import stream
from geo.synthetic.deaths import Drawn, draw, last_day, lonlat
from geo.synthetic.ground_truth import GroundTruth
from geo.synthetic.landscape import strip

HEADER = (
    "ML Number",
    "Name",
    "Sex",
    "Age",
    "Reporting Date",
    "Surface Management",
    "Location",
    "Location Precision",
    "Corridor Code",
    "Corridor",
    "Cause of Death",
    "OME Determined COD",
    "Condition Code",
    "Body Condition",
    "Post Mortem Interval",
    "State",
    "County",
    "Latitude",
    "Longitude",
    "UTM X",
    "UTM Y",
)
UTM_CRS = "EPSG:26912"
PRECISION = {
    "gps": "GPS Coordinate (precise to within ca. 300ft./100m)",
    "address": "Street Address (precise to within ca. 1000ft/300m)",
    "directions": "physical description with directions, distances, and landmarks "
    "(precise to within 1mi/2km)",
    "vague": "vague physical description (precise to within 10mi/15km)",
    "moved": "individual moved from location where they originally collapsed or died",
    "none": "no location description",
    "office": "no location description",
}
INTERVALS = (
    "< 1 day",
    "< 1 week ",
    "< 3 weeks ",
    "< 5 weeks ",
    "< 3 months ",
    "< 6-8 months ",
    "> 6-8 months ",
)
CONDITIONS = (
    "Fully fleshed",
    "Decomposed",
    "Decomposed w/ focal skeletonization",
    "Skeletonization w/ mummification",
    "Skeletonization w/ articulation/ligamentous attachments",
    "Complete skeletonization w/ disarticulation",
    "Complete skeletonization w/ bone degradation",
)
FRESH_CAUSES = ("Exposure", "Undetermined", "Motor Vehicle Accident", "Gunshot Wound", "Drowning")
FRESH_SHARES = (0.80, 0.14, 0.03, 0.02, 0.01)
"""Made up: shares of the conditions of a body found within a week."""
OFFICE = "SYNTHETIC Office of the Medical Examiner"
BLANK_PMI = 0.04
"""Made up: share of records without a post-mortem class."""
EARLIER_ROWS = 12
"""Made up: rows reported before the first period, which a study leaves out."""

Row = dict[str, Any]
BREAKS: dict[str, tuple[int, Callable[[Row], Row]]] = {
    "date that does not exist": (3, lambda _: {"Reporting Date": "2013-02-30"}),
    "date that is no date": (2, lambda _: {"Reporting Date": "unknown"}),
    "date in the future": (1, lambda _: {"Reporting Date": "2031-01-01"}),
    "no date": (2, lambda _: {"Reporting Date": ""}),
    "no coordinates": (
        3,
        lambda _: {"Latitude": "", "Longitude": "", "UTM X": "", "UTM Y": ""},
    ),
    "coordinates of zero": (
        2,
        lambda _: {"Latitude": "0", "Longitude": "0", "UTM X": "", "UTM Y": ""},
    ),
    "latitude and longitude exchanged": (
        3,
        lambda row: {"Latitude": row["Longitude"], "Longitude": row["Latitude"]},
    ),
    "longitude without its sign": (
        3,
        lambda row: {"Longitude": row["Longitude"].removeprefix("-")},
    ),
    "coordinate that is no number": (1, lambda _: {"Latitude": "N 14 01.2"}),
    "place outside the area": (
        2,
        lambda _: {"Latitude": "16.000000", "UTM X": "", "UTM Y": ""},
    ),
    "positions that contradict each other": (
        2,
        lambda row: {"UTM Y": str(int(row["UTM Y"]) - 12_800)},
    ),
    "key of an earlier row": (2, lambda _: {}),
}
"""Made up: kind of fault = number of rows that have it, and the cells it spoils."""


def broken() -> dict[str, int]:
    """Return the number of broken rows of each kind, the same in every made-up file."""
    return {kind: number for kind, (number, _) in BREAKS.items()}


def deaths_csv(world: GroundTruth, drawn: Drawn | None = None) -> bytes:
    """Return the death file of a world.

    Parameters
    ----------
    world
        From `world`.
    drawn
        Its records; None for those of the study's seed.

    Returns
    -------
    bytes
        CSV of 21 columns, UTF-8, every field quoted, rows in order of the report.
    """
    rng = stream(world.study.seed, "synthetic ledger")
    return as_csv(_with_broken(whole_rows(world, rng, drawn), rng))


def whole_rows(
    world: GroundTruth, rng: np.random.Generator, drawn: Drawn | None = None
) -> list[Row]:
    """Return the rows without a fault, in order of the report."""
    if drawn is None:
        drawn = draw(world, stream(world.study.seed, "synthetic deaths"))
    reported = drawn.recorded["found_on"] <= last_day(world)
    frame = _rows(world, drawn.truth[reported], drawn.recorded[reported], rng)
    return _numbered(
        [
            dict(zip(HEADER[1:], r, strict=True))
            for r in frame[list(HEADER[1:])].itertuples(index=False)
        ]
    )


def _rows(
    world: GroundTruth, truth: pd.DataFrame, recorded: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    n, office = len(truth), (recorded["precision"] == "office").to_numpy()
    area = strip(world.study)
    x = np.where(office, area.west + 0.37 * area.width, recorded["x"])
    y = np.where(office, area.south + 0.95 * area.height, recorded["y"])
    lon, lat = lonlat(world, x, y)
    utm_x, utm_y = Transformer.from_crs(LONLAT, UTM_CRS, always_xy=True).transform(lon, lat)
    fresh = recorded["pmi"].to_numpy() <= 2
    blank = rng.random(n) < BLANK_PMI
    pmi = recorded["pmi"].to_numpy()
    found = recorded["found_on"].copy()
    early = rng.permutation(n)[:EARLIER_ROWS]
    found.iloc[early] = pd.Timestamp(world.study.periods[0].start) - pd.to_timedelta(
        rng.integers(30, 600, early.size), unit="D"
    )
    named = fresh & (rng.random(n) < 0.9)
    causes = np.where(fresh, rng.choice(FRESH_CAUSES, n, p=FRESH_SHARES), "Skeletal Remains")
    aged = fresh & (rng.random(n) < 0.85)
    age = np.clip(np.round(rng.gamma(9.0, 3.3, n)), 14, 70).astype(int)
    names = world.labels.attrs["names"]
    code = truth["corridor"].to_numpy()
    land = rng.choice(["SYNTHETIC public land", "SYNTHETIC private land"], n, p=[0.8, 0.2])
    return pd.DataFrame(
        {
            "Name": np.where(named, "SYNTHETIC person", "Unidentified"),
            "Sex": rng.choice(["male", "female", "undetermined"], n, p=[0.81, 0.14, 0.05]),
            "Age": np.where(aged, age.astype(str), ""),
            "Reporting Date": found.dt.strftime("%Y-%m-%d"),
            "Surface Management": np.where(office, OFFICE, land),
            "Location": np.where(rng.random(n) < 0.4, "", "SYNTHETIC description"),
            "Location Precision": recorded["precision"].map(PRECISION),
            "Corridor Code": (code + 1).astype(str),
            "Corridor": np.array(names, dtype=object)[code],
            "Cause of Death": causes,
            "OME Determined COD": "SYNTHETIC",
            "Condition Code": np.where(blank, "", (pmi + 1).astype(str)),
            "Body Condition": np.where(blank, "", np.array(CONDITIONS, dtype=object)[pmi]),
            "Post Mortem Interval": np.where(blank, "", np.array(INTERVALS, dtype=object)[pmi]),
            "State": "SYNTHETIC",
            "County": "SYNTHETIC",
            "Latitude": [f"{v:.6f}" for v in lat],
            "Longitude": [f"{v:.6f}" for v in lon],
            "UTM X": np.round(utm_x).astype(int).astype(str),
            "UTM Y": np.round(utm_y).astype(int).astype(str),
        }
    ).sort_values("Reporting Date", kind="stable")


def _numbered(rows: list[Row]) -> list[Row]:
    """Give every row a key by year of the report, and every named one a number for a name."""
    seen: dict[str, int] = {}
    out = []
    for n, row in enumerate(rows):
        year = row["Reporting Date"][2:4]
        seen[year] = seen.get(year, 0) + 1
        name = row["Name"] if row["Name"] == "Unidentified" else f"{row['Name']} {n + 1:05d}"
        out.append({"ML Number": f"S{year}-{seen[year]:05d}", **row, "Name": name})
    return out


def _with_broken(rows: list[Row], rng: np.random.Generator) -> list[Row]:
    """Set broken copies of good rows among them; the rows of the truth stay untouched."""
    whole = [r for r in rows if r["Location Precision"] == PRECISION["gps"]]
    late = whole[len(whole) // 10 :]
    copies, number = [], 0
    for kind, (count, spoil) in BREAKS.items():
        for at in rng.choice(len(late), count, replace=False):
            number += 1
            row = late[int(at)]
            key = row["ML Number"] if kind == "key of an earlier row" else f"SX-{number:05d}"
            copies.append({**row, **spoil(row), "ML Number": key, "Name": "Unidentified"})
    out = list(rows)
    for copy in copies:
        first = 1 + next(
            (n for n, r in enumerate(out) if r["ML Number"] == copy["ML Number"]), len(out) // 3
        )
        out.insert(int(rng.integers(first, len(out) + 1)), copy)
    return out


def as_csv(rows: list[Row]) -> bytes:
    """Return rows as the bytes of a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
