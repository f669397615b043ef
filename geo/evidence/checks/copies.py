"""Compare every copy of a number with the CSV table it was made from.

The manifest says that files are as they were written; this says that they say the same. Whoever
edits a table and hashes it anew has to make the workbook, the GeoPackage and the pages again too.
"""

from __future__ import annotations

import html
import json
import math
import re
import warnings
import zipfile
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyogrio
from openpyxl.utils.exceptions import InvalidFileException

from geo.errors import Problem
from geo.evidence.formats.workbook import SHEET_NAME
from geo.evidence.tables.finding import ANALYSIS
from geo.records import CLAIMS

WORKBOOK, GEOPACKAGE = "tables/evidence.xlsx", "tables/evidence.gpkg"
HEADLINE = "headline.json"
PAGES = ("index*.html", "maps/funnel*.html")
"""Pages that say the finding, in every language."""
LANG = re.compile(r'<html lang="(\w\w)"')
LOWEST = CLAIMS[0]
"""Definition: the level of what only describes."""
DIGITS = 12
"""Numerical: significant digits at which two copies of a number must agree; every format keeps
more."""
REMEDY = "One of them was altered after the run; get the original bundle"
_TAG = re.compile(r"<[^>]+>")


def copies(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield every copy of a table, and of the headline, that says something else than the CSV.

    Parameters
    ----------
    folder
        The bundle.
    tables
        As its CSV files hold them.
    """
    yield from _workbook(folder / WORKBOOK, tables)
    yield from _geopackage(folder / GEOPACKAGE, tables)
    if (folder / HEADLINE).is_file():
        yield from finding(folder, tables)


def _workbook(path: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, InvalidFileException) as error:
        yield Problem(WORKBOOK, f"cannot be read: {error}", REMEDY)
        return
    for name, frame in tables.items():
        sheet = name[:SHEET_NAME]
        if sheet not in book.sheetnames and frame.empty:
            continue  # named on the first sheet
        if sheet not in book.sheetnames:
            yield Problem(WORKBOOK, f"has no sheet {sheet}", REMEDY)
            continue
        rows = [list(row) for row in book[sheet].iter_rows(values_only=True)]
        head = [str(cell).split(" [")[0] for cell in rows[0]] if rows else []
        yield from _differing(WORKBOOK, name, frame, pd.DataFrame(rows[1:], columns=head))
    book.close()


def _geopackage(path: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    try:
        layers, warned = _layers(path, tables)
    except (OSError, ValueError, RuntimeError) as error:  # pyogrio's errors are RuntimeErrors
        yield Problem(GEOPACKAGE, f"cannot be read: {error}", REMEDY)
        return
    for text in warned:
        yield Problem(GEOPACKAGE, f"can be read with a warning only: {text}", REMEDY)
    for name, frame in tables.items():
        if name in layers:
            yield from _differing(GEOPACKAGE, name, frame, layers[name])
        else:
            yield Problem(GEOPACKAGE, f"has no layer {name}", REMEDY)


def _layers(path: Path, names: Collection[str]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read the layers of these names, and what GDAL warns of: it warns of no file as written."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        there = {str(layer[0]) for layer in pyogrio.list_layers(path)}
        layers = {
            name: pyogrio.read_dataframe(path, layer=name, read_geometry=False)
            for name in names
            if name in there
        }
    ours = (w for w in caught if issubclass(w.category, RuntimeWarning))  # as pyogrio hands on
    return layers, list(dict.fromkeys(str(w.message) for w in ours))


def _differing(
    where: str, name: str, frame: pd.DataFrame, other: pd.DataFrame
) -> Iterator[Problem]:
    """Yield the first cell of each column in which a copy differs from its table."""
    if len(other) != len(frame):
        yield Problem(where, f"{name} has {len(other)} rows, {name}.csv {len(frame)}", REMEDY)
        return
    for column in frame.columns:
        if column not in other and frame[column].isna().all():
            continue  # nothing to copy: a bundle written before the column was there lacks it
        if column not in other:
            yield Problem(where, f"{name} has no column {column}", REMEDY)
            continue
        pairs = zip(frame[column].tolist(), other[column].tolist(), strict=True)
        row = next((n for n, pair in enumerate(pairs, 1) if not _same(*pair)), None)
        if row is not None:
            what = f"{name} differs from {name}.csv"
            yield Problem(where, what, REMEDY, row=row, field=str(column))


def _same(ours: Any, theirs: Any) -> bool:
    """Say whether two cells hold one value.

    Numbers are compared, not their digits: of two formats one may keep 1.125939122675 and the
    other 1.1259391226750002, which 12 digits round apart.
    """
    if _said(ours) == _said(theirs):
        return True
    try:
        one, other = float(ours), float(theirs)
    except (TypeError, ValueError):
        return False
    numbers = not (isinstance(ours, str) or isinstance(theirs, str))
    return numbers and math.isclose(one, other, rel_tol=10.0**-DIGITS)


def _said(value: Any) -> str:
    """Return a cell as every format says it."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, str) or _is_bool(value):
        return str(value).replace("\r\n", "\n")
    return f"{float(value) + 0.0:.{DIGITS}g}"  # a zero has no sign in some formats


def _is_bool(value: Any) -> bool:
    return type(value).__name__ in ("bool", "bool_")


def finding(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield where the finding as programs read it is not that of the tables and the pages."""
    try:
        said = json.loads((folder / HEADLINE).read_text("utf-8"))
        sentence, _ = str(said["sentence"]), str(said["claim_level"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Problem(HEADLINE, f"cannot be read: {error}", REMEDY)
        return
    told = {"en": sentence, "es": str(said.get("sentence_es", sentence))}
    estimates = tables.get("estimates")
    if estimates is not None:
        row = estimates[estimates["analysis"] == ANALYSIS]
        if row.empty:
            yield from _described(said, tables)
        elif not _said_by(row.iloc[0], said, told):
            what = "says another sentence or level than the headline's row of estimates.csv"
            yield Problem(HEADLINE, what, REMEDY)
    plan = _plan(tables.get("parameters"))
    if plan and str(said.get("plan", plan)) != plan:
        what = f"names plan {said['plan']}, parameters.csv plan {plan}"
        yield Problem(HEADLINE, what, REMEDY, field="plan")
    for page in sorted(p for pattern in PAGES for p in folder.glob(pattern)):
        try:
            text = page.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # the manifest says so
        language = LANG.search(text)
        wanted = told.get(language.group(1) if language else "en", sentence)
        if _plain(wanted) not in _plain(html.unescape(_TAG.sub("", text))):
            name = page.relative_to(folder).as_posix()
            yield Problem(name, f"does not say the sentence of {HEADLINE}", REMEDY)


def _said_by(row: pd.Series, said: Mapping[str, Any], told: Mapping[str, str]) -> bool:
    """Say whether the headline's row has the same name, level and sentence in every language."""
    own = str(row.get("sentence_es") or "")
    spanish = told["es"] if pd.isna(row.get("sentence_es")) or "sentence_es" not in said else own
    found = (str(row["row_id"]), str(row["claim_level"]), str(row["sentence"]), spanish)
    return found == (str(said.get("row_id")), str(said["claim_level"]), told["en"], told["es"])


def _described(said: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Compare the finding of a study without a headline with the row of places that it names."""
    if said["claim_level"] != LOWEST:
        what = f"claims {said['claim_level']}, and estimates.csv has no headline"
        yield Problem(HEADLINE, what, REMEDY, field="claim_level")
    named = str(said.get("row_id") or "")
    rows = [f[f["row_id"] == named] for f in tables.values()] if named else []
    row = next((r for r in rows if len(r)), None)
    if named and row is None:
        yield Problem(HEADLINE, f"names row {named}, which no table has", REMEDY, field="row_id")
    elif row is not None and "value" in row and f"{row.iloc[0]['value']:g}" not in said["sentence"]:
        yield Problem(HEADLINE, f"says another number than row {named}", REMEDY, field="sentence")


def _plan(parameters: pd.DataFrame | None) -> str:
    """Return the version of the plan that the parameters of a bundle state; empty without one."""
    if parameters is None:
        return ""
    own = parameters[(parameters["file"] == "inference") & (parameters["name"] == "plan")]
    return str(own["value"].iloc[0]) if len(own) else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
