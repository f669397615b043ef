"""Publishers' files to records: names and free text stop here."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import resources

import pandas as pd
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from flows.core.stage import Input, StageContext
from flows.core.store import write_table, write_text
from flows.stages import VECTOR_ROLES
from flows.stages.corridors import made_corridors
from geo import sources
from geo.errors import InputProblems
from geo.records import (
    CORRIDOR_BASIS,
    CORRIDORS,
    COUNTS,
    DEATHS,
    LINES,
    PLACES,
    QUARANTINE,
    SITES,
    TOWER_DATING,
    TOWERS,
)
from geo.sources.fitting import UNTOLD
from geo.study import Study

READERS = "readers.json"
"""Snapshot = the reader that recognised it."""
COMPARED_ALONE = "another publisher's record of the same people: never added to the deaths"


def run(step: StageContext) -> None:
    """Read every vector source, set bad rows aside, and count what became of each row."""
    inputs = step.question.of(*VECTOR_ROLES)
    readings = []
    for n, given in enumerate(inputs):
        step.progress(n, len(inputs), given.source_id)
        reading = read_fitted(step.study, given)
        if given.role == "vintage":
            reading = sources.as_vintage(reading, given.source_id)
        readings.append((given, reading))
    _refuse_twice(readings)
    parts: dict[str, list[pd.DataFrame]] = {}
    for given, reading in readings:
        # people in a cross-check are the same people: it is counted and never added
        if given.role != "crosscheck":
            parts.setdefault(reading.table, []).append(_kept(reading))
    parts |= corridors_of(step.study, parts)
    parts |= _dated(step.study, parts)
    for name, frames in parts.items():
        write_table(step.folder, name, pd.concat(frames, ignore_index=True))
    quarantined = [r.quarantine for _, r in readings if len(r.quarantine)]
    if quarantined:
        write_table(step.folder, QUARANTINE.name, pd.concat(quarantined, ignore_index=True))
    write_table(step.folder, COUNTS.name, counted(readings))
    readers = {given.sha256: reading.reader for given, reading in readings}
    write_text(step.folder / READERS, json.dumps(readers))
    warnings = sorted({w for _, r in readings for w in r.warnings})
    warnings += [f"Towers: {sources.sentence(t)}." for t in parts.get(TOWER_DATING.name, ())]
    write_text(step.folder / "warnings.json", json.dumps(warnings, ensure_ascii=False))


def _refuse_twice(readings: list[tuple[Input, sources.Reading]]) -> None:
    problems = sources.same_people(
        {g.source_id: r.reader for g, r in readings if g.role == "deaths"}
    )
    if problems:
        raise InputProblems(problems)


def corridors_of(
    study: Study, parts: Mapping[str, list[pd.DataFrame]]
) -> dict[str, list[pd.DataFrame]]:
    """Return the study's corridors, made where it draws none, and where they come from."""
    lines = parts.get(LINES.name)
    border = None if lines is None else pd.concat(lines, ignore_index=True)
    drawn, places = parts.get(CORRIDORS.name), parts.get(PLACES.name)
    polygons, basis = made_corridors(
        study,
        None if drawn is None else pd.concat(drawn, ignore_index=True),
        parts.get(DEATHS.name, []),
        None if border is None else border[border["kind"] == "border"],
        None if places is None else pd.concat(places, ignore_index=True),
    )
    return {CORRIDORS.name: [polygons], CORRIDOR_BASIS.name: [basis]}


def _dated(study: Study, parts: Mapping[str, list[pd.DataFrame]]) -> dict[str, list[pd.DataFrame]]:
    """Return towers with the dates that rules of the study give them, and what dates each."""
    towers = [t for t in parts.get(TOWERS.name, []) if len(t)]
    if not towers:
        return {}
    ground = polygons(parts.get(CORRIDORS.name, []))
    rules = study.tower_dates
    ruled = [sources.date_by_rules(t, rules, study.window, ground) for t in towers]
    counted = sources.dating(pd.concat(ruled, ignore_index=True), rules)
    return {TOWERS.name: ruled, TOWER_DATING.name: [counted]}


