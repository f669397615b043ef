"""Compare what annex, descriptor and map say with the CSV tables that they were made from.

The annex prints the sentence of every estimate and the hash of every source; the descriptor names
every table with its columns; the map carries the class of every cell and block of years.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Problem
from geo.inference.registered.reached import shortened
from geo.records import CLASS_LABELS

MEMO, DESCRIPTOR = "memo/annex.html", "tables/datapackage.json"
MAPS = ("funnel*.html", "embed*.html")
"""Of every language."""
REMEDY = "One of them was altered after the run; get the original bundle"
_TAG = re.compile(r"<[^>]+>")
_FACTS = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)


def pages(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield everything in which annex, descriptor or map differ from the tables.

    Parameters
    ----------
    folder
        The bundle.
    tables
        As its CSV files hold them; those that cannot be read are left out, and reported elsewhere.
    """
    yield from _memo(folder, tables)
    yield from _descriptor(folder)
    for page in sorted(p for pattern in MAPS for p in (folder / "maps").glob(pattern)):
        name = page.relative_to(folder).as_posix()
        yield from _map(folder, name, tables.get("deaths_by_cell_block"))


def _memo(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    text = _text(folder / MEMO)
    if text is None:
        return  # the manifest says so
    said = _plain(html.unescape(_TAG.sub(" ", text)))
    for table, column, what in (
        ("estimates", "sentence", "the sentence"),
        ("snapshots", "sha256", "the source"),
        ("parameters", "source", "the citation"),
    ):
        frame = tables.get(table)
        if frame is None:
            continue
        for number, value in enumerate(frame[column], 1):
            # annexes of earlier versions say whole what is now said once for all rows
            told = (_plain(_TAG.sub(" ", t)) for t in (shortened(str(value)), str(value)))
            if pd.notna(value) and not any(t in said for t in told):
                missing = f"does not say {what} of {table}.csv"
                yield Problem(MEMO, missing, REMEDY, row=number, field=column)
                break


def _descriptor(folder: Path) -> Iterator[Problem]:
    text = _text(folder / DESCRIPTOR)
    if text is None:
        return
    try:
        described = {
            str(r["path"]): [str(f["name"]) for f in r["schema"]["fields"]]
            for r in json.loads(text)["resources"]
        }
    except (ValueError, KeyError, TypeError) as error:
        yield Problem(DESCRIPTOR, f"cannot be read: {error}", REMEDY)
        return
    there = {p.name for p in (folder / "tables").glob("*.csv")}
    for name in sorted(there ^ set(described)):
        state = "does not describe" if name in there else "describes a table that is not there:"
        yield Problem(DESCRIPTOR, f"{state} {name}", REMEDY)
    for name in sorted(there & set(described)):
        if _head(folder / "tables" / name) != described[name]:
            yield Problem(DESCRIPTOR, f"gives other columns than {name} has", REMEDY)


def _head(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return next(csv.reader(file), [])


def _map(folder: Path, page: str, cells: pd.DataFrame | None) -> Iterator[Problem]:
    """Compare class and row of every cell and block; a page without facts draws no cell."""
    found = _FACTS.search(_text(folder / page) or "")
    if found is None or cells is None:
        return
    try:
        blocks, drawn = _drawn(json.loads(found.group(1)))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        yield Problem(page, f"holds facts that cannot be read: {error}", REMEDY)
        return
    stated = {
        (str(r.cell_id), str(r.block), str(r.row_id)): str(r.deaths_class)
        for r in cells.itertuples()
        if r.block in blocks and r.deaths_class != CLASS_LABELS[0]
    }
    for key in sorted(set(drawn) | set(stated)):
        ours, theirs = (table.get(key, "none") for table in (drawn, stated))
        if ours != theirs:
            what = f"cell {key[0]}, {key[1]}: says {ours}, deaths_by_cell_block.csv {theirs}"
            yield Problem(page, what, REMEDY)
            return


def _drawn(facts: Mapping[str, Any]) -> tuple[list[str], dict[tuple[str, str, str], str]]:
    """Return the blocks of a map, and (cell, block, row) = class of every death cell it draws."""
    blocks = [str(p["id"]) for p in facts["periods"]]
    return blocks, {
        (str(shape["id"]), block, str(row)): CLASS_LABELS[number]
        for shape in facts["shapes"]["deaths"]
        for block, number, row in zip(blocks, shape["c"], shape["r"], strict=True)
        if number
    }


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _plain(text: str) -> str:
    # what a table marks as code by backticks, the annex sets as code
    return " ".join(text.replace("`", " ").split())
