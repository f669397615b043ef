"""Which reader fits a file: told by role, first bytes and header."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from geo import sizes
from geo.errors import FunnelError, InputProblems, LayoutError, MissingInputError, Problem
from geo.guard import guarded
from geo.sources import (
    covariates,
    fcc,
    iom,
    iom_deaths,
    mapped,
    ogis,
    shapes,
    towers,
    zones,
)
from geo.sources.archives import is_archive, read_member, safe_members
from geo.sources.cells import Bounds
from geo.sources.deaths import border_master
from geo.sources.deaths.columns import by_position
from geo.sources.hxl import as_incidents
from geo.sources.layouts import unknown
from geo.sources.reading import Hints, Reading
from geo.sources.tabular import read_bytes, read_table

LIKE = 0.6
"""Guard: a header with this share of a layout's columns is that layout, perhaps changed."""
PEOPLE = ("deaths", "vintage")
TABULAR = (*PEOPLE, "crosscheck", "infrastructure", "towers", "covariates")
VECTOR = ("border", "roads", "places", "areas", "corridors", "zones")
ROLES = (*TABULAR, *VECTOR)
SERIES = (ogis, border_master)
"""Readers of the layouts of deaths, one row a record."""
REMEDY = "Give a file in a layout that is known, or map its columns in the study"


def read(
    path: Path | Sequence[Path],
    *,
    role: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: Bounds | None = None,
    where: str | None = None,
    hints: Hints | None = None,
) -> Reading:
    """Read one source into records that keep their contract.

    Parameters
    ----------
    path
        The file; or a folder, or several files, of one layout, read as one table in their order.
    role
        What the source is for: deaths, vintage, crosscheck, infrastructure, towers, covariates,
        border, roads, places, areas, corridors or zones.
    source_id
        Identifier of the source, as in the study.
    columns
        Contract column = column of the file.
    as_of
        Day on which the study stands; rows dated later are set aside.
    plausible
        West, south, east, north in degrees: helps to tell swapped or unsigned coordinates.
    where
        Name of the file in messages; its own by default.
    hints
        What the study says of how the file is written; its columns stand in for `columns`.

    Returns
    -------
    Reading
        Records by the contract of the role, in EPSG:4326; quarantine, counts and warnings.

    Raises
    ------
    MissingInputError
        If the file is not there.
    LayoutError
        If no layout fits, or a known one changed; it names columns and how to map them.
    InputProblems
        If most rows share a fault.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, sources
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["towers"]
    >>> found = sources.read(path, role="towers", source_id="own")
    >>> found.reader, dict(found.counts)["kept"]
    ('towers', 2)
    """
    hints = hints or Hints(columns or {})
    columns = hints.columns
    files = _files(path)
    name = where or (files[0].name if len(files) == 1 else f"{source_id} ({len(files)} files)")
    if role not in ROLES:
        raise LayoutError(
            f"{name}: no reader for the role {role!r}. Use one of {', '.join(ROLES)}."
        )
    with guarded(name, "layer" if role in VECTOR else "table"):
        if role in VECTOR:
            return _vector(_only(files, name), name, role, source_id, columns, as_of, plausible)
        return _tabular(files, name, role, source_id, hints, as_of, plausible)


def _tabular(
    files: list[Path],
    name: str,
    role: str,
    source_id: str,
    hints: Hints,
    as_of: date | None,
    plausible: Bounds | None,
) -> Reading:
    towers_ = role == "towers"
    titles = not (role in PEOPLE and by_position(hints.columns))
    table = (
        towers.read_file(_only(files, name), name)
        if towers_
        else _stack(files, name, titles=titles)
    )
    if role in (*PEOPLE, "crosscheck"):
        table = as_incidents(table, name)
    reader = _reader(role, list(table.columns), name)
    own: dict[str, Any] = {"programmes": hints.programmes} if towers_ else {}
    if reader in (towers, ogis, mapped, border_master, iom, iom_deaths):
        own["date_order"] = hints.date_order
    if reader is border_master and hints.system is not None:
        table = border_master.rows_of(table, name, hints.system, hints.columns)
    reading: Reading = reader.read(table, name, source_id, hints.columns, as_of, plausible, **own)
    said = table.attrs.get("said", ())
    return replace(reading, warnings=(*said, *reading.warnings))


