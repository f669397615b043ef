"""Tower files of anybody: CSV, XLSX, JSON tables, GeoJSON and other vector files, KML and KMZ.

No publisher's columns are assumed. The study maps them, what it does not map is guessed from a
list of usual names, and every guess is said aloud. A tower keeps no date that the file does not
give; without a start it is in no dose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import records
from geo.errors import InputProblems, Problem
from geo.sources import cells
from geo.sources.ogis import REMEDIES as KEY_REMEDIES
from geo.sources.ogis import check_keys
from geo.sources.reading import Reading, Sieve, finish, identifier
from geo.sources.spans import span
from geo.sources.tabular import unknown
from geo.sources.tower_words import programme, status

GUESSES: Mapping[str, tuple[str, ...]] = {
    "latitude": ("latitude", "lat", "latitud", "y", "lat_wgs84", "decimal latitude"),
    "longitude": ("longitude", "lon", "long", "lng", "longitud", "x", "decimal longitude"),
    "point": ("wkt", "coordinates", "point", "location coordinates", "lat/long", "lat, long"),
    "tower_id": ("tower_id", "id", "tower id", "site id", "name", "objectid", "site", "tower"),
    "programme": ("programme", "program", "type", "tower type", "system", "model", "folder"),
    "status": ("status", "state of site", "stage", "condition"),
    "height_m": ("height_m", "height", "height (m)", "height (ft)", "height_ft", "tower height"),
    "range_m": ("range_m", "range", "range (m)", "range (km)", "range (mi)", "range_km"),
    "active_from": ("active_from", "installed", "install date", "operational", "start", "since"),
    "active_from_earliest": ("active_from_earliest",),
    "active_from_latest": ("active_from_latest",),
    "active_to": ("active_to", "removed", "removal date", "end", "until"),
    "active_to_earliest": ("active_to_earliest",),
    "active_to_latest": ("active_to_latest",),
    "replaces": ("replaces", "predecessor"),
    "location_uncertainty_m": ("location_uncertainty_m", "uncertainty", "accuracy_m"),
    "citation": ("citation", "source", "sources", "reference", "evidence", "url", "link"),
    "verified_by": ("verified_by", "verified", "confirmed by", "confirmations"),
}
NO_PLACE = "no coordinates"
BAD_STATUS = "a status that is none of deployed, planned, cancelled, replaced, test"
BAD_SPAN = "not a date, month, year or interval"
BACKWARDS = "earliest after latest"
TALL = "no height of a tower"
TO_METRES = (("ft", 0.3048), ("feet", 0.3048), ("km", 1000.0), ("mi", 1609.344))
HEIGHT_M = (1.0, 500.0)
EXAMPLE = ("latitude", "longitude", "status", "active_from")


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
) -> Reading:
    """Read a table whose cells are text; see `geo.sources.read`."""
    chosen, guessed = choose(list(table.columns), where, columns)
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    blank = pd.Series("", index=table.index)
    sieve = Sieve(source_id, table.index.to_numpy(np.int64))
    if "point" in raw and "latitude" not in raw:
        raw["longitude"], raw["latitude"] = cells.split_point(raw["point"])
    places = cells.points(
        raw["longitude"],
        raw["latitude"],
        sieve,
        (chosen.get("longitude", "point"), chosen.get("latitude", "point")),
        plausible,
    )
    bare = (raw["longitude"].str.strip() == "") | (raw["latitude"].str.strip() == "")
    sieve.drop(bare, chosen.get("latitude", "point"), NO_PLACE)
    keys = table.index.to_series().astype(str)
    if "tower_id" in raw:
        keys = check_keys(raw["tower_id"], chosen["tower_id"], sieve)
    starts = _bounds(raw, chosen, "active_from", sieve, blank)
    ends = _bounds(raw, chosen, "active_to", sieve, blank)
    frame = gpd.GeoDataFrame(
        {
            "tower_id": identifier(source_id, keys),
            "source_id": source_id,
            "source_row": table.index,
            "programme": raw.get("programme", blank).map(programme),
            "status": _status(raw.get("status"), chosen, sieve, table.index),
            "height_m": _metres(raw, chosen, "height_m", sieve, HEIGHT_M),
            "range_m": _metres(raw, chosen, "range_m", sieve, (1.0, 200_000.0)),
            "active_from_earliest": starts[0],
            "active_from_latest": starts[1],
            "active_to_earliest": ends[0],
            "active_to_latest": ends[1],
            "replaces": _replaces(raw.get("replaces", blank), keys, source_id),
            "location_uncertainty_m": _metres(
                raw, chosen, "location_uncertainty_m", sieve, (0.0, 1e6)
            ),
            "citation": _plain(raw.get("citation", blank)),
            "verified_by": _plain(raw.get("verified_by", blank)),
        },
        geometry=places,
        index=table.index,
    )
    if as_of is not None:
        ahead = (frame["active_from_latest"] > pd.Timestamp(as_of)) & (
            frame["status"] == "deployed"
        )
        sieve.drop(ahead, "active_from", cells.FUTURE)
    remedies = {**KEY_REMEDIES, BAD_STATUS: "Use one of these five words, or map status"}
    warnings = [*guessed, *_gaps(frame, where)]
    return finish(records.TOWERS, frame, sieve, "towers", warnings=warnings, remedies=remedies)


def choose(
    header: list[str], where: str, columns: Mapping[str, str] | None
) -> tuple[dict[str, str], list[str]]:
    """Find the column of each field: the study's mapping first, then usual names.

    Returns
    -------
    dict
        Field = column of the file.
    list of str
        A sentence that names every guess.

    Raises
    ------
    InputProblems
        If the mapping names a field or a column that does not exist.
    LayoutError
        If no position can be found.
    """
    given = dict(columns or {})
    problems = [
        Problem(where, f"columns maps {k!r}, which no tower has", f"Use one of {list(GUESSES)}")
        for k in given
        if k not in GUESSES
    ]
    problems += [
        Problem(
            where,
            "the column mapped to this field is not in the file",
            f"Map one of {header}",
            field=k,
        )
        for k, v in given.items()
        if v not in header
    ]
    if problems:
        raise InputProblems(problems)
    lower = {c.lower().strip(): c for c in header}
    chosen, said = dict(given), []
    for name, usual in GUESSES.items():
        if name in chosen:
            continue
        taken = set(chosen.values())
        hit = next((lower[u] for u in usual if u in lower and lower[u] not in taken), None)
        if hit is not None:
            chosen[name] = hit
            if hit != name:
                said.append(f'{name} from "{hit}"')
    if "point" not in chosen and not {"latitude", "longitude"} <= set(chosen):
        raise unknown(where, header, "towers", EXAMPLE)
    text = f"{where}: columns guessed: {', '.join(said)}. Map them in the study to be sure."
    return chosen, [text] if said else []


def _gaps(frame: pd.DataFrame, where: str) -> list[str]:
    said = []
    if frame["active_from_latest"].isna().all():
        said.append(
            f"{where}: no tower has a start date; none enters a dose. Map active_from, or add "
            "dates with their sources."
        )
    elif undated := int(frame["active_from_latest"].isna().sum()):
        said.append(f"{where}: {undated} of {len(frame)} towers have no start and enter no dose.")
    return said


def _status(
    cells_: pd.Series | None, chosen: Mapping[str, str], sieve: Sieve, index: pd.Index
) -> pd.Series:
    if cells_ is None:
        return pd.Series("deployed", index=index)
    words = cells_.map(status)
    sieve.drop(words.isna(), chosen["status"], BAD_STATUS)
    return words


def _metres(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    name: str,
    sieve: Sieve,
    limits: tuple[float, float],
) -> pd.Series | float:
    if name not in raw:
        return np.nan
    title = chosen[name].lower()
    words = re.split(r"[^a-z]+", title)
    factor = next((f for unit, f in TO_METRES if unit in words), 1.0)
    values = cells.numbers(raw[name], chosen[name], sieve) * factor
    low, high = limits
    with np.errstate(invalid="ignore"):
        wild = (values < low) | (values > high)
    sieve.drop(wild, chosen[name], TALL if name == "height_m" else "out of range", values)
    return pd.Series(values, index=raw[name].index)


def _bounds(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    name: str,
    sieve: Sieve,
    blank: pd.Series,
) -> tuple[pd.Series, pd.Series]:
    whole = raw.get(name, blank)
    pair = []
    for which, side in (("earliest", 0), ("latest", 1)):
        column = f"{name}_{which}"
        text = raw.get(column, whole).astype(str).str.strip()
        text = text.where(text != "", whole.astype(str).str.strip())
        spans = [span(one) for one in text]
        lost = (text != "") & np.array([s is None for s in spans])
        sieve.drop(lost, chosen.get(column, chosen.get(name, name)), BAD_SPAN)
        days = [np.datetime64("NaT" if s is None else s[side], "us") for s in spans]
        pair.append(pd.Series(np.array(days, "datetime64[us]"), index=text.index))
    backwards = pair[0] > pair[1]
    sieve.drop(backwards, name, BACKWARDS, pair[0].dt.strftime("%Y-%m-%d"))
    return pair[0], pair[1]


def _replaces(cells_: pd.Series, keys: pd.Series, source_id: str) -> pd.Series:
    text = cells_.str.strip()
    known = set(keys)
    return text.map(lambda v: identifier(source_id, [v])[0] if v in known and v else None)


def _plain(cells_: pd.Series) -> pd.Series:
    text = cells_.str.replace(r"\s+", " ", regex=True).str.strip().str[:300]
    return text.where(text != "", None)


def from_vector(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a vector layer of points as a table of text with latitude and longitude."""
    table = pd.DataFrame(frame.drop(columns="geometry")).astype(object)
    table = table.where(table.notna(), "").map(_as_text)
    centre = frame.geometry
    table = table.drop(columns=[c for c in table if str(c).lower() in ("latitude", "longitude")])
    point = centre.geom_type == "Point"
    table["longitude"] = [f"{g.x!r}" if p else "" for g, p in zip(centre, point, strict=True)]
    table["latitude"] = [f"{g.y!r}" if p else "" for g, p in zip(centre, point, strict=True)]
    return table


def _as_text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_vector(path: Path) -> bool:
    """Return whether the bytes begin as GeoJSON, a shapefile, a GeoPackage or a zip of them."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((b"\x00\x00\x27\x0a", b"SQLite format 3\x00")):
        return True
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b"Feature" in head