def polygons(corridors: Iterable[pd.DataFrame]) -> dict[str, BaseGeometry]:
    """Return corridors by name, EPSG:4326."""
    return {
        str(name): shape
        for frame in corridors
        for name, shape in zip(frame["corridor"], frame.geometry, strict=True)
    }


def read_fitted(study: Study, given: Input) -> sources.Reading:
    """Read one source, and say of deaths and sites which of them the study can use."""
    reading = _read(study, given)
    if reading.table == SITES.name:
        inside = reading.records.geometry.intersects(box(*study.bounds_lonlat))
        reason = pd.Series(None, reading.records.index, object).where(inside, sources.OUTSIDE_AREA)
        return replace(reading, records=reading.records.assign(exclusion_reason=reason))
    if reading.table != DEATHS.name:
        return reading
    first, last = study.periods[0].start, study.periods[-1].end
    records = sources.fit(
        reading.records,
        study.bounds_lonlat,
        first,
        last,
        withheld(study, reading.records),
    )
    records = sources.divide(records, given.source_id, sources.systems_of(study))
    return replace(reading, records=records)


def _kept(reading: sources.Reading) -> pd.DataFrame:
    """Return the records of a source; of sites, whose table knows no others, those of the area."""
    if reading.table != SITES.name:
        return reading.records
    records = reading.records
    return records[records["exclusion_reason"].isna()].drop(columns="exclusion_reason")


def withheld(study: Study, deaths: pd.DataFrame) -> frozenset[str]:
    """Return the ids of records withheld on request (`data/withdrawn.toml`).

    A file that a user supplied may hold any publisher's records: every key is withheld there.
    """
    supplied = {study.current(s) for s in study.sources if s.sha256 is not None}
    text = resources.files("data").joinpath("withdrawn.toml").read_text("utf-8")
    named = tomllib.loads(text).get("withdrawn", [])
    ids: set[str] = set()
    for source_id in deaths["source_id"].unique():
        keys = [w["case_key"] for w in named if w["source"] == source_id or source_id in supplied]
        ids |= sources.withheld_ids(source_id, keys)
    return frozenset(ids)


def _read(study: Study, given: Input) -> sources.Reading:
    source = next(s for s in study.sources if s.id == given.source_id and s.role == given.role)
    return sources.read(
        given.path,
        role=given.role,
        source_id=study.current(source),
        as_of=study.as_of,
        plausible=study.bounds_lonlat,
        hints=sources.Hints.of(source),
        where=source.credit or source.id,  # warnings are printed in public
    )


def counted(readings: Iterable[tuple[Input, sources.Reading]]) -> pd.DataFrame:
    """Return what became of every row of every source (contract `counts`)."""
    tallies = []
    for given, reading in readings:
        tally = sources.tally(reading).assign(source_id=given.source_id, parents=given.sha256)
        if given.role == "crosscheck":
            tally = tally.replace({"step": {"used": "excluded"}})
            tally["reason"] = tally["reason"].where(
                (tally["reason"] != "") | (tally["step"] == "read"), COMPARED_ALONE
            )
        if given.role == "vintage":
            # beside today's counts those of each reason would show what became of single records
            tally["reason"] = tally["reason"].where(tally["reason"] == "", UNTOLD)
        tallies.append(tally)
    table = pd.concat(tallies, ignore_index=True)
    table = table.groupby(["source_id", "step", "reason"], sort=False, as_index=False).agg(
        {"records": "sum", "parents": _joined}
    )
    table["row_id"] = "count:" + table["source_id"] + ":" + table["step"] + ":" + table["reason"]
    return table


def _joined(parents: pd.Series) -> str:
    return " ".join(dict.fromkeys(parents))