def check(
    path: Path | Sequence[Path],
    role: str,
    columns: Mapping[str, str] | None = None,
    *,
    as_of: date | None = None,
    plausible: Bounds | None = None,
    where: str | None = None,
    hints: Hints | None = None,
) -> list[Problem]:
    """Return everything wrong with a source, without raising.

    Parameters
    ----------
    path, role, columns, as_of, plausible, where, hints
        As for `read`.

    Returns
    -------
    list of Problem
        Empty where all is well; else each with file, row and field, what is wrong and what to do.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, sources
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["towers"]
    >>> sources.check(path, "towers")
    []
    """
    if where is None:
        where = str(path) if isinstance(path, Path) else ", ".join(p.name for p in path)
    try:
        read(
            path,
            role=role,
            source_id=role,
            columns=columns,
            as_of=as_of,
            plausible=plausible,
            where=where,
            hints=hints,
        )
    except InputProblems as error:
        return [Problem(where, p.what, p.remedy, p.row, p.field) for p in error.problems]
    except FunnelError as error:
        return [as_problem(error, where, REMEDY)]
    return []


def as_problem(error: FunnelError, where: str, remedy: str) -> Problem:
    """Return an error of a reader, whose first sentence says what and the others what to do."""
    text = re.sub(r"^[^:]{1,200}: ", "", str(error), count=1)
    what, _, rest = text.partition(". ")
    return Problem(where, what.rstrip("."), rest or remedy)


def _files(path: Path | Sequence[Path]) -> list[Path]:
    given = [path] if isinstance(path, Path) else list(path)
    files: list[Path] = []
    for one in given:
        if one.is_dir():
            files += sorted(p for p in one.iterdir() if p.is_file() and not p.name.startswith("."))
        elif one.is_file():
            files.append(one)
        else:
            raise MissingInputError(f"{one}: no such file. Correct the path in the study.")
    if not files:
        raise MissingInputError(f"{path}: the folder holds no file. Correct the path in the study.")
    return files


def _only(files: list[Path], where: str) -> Path:
    if len(files) > 1:
        shp = [f for f in files if f.suffix.lower() == ".shp"]
        if len(shp) == 1:
            return shp[0]
        raise LayoutError(f"{where}: {len(files)} files, but this role takes one. Name it.")
    return files[0]


def _stack(files: list[Path], where: str, *, titles: bool = True) -> pd.DataFrame:
    if len(files) == 1 and is_archive(files[0]):
        tables = [
            read_bytes(read_member(files[0], name, where, sizes.TEXT_BYTES), f"{where}, {name}")
            for name in sorted(safe_members(files[0], where))
        ]
    else:
        tables = [read_table(f, where if len(files) == 1 else f.name, titles=titles) for f in files]
    if not tables:
        raise LayoutError(f"{where}: the archive holds no file. Fetch it again.")
    if len(tables) == 1:
        return tables[0]
    table = pd.concat(tables, ignore_index=True).fillna("")
    table.index = pd.RangeIndex(1, len(table) + 1)
    return table


def _reader(role: str, header: list[str], where: str) -> ModuleType:
    if role not in PEOPLE and any(one.LAYOUT.likeness(header) >= LIKE for one in SERIES):
        raise LayoutError(f'{where}: these are recorded deaths. Give them the role "deaths".')
    if role == "towers":
        return towers
    if role == "covariates":
        return covariates
    if role == "crosscheck":
        if iom.layout_of(header) is None:
            raise unknown(where, header, "incidents", list(iom.LAYOUTS[0].needs))
        return iom
    if role == "infrastructure":
        if fcc.LAYOUT.likeness(header) < LIKE:
            raise unknown(where, header, "infrastructure", list(fcc.LAYOUT.needs))
        return fcc
    return reader_of_deaths(header)


def reader_of_deaths(header: Sequence[str]) -> ModuleType:
    """Return the reader of a file of deaths, by its titles."""
    if iom.layout_of(list(header)) is not None:
        return iom_deaths
    known = (one for one in SERIES if one.LAYOUT.likeness(header) >= LIKE)
    return next(known, mapped)


def _vector(
    path: Path,
    where: str,
    role: str,
    source_id: str,
    columns: Mapping[str, str] | None,
    as_of: date | None,
    area: Bounds | None,
) -> Reading:
    if role == "zones":
        return zones.read(path, where, source_id, columns, as_of)
    if role == "places":
        return shapes.read_places(path, where, source_id, columns, area)
    if role == "areas":
        return shapes.read_areas(path, where, source_id, columns)
    if role == "corridors":
        return shapes.read_corridors(path, where, source_id, columns)
    return shapes.read_lines(path, where, source_id, role, columns, area)
