"""Tower files of anybody: CSV, XLSX, JSON tables, GeoJSON and other vector files, KML and KMZ.

No publisher's columns are assumed. The study maps them, what it does not map is guessed from a
list of usual names, and every guess is said aloud. A tower keeps no date that the file does not
give; without a start of its own or a rule of the study it is in no dose.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import records
from geo.errors import InputProblems
from geo.sources import cells
from geo.sources.columns import plain
from geo.sources.dates import Order, read_dates
from geo.sources.reading import Reading, RowValidator, check_keys, finish, identifier, key_remedies
from geo.sources.towers.columns import choose
from geo.sources.towers.lengths import metres
from geo.sources.towers.words import programme, status

NO_PLACE = "no coordinates"
TWICE = "the same key and place as an earlier row"
BAD_STATUS = "a status that is none of deployed, planned, cancelled, replaced, test"
BAD_SPAN = "not a date, month, year or interval"
BACKWARDS = "earliest after latest"
OWN_KEY = "tower id"
"""A column of this title is the file's key; one guessed by another name may repeat itself."""


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
    date_order: Order | None = None,
    programmes: Mapping[str, str] | None = None,
) -> Reading:
    """Read a table whose cells are text.

    Parameters
    ----------
    table
        From `read_file`.
    where
        Name of the file in messages.
    source_id
        Identifier of the source, as in the study.
    columns
        Contract column = column of the file.
    as_of
        Day on which the study stands; rows dated later are set aside.
    plausible
        West, south, east, north in degrees: helps to tell swapped or unsigned coordinates.
    date_order
        Order of day and month in the file; None infers it.
    programmes
        Word of the file = programme of `data/parameters/tower_programmes.yaml`.

    Returns
    -------
    Reading
        Contract `towers`, EPSG:4326; quarantine, counts and warnings.

    Raises
    ------
    InputProblems
        If the mapping names a column that does not exist, or most rows share a fault.
    LayoutError
        If no position can be found.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples
    >>> from geo.sources import towers
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["towers"]
    >>> table = towers.read_file(path, "towers.csv")
    >>> towers.read(table, "towers.csv", "own").records["status"].tolist()
    ['deployed', 'planned']
    """
    chosen, guessed = choose(list(table.columns), where, columns)
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    blank = pd.Series("", index=table.index)
    validator = RowValidator.of(source_id, table)
    validator.said += guessed
    places = _places(raw, chosen, validator, plausible)
    keys = _keys(raw, chosen, places, validator, mapped="tower_id" in (columns or {}))
    starts = _bounds(raw, chosen, "active_from", validator, where, date_order)
    ends = _bounds(raw, chosen, "active_to", validator, where, date_order)
    lengths = {}
    for name in ("height_m", "range_m", "location_uncertainty_m"):
        lengths[name], said = metres(raw, chosen, name, validator, where)
        validator.said += said
    stands_for = {k.strip().lower(): v for k, v in (programmes or {}).items()}
    frame = gpd.GeoDataFrame(
        {
            "tower_id": identifier(source_id, keys),
            "source_id": source_id,
            "source_row": table.index,
            "programme": raw.get("programme", blank).map(lambda t: programme(t, stands_for)),
            "status": _status(raw.get("status"), chosen, validator, table.index),
            **lengths,
            "active_from_earliest": starts[0],
            "active_from_latest": starts[1],
            "active_to_earliest": ends[0],
            "active_to_latest": ends[1],
            "replaces": _replaces(raw.get("replaces", blank), keys, source_id),
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
        validator.drop(ahead, "active_from", cells.FUTURE)
    remedies = {
        **cells.REMEDIES,
        **key_remedies("tower_id"),
        BAD_STATUS: "Use one of these five words, or map status",
        NO_PLACE: "Give latitude and longitude of each tower; an address is not looked up",
    }
    validator.said += _gaps(frame[validator.kept], where)
    return finish(
        records.TOWERS,
        frame,
        validator,
        "towers",
        remedies=remedies,
        tolerated=frozenset({NO_PLACE}),
    )


def _places(
    raw: dict[str, pd.Series],
    chosen: Mapping[str, str],
    validator: RowValidator,
    plausible: cells.Bounds | None,
) -> gpd.GeoSeries:
    if "point" in raw and "latitude" not in raw:
        raw["longitude"], raw["latitude"] = cells.split_point(raw["point"])
    names = (chosen.get("longitude", "point"), chosen.get("latitude", "point"))
    bare = (raw["longitude"].str.strip() == "") | (raw["latitude"].str.strip() == "")
    validator.drop(bare, names[1], NO_PLACE)
    return cells.points(raw["longitude"], raw["latitude"], validator, names, plausible)


def _keys(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    places: gpd.GeoSeries,
    validator: RowValidator,
    *,
    mapped: bool,
) -> pd.Series:
    """Return a key of each row: the file's own, or its row where equal names are no keys."""
    rows = pd.Series([str(n) for n in validator.rows], index=places.index)
    if "tower_id" not in raw:
        return rows
    keys, column = raw["tower_id"].str.strip(), chosen["tower_id"]
    if mapped or plain(column) == OWN_KEY:
        return check_keys(raw["tower_id"], column, validator)
    if not (keys == "").any() and not keys.duplicated().any():
        return keys
    again = pd.DataFrame({"key": keys, "place": places.to_wkb()}).duplicated() & places.notna()
    validator.drop(again & (keys != ""), column, TWICE)
    validator.said.append(f'"{column}" is not unique, so towers are known by their row.')
    return rows


def _gaps(frame: pd.DataFrame, where: str) -> list[str]:
    said = []
    undated = int(frame["active_from_latest"].isna().sum())
    if undated:
        said.append(
            f"{where}: {undated} of {len(frame)} towers have no start of their own; a dating rule "
            "of the study may date them, else they enter no dose."
        )
    return said


def _status(
    cells_: pd.Series | None, chosen: Mapping[str, str], validator: RowValidator, index: pd.Index
) -> pd.Series:
    if cells_ is None:
        return pd.Series("deployed", index=index)
    words = cells_.map(status)
    validator.drop(words.isna(), chosen["status"], BAD_STATUS)
    return words


def _bounds(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    name: str,
    validator: RowValidator,
    where: str,
    order: Order | None,
) -> tuple[pd.Series, pd.Series]:
    """Return the earliest and latest day of a start or end; what is no date is set aside alone."""
    index = pd.Index(validator.rows)
    pair = []
    for which, side in (("earliest", 0), ("latest", 1)):
        days = pd.Series(np.datetime64("NaT", "us"), index=index)
        for field in (name, f"{name}_{which}"):  # the narrower column counts where it is filled
            if field not in raw:
                continue
            column = chosen[field]
            try:
                found = read_dates(raw[field], where, column, order)
            except InputProblems as error:
                validator.problems += error.problems
                continue
            validator.blank(list(found.lost), column, BAD_SPAN, raw[field].str.slice(0, 24))
            validator.said += found.said
            own = [np.datetime64("NaT" if s is None else s[side], "us") for s in found.spans]
            days = pd.Series(np.array(own, "datetime64[us]"), index=index).fillna(days)
        pair.append(days)
    backwards = pair[0] > pair[1]
    validator.blank(backwards, name, BACKWARDS, pair[0].dt.strftime("%Y-%m-%d"))
    return pair[0].mask(backwards), pair[1].mask(backwards)


def _replaces(cells_: pd.Series, keys: pd.Series, source_id: str) -> pd.Series:
    text = cells_.str.strip()
    known = set(keys)
    return text.map(lambda v: identifier(source_id, [v])[0] if v in known and v else None)


def _plain(cells_: pd.Series) -> pd.Series:
    text = cells_.str.replace(r"\s+", " ", regex=True).str.strip().str[:300]
    return text.where(text != "", None)
