"""Trace one row of a bundle back to its sources; a lookup, nothing is recomputed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import EvidenceError, Problem
from geo.evidence.checks.verify import load_tables
from geo.evidence.custody.chain import CUSTODY
from geo.evidence.custody.restricted import CASES, LINEAGE, RECORDS
from geo.evidence.documents.methods import STEPS, parameter_files
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.published import file_contract

HIDDEN = ("row_id", "parents", "data_status")
SOURCE_FIELDS = ("title", "publisher", "licence", "retrieved_at", "sha256", "reader", "url")
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


@dataclass(frozen=True)
class Explanation:
    """One row, traced.

    Attributes
    ----------
    id, table, title
        The row, and the table it stands in.
    data_status
        SYNTHETIC or recorded.
    values
        Column = value, unit and meaning.
    steps
        What was done, in order, with the reference and the fingerprint of each step.
    inputs
        Sources and rows it was computed from.
    parameters
        Constants its steps used, with their citations.
    records
        How many records stand behind it: in classes on the public side.
    source_rows
        The records, from the restricted tree; empty without it.
    """

    id: str
    table: str
    title: str
    data_status: str
    values: tuple[dict[str, Any], ...]
    steps: tuple[dict[str, str], ...]
    inputs: tuple[dict[str, Any], ...]
    parameters: tuple[dict[str, str], ...]
    records: str
    source_rows: tuple[dict[str, Any], ...] = ()

    def json(self) -> str:
        """Return the explanation as JSON."""
        return json.dumps(self.__dict__, indent=2, ensure_ascii=False, default=str)

    @property
    def text(self) -> str:
        """The explanation for a person."""
        lines = [f"{self.id}: a row of {self.table} ({self.title}), {self.data_status}", ""]
        for v in self.values:
            unit = f" {v['unit']}" if v["unit"] not in ("", "1", "see unit") else ""
            lines.append(f"  {v['column']} = {v['value']}{unit}   ({v['meaning']})")
        lines += ["", f"Records: {self.records}", "", "Steps"]
        for number, step in enumerate(self.steps, start=1):
            mark = f" [{step['fingerprint'][:12]}]" if step["fingerprint"] else ""
            lines.append(f"  {number}. {step['name']}{mark}: {step['does']}")
            if step["reference"]:
                lines.append(f"     {step['reference']}")
        lines += ["", "Computed from"]
        lines += [f"  {_input(i)}" for i in self.inputs] or ["  the study alone"]
        if self.parameters:
            lines += ["", f"Constants ({len(self.parameters)})"]
            lines += [
                f"  {p['file']}.{p['name']} = {p['value']} {p['unit']} ({p['source']})"
                for p in self.parameters
            ]
        if self.source_rows:
            lines += ["", f"Source rows ({len(self.source_rows)}), restricted"]
            lines += [
                "  " + ", ".join(f"{k} {v}" for k, v in row.items()) for row in self.source_rows
            ]
        return "\n".join(lines) + "\n"


class Trace:
    """A bundle opened for explaining: its tables and lineage read once."""

    def __init__(self, folder: Path, restricted: Path | None = None) -> None:
        problems: list[Problem] = []
        self.tables = load_tables(Path(folder), problems)
        if not self.tables:
            raise EvidenceError(f"{folder} holds no table that can be read; run `funnel verify`")
        self.rows = {
            str(identifier): (name, place)
            for name, frame in self.tables.items()
            for place, identifier in enumerate(frame["row_id"])
        }
        self.analyses = _analyses(self.tables.get("estimates"))
        self.finding = _finding(Path(folder))
        self.fingerprints = _fingerprints(Path(folder))
        self.members, self.records = _restricted(restricted)

    def explain(self, identifier: str) -> Explanation:
        """Trace one row, by its identifier or as the analysis of that name in `estimates`.

        `headline` is the run's finding, whichever row it stands on.

        Raises
        ------
        EvidenceError
            If no table holds the identifier.
        """
        if identifier == "headline" and self.finding in self.rows:
            identifier = self.finding
        identifier = self.analyses.get(identifier, identifier)
        if identifier not in self.rows:
            from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

            near = get_close_matches(identifier, [*self.analyses, *self.rows], n=1)
            hint = f"did you mean {near[0]}?" if near else "take one from a column row_id"
            raise EvidenceError(f"no table holds the identifier {identifier!r}; {hint}")
        name, place = self.rows[identifier]
        row = self.tables[name].iloc[place]
        return Explanation(
            id=identifier,
            table=name,
            title=file_contract(name).title,
            data_status=str(row["data_status"]),
            values=tuple(_values(name, row)),
            steps=tuple(self._steps(name)),
            inputs=tuple(self._inputs(row)),
            parameters=tuple(self._parameters(name)),
            records=self._count(name, row),
            source_rows=tuple(self._source_rows(identifier, row)),
        )

    def _steps(self, name: str) -> list[dict[str, str]]:
        return [
            {
                "name": s.name,
                "does": s.does,
                "reference": s.reference,
                "fingerprint": self.fingerprints.get(s.name, ""),
            }
            for s in STEPS[name]
        ]

    def _inputs(self, row: pd.Series) -> list[dict[str, Any]]:
        """Follow parents to their own rows, and those rows' parents to their sources."""
        found: dict[str, dict[str, Any]] = {}
        todo = str(row["parents"]).split()
        while todo:
            parent = todo.pop(0)
            if parent in found:
                continue
            found[parent] = {"id": parent, "is": self._what(parent)}
            if parent in self.rows:
                name, place = self.rows[parent]
                other = self.tables[name].iloc[place]
                found[parent] |= {f: other[f] for f in SOURCE_FIELDS if other.get(f)}
                todo += str(other["parents"]).split()
        return list(found.values())

    def _what(self, parent: str) -> str:
        if parent in self.rows:
            return f"row of {self.rows[parent][0]}"
        kinds = {
            "group": "group of records; its members stand in the restricted tree",
            "vault": "bytes in the vault, under their SHA-256",
            "study": "the resolved study, study.toml",
            "code": "constants that ship with the code",
        }
        return kinds.get(parent.partition("-")[0], "an input of the store, by its hash or step")

    def _parameters(self, name: str) -> list[dict[str, str]]:
        frame = self.tables.get("parameters")
        if frame is None:
            return []
        used = frame[frame["file"].isin(parameter_files(name))]
        columns = ["file", "name", "value", "unit", "source", "confidence"]
        return [dict(zip(columns, map(str, r), strict=True)) for r in each(used[columns])]

    def _count(self, name: str, row: pd.Series) -> str:
        sources = self._deaths(set(str(row["parents"]).split()))
        for column in ("deaths_class", "records_class"):
            if column in row:
                return f"{row[column]} records of {sources}"
        if "deaths_at_least" in row:
            return f"{row['deaths_at_least']:g} records or more of {sources}"
        if name == "estimates" and pd.notna(row["n"]):
            return f"about {int(row['n'])} records of {sources}"
        return "not a statement about records"

    def _deaths(self, parents: set[str]) -> str:
        """Name the records: those of a vintage where the row was computed from one."""
        frame = self.tables.get("snapshots")
        if frame is None:
            return "an unnamed source"
        earlier = frame[(frame["role"] == "vintage") & frame["row_id"].isin(parents)]
        rows = each(frame[frame["role"] == "deaths"] if earlier.empty else earlier)
        return ", ".join(f"{r.source_id} (sha256 {r.sha256})" for r in rows) or "no source"

    def _source_rows(self, identifier: str, row: pd.Series) -> list[dict[str, Any]]:
        ids = {identifier, *str(row["parents"]).split()}
        deaths = self.members[self.members["id"].isin(ids)]["death_id"]
        rows = self.records[self.records["death_id"].isin(set(deaths))]
        shown = [c for c in ("case_key", *SOURCE_ROW) if c in rows]
        return [
            {str(k): v for k, v in record.items() if pd.notna(v)}
            for record in rows[shown].to_dict("records")
        ]


