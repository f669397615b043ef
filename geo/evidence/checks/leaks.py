"""Look for restricted strings and exact places in everything a bundle publishes.

What must not leave is read from the restricted tree itself: identifiers of records, case keys,
every nearly unique text of the sources' own files (names, descriptions of places), and the exact
places. The search needs no list of columns: a publisher's new free-text column is found too.
"""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from geo.errors import Problem
from geo.evidence.custody.restricted import CASES, RECORDS, SNAPSHOTS, SOURCES, VINTAGES

SHORTEST = 7
"""Safeguard: shorter texts are no identifiers: too many words and numbers look like them."""
DISTINCT = 0.3
"""Safeguard: a text column whose values are distinct in more than this share of rows holds free
text."""
TEXTS = {".csv", ".html", ".svg", ".json", ".jsonl", ".toml", ".txt", ".js", ".css", ".xml"}
WORD = re.compile(r"[\w'\u2019-]+")
TELLING = re.compile(r"[A-Z\d]|[^\x00-\x7f]")
"""A single word tells of a person by a capital, a digit or a foreign letter; "unknown" does not."""
PAIR = re.compile(r"(-?\d{1,3}\.\d{4})\d*[^\d-]{1,24}(?=(-?\d{1,3}\.\d{4}))")
STAND_INS = ("moved", "none", "placeholder")
"""Classes of precision whose place is not where anybody was found."""
REMEDY = "Do not publish this bundle; rerun it, and report what let this through"


@dataclass(frozen=True)
class Secrets:
    """What must not leave: single words, longer texts by their first two words, and places."""

    words: frozenset[str]
    texts: Mapping[tuple[str, str], tuple[str, ...]]
    places: frozenset[tuple[str, str]]


def secrets(restricted: Path) -> Secrets:
    """Read from a restricted tree what its public bundle must not hold."""
    files = [p for p in (restricted / RECORDS, restricted / VINTAGES) if p.is_file()]
    records = pd.concat([pd.read_csv(p, dtype=str) for p in files], ignore_index=True)
    found: set[str] = set(records["death_id"])
    if (restricted / CASES).is_file():
        found |= set(pd.read_csv(restricted / CASES, dtype=str)["case_key"].dropna())
    deaths = _death_sources(restricted)
    for path in sorted((restricted / SNAPSHOTS).glob("*")):
        if path.name in deaths:
            found |= _free_texts(path.read_bytes())
    words: set[str] = set()
    texts: dict[tuple[str, str], list[str]] = {}
    for text in found:
        parts = WORD.findall(text)
        if len(parts) == 1 and len(text) >= SHORTEST and TELLING.search(text):
            words.add(parts[0])
        elif len(parts) > 1 and len(text) > SHORTEST:
            texts.setdefault((parts[0], parts[1]), []).append(text)
    return Secrets(
        frozenset(words), {k: tuple(v) for k, v in texts.items()}, frozenset(_places(records))
    )


def leaks(folder: Path, held: Secrets) -> Iterator[Problem]:
    """Yield every file of a public bundle that holds a restricted string or an exact place."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        strings = places = 0
        for text in _texts(path):
            parts = WORD.findall(text)
            strings += len(held.words.intersection(parts))
            strings += sum(
                any(t in text for t in held.texts[pair])
                for pair in set(pairwise(parts)) & held.texts.keys()
            )
            pairs = {(m[1], m[2]) for m in PAIR.finditer(text)}
            places += len(pairs & held.places)
        if strings:
            what = f"{strings} restricted strings (record ids, case keys, names or free text)"
            yield Problem(name, f"the file holds {what}", REMEDY)
        if places:
            yield Problem(name, f"the file holds {places} exact places of recovery", REMEDY)


def _death_sources(restricted: Path) -> set[str]:
    """Return the snapshots to search: all but those that hold no row of a person."""
    listed = restricted / SOURCES
    if not listed.is_file():
        return {p.name for p in (restricted / SNAPSHOTS).glob("*")}
    frame = pd.read_csv(listed, dtype=str)
    return set(frame[frame["role"].isin(["deaths", "vintage", "crosscheck"])]["sha256"])


def _free_texts(data: bytes) -> set[str]:
    """Return the values of every column of a CSV whose texts are nearly unique."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        return set()
    found: set[str] = set()
    for column in zip(*(r for r in rows[1:] if len(r) == len(rows[0])), strict=True):
        values = [v.strip() for v in column if re.search(r"[^\W\d]{3}", v)]
        distinct = set(values)
        if values and len(distinct) / len(values) > DISTINCT:
            often = Counter(values)
            found |= {v for v in distinct if often[v] <= 2}
    return found


def _places(records: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield places, both ways round; a town or office that stands in for an unknown one is none."""
    records = records[~records["precision_class"].isin(STAND_INS)]
    for lon, lat in zip(records["longitude_deg"], records["latitude_deg"], strict=True):
        if isinstance(lon, str) and isinstance(lat, str):
            x, y = (re.match(r"-?\d+\.\d{4}", v) for v in (lon + "0000", lat + "0000"))
            if x and y:
                yield x[0], y[0]
                yield y[0], x[0]


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file, whatever holds them."""
    if path.suffix in TEXTS or path.name == "SHA256SUMS":
        yield path.read_text("utf-8", errors="replace")
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            for member in book.namelist():
                yield book.read(member).decode("utf-8", errors="replace")
    elif path.suffix == ".parquet":
        table = pq.read_table(path)
        yield "\n".join(str(v) for c in table.columns for v in c.to_pylist())
    elif path.suffix == ".gpkg":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            yield "\n".join(db.iterdump())
    elif path.suffix in {".png", ".pdf", ".tif"}:
        yield path.read_bytes().decode("latin-1")
