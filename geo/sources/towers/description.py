"""How a tower file was read, for its owner: columns, words, dates, gaps, and a clean form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from geo.guard import guarded
from geo.sources.cells import Bounds
from geo.sources.reading import Hints, Reading
from geo.sources.towers.columns import choose
from geo.sources.towers.files import read_file
from geo.sources.towers.reader import read
from geo.sources.vocabulary import LABEL, MAX_LABELS

FORM = (
    "tower_id", "programme", "status", "latitude", "longitude", "location_uncertainty_m",
    "height_m", "range_m", "active_from", "active_to", "replaces", "citation", "verified_by",
)  # fmt: skip
"""Columns of data/towers/form.csv, in their order."""
NEEDS = {
    "start": ("active_from_latest", "enters a dose only by a dating rule of the study"),
    "height": ("height_m", "gets that of its programme"),
    "range": ("range_m", "gets that of its programme"),
    "citation": ("citation", "cannot be checked by others"),
}
PERSONAL = re.compile(r"@|\d{5,}")
"""What no word of a programme or status holds, and an address or a telephone number does."""


@dataclass(frozen=True)
class TowerFileDescription:
    """How a tower file was read.

    Attributes
    ----------
    columns
        Field = column of the file.
    guessed
        Fields that the study does not map and the file does not name so.
    unread
        Titles of columns that no field takes.
    words
        (field, word of the file, what it was read as, rows), for programme and status; never a
        word that may be a person's.
    missing
        (what, towers that stand or stood without it, what follows).
    form
        The towers that were kept, in the columns of data/towers/form.csv.
    reading
        Records, quarantine, counts and warnings.
    """

    columns: Mapping[str, str]
    guessed: tuple[str, ...]
    unread: tuple[str, ...]
    words: tuple[tuple[str, str, str, int], ...]
    missing: tuple[tuple[str, int, str], ...]
    form: pd.DataFrame
    reading: Reading


def describe(
    path: Path,
    where: str,
    source_id: str,
    hints: Hints,
    as_of: date | None = None,
    plausible: Bounds | None = None,
) -> TowerFileDescription:
    """Read a tower file and say how.

    Raises
    ------
    LayoutError, InputProblems
        As `geo.sources.read`.
    """
    with guarded(where, "table"):
        return _described(path, where, source_id, hints, as_of, plausible)


def _described(
    path: Path,
    where: str,
    source_id: str,
    hints: Hints,
    as_of: date | None,
    plausible: Bounds | None,
) -> TowerFileDescription:
    table = read_file(path, where)
    header = [str(c) for c in table.columns]
    chosen, _ = choose(header, where, hints.columns)
    reading = read(
        table,
        where,
        source_id,
        hints.columns,
        as_of,
        plausible,
        date_order=hints.date_order,
        programmes=hints.programmes,
    )
    said = (*table.attrs.get("said", ()), *reading.warnings)
    towers = reading.records
    built = towers[towers["status"].isin(["deployed", "replaced"])]
    return TowerFileDescription(
        columns=chosen,
        guessed=tuple(f for f, c in chosen.items() if f not in hints.columns and c != f),
        unread=tuple(c for c in header if c not in chosen.values()),
        words=tuple(_words(table, chosen, towers)),
        missing=tuple(
            (what, int(built[column].isna().sum()), then)
            for what, (column, then) in NEEDS.items()
            if built[column].isna().any()
        ),
        form=_form(table, chosen, towers),
        reading=replace(reading, warnings=tuple(dict.fromkeys(said))),
    )


def _words(
    table: pd.DataFrame, chosen: Mapping[str, str], towers: pd.DataFrame
) -> list[tuple[str, str, str, int]]:
    found = []
    for field in ("programme", "status"):
        if field not in chosen:
            continue
        raw = table.loc[towers["source_row"], chosen[field]].astype(str).str.strip().to_numpy()
        pairs = pd.DataFrame({"word": raw, "as": towers[field].to_numpy()}).value_counts(sort=True)
        free_text = len(pairs) > MAX_LABELS
        for word, read_as, count in pairs.reset_index().itertuples(index=False):
            odd = bool(word) and (not LABEL.match(word) or PERSONAL.search(word))
            if free_text or odd:
                found.append((field, "(free text, not shown)", "not shown", int(count)))
            else:
                found.append((field, word[:60] or "(blank)", str(read_as), int(count)))
    return found


def _form(table: pd.DataFrame, chosen: Mapping[str, str], towers: pd.DataFrame) -> pd.DataFrame:
    rows = towers["source_row"].to_numpy()
    keys = pd.Series([str(n) for n in rows])
    if "tower_id" in chosen:
        own = table.loc[rows, chosen["tower_id"]].astype(str).str.strip().reset_index(drop=True)
        again = own.duplicated(keep=False) | (own == "")
        keys = own.where(~again, (own + "-" + keys).str.lstrip("-"))
    key_of = dict(zip(towers["tower_id"], keys, strict=True))
    points = towers.geometry
    form = pd.DataFrame(
        {
            "tower_id": keys.to_numpy(),
            "programme": towers["programme"].to_numpy(),
            "status": towers["status"].to_numpy(),
            "latitude": points.y.round(7).to_numpy(),
            "longitude": points.x.round(7).to_numpy(),
            **{
                name: towers[name].round(1).to_numpy()
                for name in ("location_uncertainty_m", "height_m", "range_m")
            },
            **{name: _spans(towers, name) for name in ("active_from", "active_to")},
            "replaces": towers["replaces"].map(key_of).to_numpy(),
            "citation": towers["citation"].to_numpy(),
            "verified_by": towers["verified_by"].to_numpy(),
        }
    )
    return form[list(FORM)]


def _spans(towers: pd.DataFrame, name: str) -> list[str]:
    pairs = zip(towers[f"{name}_earliest"], towers[f"{name}_latest"], strict=True)
    return ["" if pd.isna(a) or pd.isna(b) else written(a.date(), b.date()) for a, b in pairs]


def written(first: date, last: date) -> str:
    """Return the shortest ISO text that allows just the days from first to last.

    >>> written(date(2015, 9, 1), date(2015, 9, 30))
    '2015-09'
    """
    if first == last:
        return first.isoformat()
    after = last + timedelta(days=1)
    if (first.month, first.day, after.month, after.day) == (1, 1, 1, 1):
        years = (str(first.year), str(last.year))
        return "/".join(dict.fromkeys(years))
    if first.day == after.day == 1:
        months = (first.isoformat()[:7], last.isoformat()[:7])
        return "/".join(dict.fromkeys(months))
    return f"{first}/{last}"
