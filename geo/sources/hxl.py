"""Tables with HXL tags (`#geo+lat`): a row of tags beneath the titles, or tags as titles.

The Missing Migrants Project was published so by the Humanitarian Data Exchange, with tags that
changed through the years. A tagged table of incidents gets the columns of one layout, `iom_hxl`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

TAG = re.compile(r"#[a-z][a-z0-9_]*(\s*\+[a-z][a-z0-9_]*)*", re.IGNORECASE)
ENOUGH = 0.5
"""Guard: a row with tags in more than this share of its filled cells is a row of tags."""
FIELDS: Mapping[str, tuple[str, ...]] = {
    "#event+id": ("#event+id", "#web+id", "#incident+id", "#id", "#meta+id"),
    "#date+reported": ("#date+reported", "#date+incident", "#date+occurred", "#date+event",
                       "#date"),
    "#affected+dead+missing": ("#affected+killed+missing+total", "#affected+dead+missing",
                               "#affected+killed+missing", "#affected+dead+missing+total",
                               "#affected+total"),
    "#affected+dead": ("#affected+dead", "#affected+killed", "#affected+deaths",
                       "#affected+dead+total", "#affected+killed+total"),
    "#affected+missing": ("#affected+missing", "#affected+missing+min"),
    "#cause+type": ("#cause+type", "#cause", "#affected+cause+killed", "#cause+death",
                    "#event+cause"),
    "#region+incident": ("#region+incident", "#region+name", "#affected+regionincident",
                         "#region+event", "#region"),
    "#route+description": ("#route+description", "#route", "#route+name", "#route+migration"),
    "#meta+source+name": ("#meta+source+name", "#meta+source", "#source", "#source+name"),
    "#meta+source+quality": ("#meta+source+quality", "#source+reliability", "#source+quality",
                             "#meta+source+reliability", "#meta+reliability"),
    "#loc+description": ("#loc+description", "#loc", "#loc+name", "#geo+description",
                         "#description+location"),
    "#geo+lat": ("#geo+lat", "#geo+latitude", "#lat_deg"),
    "#geo+lon": ("#geo+lon", "#geo+long", "#geo+lng", "#geo+longitude", "#lon_deg"),
    "#geo+coord": ("#geo+coord", "#geo+coords", "#geo+lat+lon", "#geo"),
}  # fmt: skip
"""Column of the layout = tags under which it was published, newest first."""
PLACES = ("#geo+lat", "#geo+lon")


def take_tags(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its row of tags; `attrs["hxl"]` holds column = tag."""
    header = [str(c) for c in table.columns]
    if _tags(header):
        table.attrs["hxl"] = {c: _plain(c) for c in header}
        return table
    if not len(table):
        return table
    first = [str(c) for c in table.iloc[0]]
    if not _tags(first):
        return table
    rest = table.iloc[1:].copy()
    tags = {c: _plain(t) for c, t in zip(header, first, strict=True) if TAG.fullmatch(t.strip())}
    rest.attrs = {**table.attrs, "hxl": tags}
    return rest


def _tags(cells: Iterable[str]) -> bool:
    filled = [c.strip() for c in cells if c.strip()]
    hits = sum(TAG.fullmatch(c) is not None for c in filled)
    return hits > ENOUGH * len(filled) and hits > 1


def _plain(tag: str) -> str:
    """Return a tag with its attributes in one order: `#geo +lon` and `#geo+lon` are the same."""
    name, *attributes = re.split(r"\s*\+", tag.strip().lower())
    return "+".join([name, *sorted(attributes)])


def as_incidents(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return a tagged table of incidents in the columns of `iom_hxl`; any other as it is.

    Latitude and longitude become one cell, and where no column adds the dead and the missing they
    are added. What the file has no tag for is blank, and said.
    """
    tags: Mapping[str, str] = table.attrs.get("hxl", {})
    column_of = {tag: column for column, tag in reversed(list(tags.items()))}
    found = {
        field: hit
        for field, known in FIELDS.items()
        if (hit := next((column_of[_plain(t)] for t in known if _plain(t) in column_of), None))
    }
    placed = "#geo+coord" in found or set(PLACES) <= set(found)
    if not {"#date+reported", "#affected+dead"} <= set(found) or not placed:
        return table
    blank = pd.Series("", index=table.index)
    out = pd.DataFrame(
        {f: table[found[f]].astype(str) if f in found else blank for f in FIELDS if f not in PLACES}
    )
    if set(PLACES) <= set(found):
        latitude, longitude = (table[found[f]].astype(str).str.strip() for f in PLACES)
        out["#geo+coord"] = (latitude + ", " + longitude).where((latitude + longitude) != "", "")
    if "#affected+dead+missing" not in found:
        both = out[["#affected+dead", "#affected+missing"]].apply(pd.to_numeric, errors="coerce")
        total = both.sum(axis=1, min_count=1)
        out["#affected+dead+missing"] = total.map(lambda n: "" if pd.isna(n) else f"{n:g}")
    if "#event+id" not in found:
        out["#event+id"] = out.index.astype(str)
    gone = [f for f in FIELDS if f not in found and f not in ("#geo+coord", *PLACES)]
    said = [f"{where}: read by its HXL tags, {len(found)} of them known."]
    if gone:
        said.append(f"{where}: no column is tagged {', '.join(gone)}; it counts as blank.")
    out.attrs = {**table.attrs, "said": [*table.attrs.get("said", ()), *said]}
    return out
