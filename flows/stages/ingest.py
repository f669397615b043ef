"""Publishers' files to records: names and free text stop here."""

from __future__ import annotations

import json

import pandas as pd

from geo import sources
from geo.records import COUNTS, DEATHS, QUARANTINE, SNAPSHOTS, TABLES

from flows.stage import Input, Stage, Step
from flows.store import write_table, write_text

VECTOR_ROLES = (
    "deaths",
    "towers",
    "infrastructure",
    "border",
    "roads",
    "places",
    "corridors",
    "crosscheck",
)


def run(step: Step) -> None:
    """Read every vector source, set bad rows aside, and count what became of each row."""
    inputs = step.question.of(*VECTOR_ROLES)
    readings = []
    for n, given in enumerate(inputs):
        step.progress(n, len(inputs), given.source_id)
        readings.append((given, _read(step, given)))
    counts: list[dict[str, object]] = []
    tables: dict[str, list[pd.DataFrame]] = {}
    for given, reading in readings:
        records = reading.records
        if reading.table == DEATHS.name:
            first, last = step.study.periods[0].start, step.study.periods[-1].end
            records = sources.fit(records, step.study.bounds_lonlat, first, last)
        counts += _counts(given, reading, records)
        if given.role != "crosscheck":
            tables.setdefault(reading.table, []).append(records)
    for name, parts in tables.items():
        write_table(step.folder, name, TABLES[name].conform(pd.concat(parts, ignore_index=True)))
    quarantined = [r.quarantine for _, r in readings if len(r.quarantine)]
    if quarantined:
        write_table(
            step.folder, QUARANTINE.name, pd.concat(quarantined, ignore_index=True)
        )
    write_table(step.folder, COUNTS.name, pd.DataFrame(counts))
    write_table(step.folder, SNAPSHOTS.name, _snapshots(step, dict_of_readers(readings)))
    warnings = sorted({w for _, r in readings for w in r.warnings})
    write_text(step.folder / "warnings.json", json.dumps(warnings))


def dict_of_readers(readings: list[tuple[Input, sources.Reading]]) -> dict[str, str]:
    """Return which layout each snapshot turned out to have."""
    return {given.sha256: reading.reader for given, reading in readings}


def _read(step: Step, given: Input) -> sources.Reading:
    source = next(
        s for s in step.study.sources if s.id == given.source_id and s.role == given.role
    )
    return sources.read(
        given.path,
        role=given.role,
        source_id=given.source_id,
        columns=dict(source.columns),
        as_of=step.study.as_of,
    )


def _counts(
    given: Input, reading: sources.Reading, records: pd.DataFrame
) -> list[dict[str, object]]:
    parent = given.sha256[:16]
    spoiled = reading.quarantine.drop_duplicates("source_row")
    rows = [("read", "", len(records) + len(spoiled))]
    rows += [("quarantined", r, n) for r, n in spoiled["reason"].value_counts().items()]
    excluded = pd.Series(dtype=object)
    if "exclusion_reason" in records:
        excluded = records["exclusion_reason"].dropna()
        rows += [("excluded", str(r), int(n)) for r, n in excluded.value_counts().items()]
    rows.append(("used", "", len(records) - len(excluded)))
    return [
        {
            "source_id": given.source_id,
            "step": what,
            "reason": reason,
            "records": int(n),
            "row_id": f"count:{given.source_id}:{what}:{reason}",
            "parents": parent,
        }
        for what, reason, n in rows
    ]


def _snapshots(step: Step, readers: dict[str, str]) -> pd.DataFrame:
    rows = []
    for given in step.question.inputs:
        facts = dict(given.facts)
        facts["role"], facts["source_id"] = given.role, given.source_id
        facts["reader"] = readers.get(given.sha256, facts.get("reader") or "raster")
        facts["row_id"], facts["parents"] = f"snapshot:{given.sha256[:16]}", given.sha256
        rows.append({k: v for k, v in facts.items() if k in SNAPSHOTS.names})
    return pd.DataFrame(rows).drop_duplicates(["source_id", "sha256"])


STAGE = Stage(
    name="ingest",
    title="Reading the sources",
    work=run,
    rooms=("geo/sources", "geo/records.py", "geo/contract.py"),
    settings=("bounds_lonlat", "periods", "as_of"),
    roles=VECTOR_ROLES,
)
