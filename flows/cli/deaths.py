"""`funnel deaths`: how a file of recorded deaths is read, and the mapping to paste."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.cli.described import Order, asked, column_lines, fault_lines, mapping

if TYPE_CHECKING:
    import pandas as pd

    from geo.sources.deaths.description import DeathFileDescription

TITLES = {
    "precision_class": "How well places are known",
    "pmi_class": "Intervals between death and recovery",
    "cause_class": "Causes",
    "sex": "Sex",
}


def compare_files(path: Path, other: Path) -> int:
    """Print how many people two files both hold, in classes."""
    from geo import sources  # noqa: PLC0415 - readers load slowly

    series = {}
    for file in (path, other):
        name = str(file) if file != other or path != other else f"{file} again"
        found = sources.read(file, role="deaths", source_id="own-deaths", where=str(file))
        series[name] = found.records
    print("\n".join(sources.linkage(series)))  # noqa: T201 - the command line speaks
    return 0


def describe_file(path: Path, named: str | None, order: Order | None, *, as_json: bool) -> int:
    """Print how a file of deaths is read.

    Only titles of columns, numbers, dates and words of the contract are printed.
    """
    from geo.sources.deaths.description import describe  # noqa: PLC0415 - readers load slowly

    study, hints = asked(path, "deaths", named, order)
    found = describe(
        path,
        str(path),
        "own-deaths",
        hints,
        None if study is None else study.as_of,
        None if study is None else study.bounds_lonlat,
        None if study is None else study.window,
    )
    plain = json.dumps(_plain(found, path, order), indent=2) if as_json else None
    print(plain or _text(found, path, order))  # noqa: T201 - the command line speaks
    return 0


def _text(found: DeathFileDescription, path: Path, order: Order | None) -> str:
    lines = [_headline(found, path), "", *_columns(found)]
    for field, title in TITLES.items():
        counts = found.words.get(field)
        if counts:
            lines += ["", title, *(f"  {word}  ({n})" for word, n in counts.items())]
    if found.listed:
        lines.append(f"  listed words of the file: {', '.join(found.listed)}")
    if found.reading is not None:
        lines += ["", "Numbers and dates", *(f"  {line}" for line in _ranges(found))]
        lines += _flow(found)
        if found.reading.warnings:
            lines += ["", "Said of the file", *(f"  {w}" for w in found.reading.warnings)]
    if found.missing:
        lines += ["", "Missing", *(f"  {f}: {then}" for f, then in found.missing.items())]
    return "\n".join([*lines, "", "To paste into a study:", "", _mapping(found, path, order)])


def _headline(found: DeathFileDescription, path: Path) -> str:
    if found.reading is None:
        return (
            f"{path}: the first row holds no title that is known here, so columns are named by "
            "their place. Which one is which is open: name date, latitude and longitude below"
        )
    counts = found.reading.counts
    single = int(found.reading.quarantine["scope"].notna().sum())
    return (
        f"{path}: read as {found.reading.reader}: {counts['read']} rows read, {counts['kept']} "
        f"kept, {counts['quarantined']} rows and {single} single fields set aside"
    )


def _columns(found: DeathFileDescription) -> list[str]:
    lines = column_lines(found.columns, found.guessed)
    if found.proposed is not None:
        lines.append(f'  "{found.proposed}" looks like case keys: proposed as death_id, not used')
    for title, left in (
        ("names, or what stands for them, not read", found.unread.names),
        ("free text, not read", found.unread.free_text),
        ("not read", found.unread.others),
    ):
        if left and not found.places:
            lines.append(f"  {title}: {', '.join(c[:40] for c in left)}")
    lines += [f"  {column}: {what}" for column, what in found.places.items()]
    return lines


def _ranges(found: DeathFileDescription) -> list[str]:
    if found.reading is None:
        return []
    records = found.reading.records
    days = records["found_on"].dropna()
    said = [f"found_on: {len(days)}, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"]
    placed = records.geometry.dropna()
    said += [
        f"{name}: {len(placed)}, {values.min():.1f} to {values.max():.1f} degrees"
        for name, values in (("latitude", placed.y), ("longitude", placed.x))
        if len(placed)
    ]
    ages = records["age_years"].dropna()
    if len(ages):
        said.append(f"age_years: {len(ages)}, {ages.min():.0f} to {ages.max():.0f}")
    return said if len(days) else said[1:] or ["none"]


def _flow(found: DeathFileDescription) -> list[str]:
    if found.flow is None or found.reading is None:
        return []
    steps = found.flow.groupby("step")["records"].sum()
    get = {s: int(steps.get(s, 0)) for s in ("read", "used", "quarantined", "excluded")}
    total = "Rows: {read} read = {used} used + {quarantined} set aside + {excluded} left out"
    lines = ["", total.format(**get)]
    lines += [f"  set aside: {line}" for line in fault_lines(found.reading.quarantine)]
    left = [r for r in _rows(found.flow) if r["step"] == "excluded"]
    return [*lines, *(f"  left out: {r['reason']} ({r['records']})" for r in left)]


def _mapping(found: DeathFileDescription, path: Path, order: Order | None) -> str:
    if found.reading is not None and found.reading.reader != "mapped_deaths":
        return mapping("deaths", path, order, None)
    columns = dict(found.columns)
    if found.proposed is not None:
        columns["death_id"] = found.proposed
    if found.reading is None:
        for field in ("found_on", "latitude", "longitude"):
            columns.setdefault(field, "column ...")
    return mapping("deaths", path, order, columns)


def _plain(found: DeathFileDescription, path: Path, order: Order | None) -> Mapping[str, Any]:
    reading = found.reading
    return {
        "file": str(path),
        "reader": None if reading is None else reading.reader,
        "columns": dict(found.columns),
        "guessed": list(found.guessed),
        "proposed_key": found.proposed,
        "not_read": {
            "names": list(found.unread.names),
            "free_text": list(found.unread.free_text),
            "others": list(found.unread.others),
        },
        "positions": dict(found.places),
        "words": {f: dict(c) for f, c in found.words.items()},
        "listed_causes": list(found.listed),
        "ranges": _ranges(found),
        "rows": [] if found.flow is None else _rows(found.flow),
        "set_aside": [] if reading is None else _faults(reading.quarantine),
        "said": [] if reading is None else list(reading.warnings),
        "missing": dict(found.missing),
        "mapping": _mapping(found, path, order),
    }


def _rows(flow: pd.DataFrame) -> list[dict[str, Any]]:
    rows = zip(flow["step"], flow["reason"], flow["records"], strict=True)
    return [{"step": str(s), "reason": str(r), "records": int(n)} for s, r, n in rows]


def _faults(quarantine: pd.DataFrame) -> list[dict[str, Any]]:
    counts = quarantine.groupby(["field", "reason"], sort=True).size().reset_index(name="rows")
    return [
        {"field": str(f), "reason": str(r), "rows": int(n)}
        for f, r, n in counts.itertuples(index=False)
    ]