def explain(folder: Path, identifier: str, restricted: Path | None = None) -> Explanation:
    """Trace one row of a bundle back through every step.

    Parameters
    ----------
    folder
        The public bundle.
    identifier
        A `row_id` of any of its tables.
    restricted
        The restricted tree of the same run, to see the source rows.

    Returns
    -------
    Explanation
        The row, its parents, the steps that made it and the sources they read.

    Raises
    ------
    EvidenceError
        If the bundle cannot be read or holds no such row.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo import evidence, examples
    >>> folder = examples.bundle()
    >>> table = pd.read_csv(folder / "tables" / "deaths_by_year.csv", comment="#")
    >>> found = evidence.explain(folder, table["row_id"][0])
    >>> type(found).__name__
    'Explanation'
    """
    return Trace(folder, restricted).explain(identifier)


def _values(name: str, row: pd.Series) -> list[dict[str, Any]]:
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


def _analyses(estimates: pd.DataFrame | None) -> dict[str, str]:
    """Return analysis = row_id for analyses that one row answers."""
    if estimates is None:
        return {}
    single = estimates[~estimates["analysis"].duplicated(keep=False)]
    return dict(zip(single["analysis"], single["row_id"], strict=True))


def _finding(folder: Path) -> str:
    """Return the row on which the run's finding stands, as its bundle says; empty without one."""
    path = folder / "headline.json"
    try:
        said = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except ValueError:
        return ""
    return str(said.get("row_id", "")) if isinstance(said, dict) else ""


def _fingerprints(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    path = folder / CUSTODY
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        entry = json.loads(line)
        if entry.get("event") == "step":
            found[entry["name"]] = entry["fingerprint"]
    return found


def _restricted(folder: Path | None) -> tuple[pd.DataFrame, pd.DataFrame]:
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


def _input(entry: Mapping[str, Any]) -> str:
    more = [f"{f}: {entry[f]}" for f in SOURCE_FIELDS if f in entry and pd.notna(entry[f])]
    return f"{entry['id']} ({entry['is']})" + "".join(f"\n      {m}" for m in more)
