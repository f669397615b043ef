"""The public tables: aggregates under the floors, every row with an id and its parents."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from geo import parameters, records
from geo.evidence.tables import counts, fifths, hardship, places, windows
from geo.evidence.tables.findings import Findings, check
from geo.evidence.tables.identifiers import with_ids
from geo.evidence.tables.published import HELD, contract

Maker = Callable[[Findings, str], tuple[pd.DataFrame, pd.DataFrame]]
AGGREGATES: dict[str, Maker] = {
    "deaths_by_cell_block": places.by_cell,
    "deaths_by_corridor_block": places.by_corridor,
    "deaths_by_year": counts.by_year,
    "hardship_by_block": hardship.by_block,
    "hardness_by_corridor": windows.by_corridor,
    "exposures_by_corridor_block": hardship.by_corridor,
}


def public_tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Make every table that may be published.

    Parameters
    ----------
    findings
        What a run found.

    Returns
    -------
    dict
        Table name = table keeping `published.contract(name)`: the contract of `geo.records`
        with `row_id` and `parents`; those with geometry are GeoDataFrames in EPSG:4326. A table
        for which the run has nothing is there with no row.

    Raises
    ------
    EvidenceError
        If the findings hold a table nobody declared, or a raster too fine to be here.
    ContractError, GridError
        If a table or raster breaks its contract.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> tables = evidence.public_tables(examples.findings())
    >>> sorted(tables["deaths_by_year"]["deaths_class"].unique())
    ['1-4', '5-9']
    """
    return _make(findings)[0]


def lineage(findings: Findings) -> pd.DataFrame:
    """Return which record stands in which public row or group; for a restricted tree only.

    Parameters
    ----------
    findings
        What a run found.

    Returns
    -------
    DataFrame
        `id` of the row or group, `death_id`.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> list(evidence.lineage(examples.findings()))
    ['id', 'death_id']
    """
    return _make(findings)[1]


def _make(findings: Findings) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    check(findings)
    sources = snapshots(findings)
    roles = dict(zip(sources["row_id"], sources["role"], strict=True))
    deaths = " ".join(i for i, role in roles.items() if role == "deaths")
    made: dict[str, pd.DataFrame] = {}
    members: list[pd.DataFrame] = []
    for name, maker in AGGREGATES.items():
        made[name], belongs = maker(findings, deaths or "study")
        members.append(belongs)
    told = made[windows.NAME]
    made[fifths.NAME], belongs = fifths.by_fifth(findings, deaths or "study", told)
    members.append(belongs)
    made["snapshots"] = sources
    made["skipped"] = _skipped(findings)
    made["parameters"] = _parameters()
    made["calibration"] = _calibration(findings)
    for name in HELD:
        if name not in made:
            made[name] = _passed_on(findings, name, sources)
    return {name: made[name] for name in HELD}, pd.concat(members, ignore_index=True)


def snapshots(findings: Findings) -> pd.DataFrame:
    """Return the sources with their identifiers."""
    table = contract("snapshots")
    frame = with_ids("snapshots", table.key, findings.table("snapshots"), "")
    # a file's parent is its bytes, which lie in the vault under their hash
    parents = frame["parents"].where(frame["parents"] != "", frame["sha256"])
    return table.conform(frame.assign(parents=parents))


def _passed_on(findings: Findings, name: str, sources: pd.DataFrame) -> pd.DataFrame:
    """Return a table another room made, with ids where it had none."""
    table = contract(name)
    frame = _classed(name, findings.table(name), sources)
    by_source = dict(zip(sources["source_id"], sources["row_id"], strict=True))
    frame = with_ids(name, table.key, frame, "")
    fallback = frame["source_id"].map(by_source) if "source_id" in frame else "study"
    parents = frame["parents"].astype(object)
    frame["parents"] = parents.where(parents != "", fallback).fillna("study")
    return table.conform(frame)


def _classed(name: str, frame: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Class the numbers about persons in a table that another room made."""
    if name == "counts":
        return counts.classed(frame, sources)
    if name == "estimates":
        near = [None if pd.isna(n) else records.rounded(int(n)) for n in frame["n"]]
        return frame.assign(n=pd.Series(near, index=frame.index, dtype="Int64"))
    return frame


def _skipped(findings: Findings) -> pd.DataFrame:
    table = contract("skipped")
    frame = pd.DataFrame(findings.skipped, columns=["what", "missing", "how_to_get"])
    frame = frame.drop_duplicates("what")
    return table.conform(with_ids("skipped", table.key, frame, "study"))


def _calibration(findings: Findings) -> pd.DataFrame:
    table = contract("calibration")
    columns = [c for c in table.names if c not in ("row_id", "parents")]
    given = findings.calibration
    frame = pd.DataFrame(columns=columns) if given is None else given[columns]
    return table.conform(with_ids("calibration", table.key, frame, "code"))


def _parameters() -> pd.DataFrame:
    rows = [
        {
            "file": file,
            "name": p.name,
            "value": p.value if isinstance(p.value, str) else repr(p.value),
            "unit": p.unit,
            "low": p.low,
            "high": p.high,
            "source": p.source,
            "where": p.where or None,
            "confidence": p.confidence,
            "note": p.note or None,
        }
        for file in parameters.names()
        for p in parameters.load(file).values()
    ]
    table = contract("parameters")
    frame = pd.DataFrame(rows, columns=[c for c in table.names if c not in ("row_id", "parents")])
    return table.conform(with_ids("parameters", table.key, frame, "code"))
