"""What a trace reads of a bundle beside its tables: values, steps, finding, restricted tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import EvidenceError
from geo.evidence.custody.chain import APART, CUSTODY
from geo.evidence.custody.restricted import CASES, LINEAGE, RECORDS
from geo.evidence.tables.published import file_contract

HIDDEN = ("row_id", "parents", "data_status")
SOURCE_ROW = (
    "source_id",
    "source_row",
    "found_on",
    "precision_class",
    "longitude_deg",
    "latitude_deg",
    "slope_deg",
    "energy_mj",
)
"""Columns of a record that are told of it, where the restricted tree holds them."""
RUN_LOG = "runs.jsonl"


def values(name: str, row: pd.Series) -> list[dict[str, Any]]:
    """Return column = value, unit and meaning of a row, empty cells left out."""
    rows = []
    for column in file_contract(name).columns:
        value = row[column.name]
        if column.name in HIDDEN or pd.isna(value):
            continue
        shown = value.date().isoformat() if isinstance(value, pd.Timestamp) else value
        shown = shown.item() if hasattr(shown, "item") else shown
        rows.append(
            {
                "column": column.name,
                "value": shown,
                "unit": column.unit,
                "meaning": column.meaning,
            }
        )
    return rows


def analyses(estimates: pd.DataFrame | None) -> dict[str, str]:
    """Return analysis = row_id for analyses that one row answers."""
    if estimates is None:
        return {}
    single = estimates[~estimates["analysis"].duplicated(keep=False)]
    return dict(zip(single["analysis"], single["row_id"], strict=True))


def finding(folder: Path) -> str:
    """Return the row on which the run's finding stands, as its bundle says; empty without one."""
    path = folder / "headline.json"
    try:
        said = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except ValueError:
        return ""
    return str(said.get("row_id", "")) if isinstance(said, dict) else ""


def steps_made(folder: Path) -> dict[str, dict[str, Any]]:
    """Return every step as the custody log states it, with the run in which it was computed."""
    path, log = folder / CUSTODY, folder / APART / RUN_LOG
    found: dict[str, dict[str, Any]] = {}
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        entry = json.loads(line)
        if entry.get("event") == "step":
            found[entry["name"]] = {**entry, "computed_in": ""}
    for line in log.read_text("utf-8").splitlines()[-1:] if log.is_file() else ():
        for step in json.loads(line).get("steps", ()):
            if found.get(step["step"], {}).get("fingerprint") == step["fingerprint"]:
                found[step["step"]]["computed_in"] = step["computed_in"]
    return found


def restricted(folder: Path | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the members of groups and the records; empty without a restricted tree."""
    if folder is None:
        return (
            pd.DataFrame({"id": [], "death_id": []}, dtype=object),
            pd.DataFrame({"death_id": []}, dtype=object),
        )
    folder = Path(folder)
    if not (folder / RECORDS).is_file():
        raise EvidenceError(f"{folder} is no restricted tree: it holds no {RECORDS}; name another")
    records = pd.read_csv(folder / RECORDS, dtype=str)
    if (folder / CASES).is_file():
        cases = pd.read_csv(folder / CASES, dtype=str)
        records = records.merge(cases, on="death_id", how="left")
    return pd.read_csv(folder / LINEAGE, dtype=str), records
