"""Compare what the custody log and the crate say with the study and the tables they speak of.

The chain says that no line was changed after it was written; this says that the lines are true of
the bundle. Nothing of the installed program takes part.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Problem
from geo.evidence.checks.stated import (
    ALTERED,
    FIRST_FORMAT,
    SNAPSHOTS,
    STUDY,
    entries,
    format_of,
)
from geo.evidence.custody.chain import CUSTODY
from geo.evidence.custody.crate import CRATE

COUNTS, ANNEX = "tables/counts.csv", "memo/annex.html"
COUNTED = {"source_id": "source_id", "step": "step", "reason": "reason", "records": "records_class"}
"""Key of a count in the log = column of the table."""
LATER = (ANNEX, "memo/brief.html")
"""Files that no bundle of the first format holds."""
_STEP = re.compile(r"\bstep:(\w+)")
Entry = Mapping[str, Any]


def custody_log(folder: Path) -> Iterator[Problem]:
    """Yield everything in which custody log or crate differ from study and tables.

    Parameters
    ----------
    folder
        The bundle. What cannot be read of it is left out here, and reported elsewhere.
    """
    log = entries(folder)
    if not log:
        return
    try:
        if format_of(folder) == FIRST_FORMAT:
            yield from _first(folder)
            return
        sources = _table(folder / SNAPSHOTS)
        study = tomllib.loads((folder / STUDY).read_text("utf-8"))
        graph = json.loads((folder / CRATE).read_bytes())["@graph"]
        yield from _study(log, study, sources, folder)
        keys = {name: name for name in sources.columns}
        yield from _rows(log, "snapshot", keys, sources, SNAPSHOTS)
        yield from _rows(log, "counted", COUNTED, _table(folder / COUNTS), COUNTS)
        yield from _steps(log, folder)
        yield from _crate({e["@id"]: e for e in graph}, study, sources)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield Problem(CUSTODY, f"cannot be compared with the bundle: {error}", ALTERED)


def _first(folder: Path) -> Iterator[Problem]:
    """Refuse a later bundle whose log was cut back to the format that states least."""
    for name in LATER:
        if (folder / name).exists():
            what = f"states no format, and the bundle holds {name}, which the first format lacks"
            yield Problem(CUSTODY, what, ALTERED)


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _study(
    log: list[dict[str, Any]], study: Entry, sources: pd.DataFrame, folder: Path
) -> Iterator[Problem]:
    said = next((e for e in log if e.get("event") == "study"), {})
    for key in ("name", "as_of"):
        if said.get(key) != str(study.get(key)):
            what = f"the log says {said.get(key)}, {STUDY} {study.get(key)}"
            yield Problem(CUSTODY, what, ALTERED, field=key)
    if set(sources["data_status"]) - {said.get("data_status")}:
        what = f"the log says {said.get('data_status')}, {SNAPSHOTS} something else"
        yield Problem(CUSTODY, what, ALTERED, field="data_status")
    annex = folder / ANNEX
    if annex.is_file() and str(said.get("fingerprint")) not in annex.read_text("utf-8"):
        what = f"{ANNEX} names another study than the log"
        yield Problem(CUSTODY, what, ALTERED, field="fingerprint")


def _rows(
    log: list[dict[str, Any]], event: str, keys: Mapping[str, str], table: pd.DataFrame, where: str
) -> Iterator[Problem]:
    """Yield the first row of a table that the log does not repeat."""
    logged = [e for e in log if e.get("event") == event]
    if len(logged) != len(table):
        what = f"has {len(table)} rows, and the custody log {len(logged)} such entries"
        yield Problem(where, what, ALTERED)
        return
    for number, (entry, row) in enumerate(
        zip(logged, table.to_dict("records"), strict=True), start=1
    ):
        for key, column in keys.items():
            # the log leaves out what only heads the columns of a public table
            if key in entry and _said(entry[key]) != row[column]:
                what = f"says {row[column]}, and the custody log {_said(entry[key])}"
                yield Problem(where, what, ALTERED, row=number, field=column)
                return


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _steps(log: list[dict[str, Any]], folder: Path) -> Iterator[Problem]:
    """Yield where the log does not lead through every step that tables name to a last one."""
    steps = [e for e in log if e.get("event") == "step"]
    there = {str(s["name"]) for s in steps}
    needed = {str(name) for s in steps for name in s["needs"]}
    for path in sorted((folder / "tables").glob("*.csv")):
        named = set(_STEP.findall(" ".join(_table(path)["parents"])))
        for name in sorted(named - there):
            what = f"has rows made by step {name}, which the custody log does not hold"
            yield Problem(f"tables/{path.name}", what, ALTERED, field="parents")
    for step in steps[:-1]:
        if step["name"] not in needed:
            what = f"step {step['name']} leads to no other"
            yield Problem(CUSTODY, what, ALTERED, row=step["n"])


def _crate(claims: Mapping[str, Entry], study: Entry, sources: pd.DataFrame) -> Iterator[Problem]:
    program = claims.get("#funnel", {})
    if program.get("softwareVersion") != program.get("version"):
        yield Problem(CRATE, "names two versions of the program", ALTERED, field="softwareVersion")
    root = claims.get("./", {})
    if not str(root.get("name", "")).startswith(str(study.get("title"))):
        yield Problem(CRATE, f"names another study than {STUDY}", ALTERED, field="name")
    if root.get("datePublished") != str(study.get("as_of")):
        yield Problem(CRATE, f"gives another day than {STUDY}", ALTERED, field="datePublished")
    for row in sources.drop_duplicates("sha256").to_dict("records"):
        said = claims.get(f"#sha256-{row['sha256']}", {})
        for key, column in (("name", "title"), ("publisher", "publisher"), ("license", "licence")):
            if _said(said.get(key)) != row[column]:
                what = f"says another {column} of {row['source_id']} than {SNAPSHOTS}"
                yield Problem(CRATE, what, ALTERED, field=key)
