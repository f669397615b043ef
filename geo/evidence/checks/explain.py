"""Trace one row of a bundle back to its sources; a lookup, nothing is recomputed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import EvidenceError, Problem
from geo.evidence.checks import explain_reading as reading
from geo.evidence.checks.explain_text import told
from geo.evidence.checks.verify import load_tables
from geo.evidence.documents.methods import STEPS, parameter_files
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import IDS, KeyNumber, key_numbers
from geo.evidence.tables.published import file_contract
from geo.evidence.tables.told import withheld
from geo.inference.registered.adverse import HEADLINE

SOURCE_FIELDS = ("role", "title", "publisher", "licence", "retrieved_at", "sha256", "reader", "url")
STEP_FACTS = ("fingerprint", "code", "environment", "computed_in")
NOTHING = "nothing that this bundle holds"
SHA256_DIGITS = 64
"""Definition: hexadecimal digits of a SHA-256."""


@dataclass(frozen=True)
class Explanation:
    """One row, traced.

    Attributes
    ----------
    id, table, title
        The row, and the table it stands in; one of E1 to E6 that is read from a whole table has
        its own id.
    data_status
        SYNTHETIC or recorded.
    values
        Column = value, unit and meaning.
    sentence
        What the row says in words; empty where it says nothing.
    steps
        What was done, in order: reference, fingerprint, hashes of code and environment, and the
        run in which it was computed.
    inputs
        Rows, steps and files it was computed from, each followed to its own.
    parameters
        Constants its steps used, with their citations; `last` says that the last step did.
    records
        How many records stand behind it: in classes on the public side.
    source_rows
        The records, from the restricted tree; empty without it.
    number
        One of E1 to E6 as the brief prints it; empty where another row was asked for.
    untold
        Whether the row holds a ratio that is not quoted, since the records cannot tell it.
    """

    id: str
    table: str
    title: str
    data_status: str
    sentence: str
    values: tuple[dict[str, Any], ...]
    steps: tuple[dict[str, str], ...]
    inputs: tuple[dict[str, Any], ...]
    parameters: tuple[dict[str, str], ...]
    records: str
    source_rows: tuple[dict[str, Any], ...] = ()
    number: str = ""
    untold: bool = False

    def json(self) -> str:
        """Return the explanation as JSON."""
        return json.dumps(self.__dict__, indent=2, ensure_ascii=False, default=str)

    def text(self, *, whole: bool = False) -> str:
        """Return the explanation for a person; `whole` lists every constant with its source."""
        return told(self, whole=whole)


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
        self.analyses = reading.analyses(self.tables.get("estimates"))
        self.finding = reading.finding(Path(folder))
        self.made = reading.steps_made(Path(folder))
        self.members, self.records = reading.restricted(restricted)
        files = self.tables.get("snapshots", pd.DataFrame({"sha256": []}))
        self.files = {str(row["sha256"]): row for _, row in files.iterrows()}

    def explain(self, identifier: str) -> Explanation:
        """Trace one row, by its identifier or as the analysis of that name in `estimates`.

        `headline` is the run's finding, whichever row it stands on; E1 to E6 are the brief's
        numbers.

        Raises
        ------
        EvidenceError
            If no table holds the identifier.
        """
        if identifier in IDS:
            return self._number(next(n for n in key_numbers(self.tables) if n.id == identifier))
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
            sentence=str(row.get("sentence") or ""),
            values=tuple(reading.values(name, row)),
            steps=tuple(self._steps(name)),
            inputs=tuple(self._inputs(row)),
            parameters=tuple(self._parameters(name, row)),
            records=self._count(name, row),
            source_rows=tuple(self._source_rows({identifier, *str(row["parents"]).split()})),
            untold=name == "estimates" and withheld(row, self._headline()),
        )

    def _headline(self) -> pd.Series | None:
        rows = self.tables["estimates"]
        own = rows[rows["analysis"] == HEADLINE]
        return None if own.empty else own.iloc[0]

    def _number(self, number: KeyNumber) -> Explanation:
        """Trace one of the brief's numbers: its row, or all rows of its table, or none."""
        said = f"{number.id}. {number.asks}: {number.value}"
        if number.row_id:
            return replace(self.explain(number.row_id), number=said)
        name = number.table
        rows = list(self.tables[name]["row_id"].astype(str)) if name else []
        whole = pd.Series({"parents": " ".join(rows)})
        status = str(self.tables["estimates"]["data_status"].iloc[0])
        title = file_contract(name).title if name else "Not estimated"
        steps = tuple(self._steps(name)) if name else ()
        used = tuple(self._parameters(name, whole)) if name else ()
        found = tuple(self._source_rows(set(rows)))
        made = tuple(self._inputs(whole))
        return Explanation(
            number.id, name, title, status, "", (), steps, made, used, "", found, said
        )

    def _steps(self, name: str) -> list[dict[str, str]]:
        return [
            {
                "name": s.name,
                "does": s.does,
                "reference": s.reference,
                **{k: str(self.made.get(s.name, {}).get(k, "")) for k in STEP_FACTS},
            }
            for s in STEPS[name]
        ]

    def _inputs(self, row: pd.Series) -> list[dict[str, Any]]:
        """Follow parents to their own rows, steps and files, and those to theirs."""
        found: dict[str, dict[str, Any]] = {}
        todo = str(row["parents"]).split()
        while todo:
            parent = todo.pop(0)
            if parent not in found:
                found[parent], more = self._resolved(parent)
                todo += more
        return list(found.values())

    def _resolved(self, parent: str) -> tuple[dict[str, Any], list[str]]:
        """Say what a parent is, and what it was itself computed from."""
        kind, _, name = parent.partition(":")
        if parent in self.rows:
            table, place = self.rows[parent]
            other = self.tables[table].iloc[place]
            before = str(other["parents"]).split()
            return {"id": parent, "is": f"row of {table}", **_source(other)}, before
        if kind == "step" and name in self.made:
            step = self.made[name]
            facts = {k: step.get(k, "") for k in STEP_FACTS}
            before = [f"step:{n}" for n in step.get("needs", {})]
            files = self._of_roles(tuple(step.get("roles", ())))
            return {"id": parent, "is": "step", **facts}, before + files
        if len(parent) == SHA256_DIGITS and parent in self.files:
            row = self.files[parent]
            text = f"bytes of {row['source_id']}, by their SHA-256"
            return {"id": parent, "is": text, **_source(row)}, []
        if parent.startswith("group-"):
            text = "group of records; its members stand in the restricted tree"
            return {"id": parent, "is": text}, self._of_roles(("deaths",))
        known = {"study": "the resolved study, study.toml", "code": "constants in the code"}
        return {"id": parent, "is": known.get(parent, NOTHING)}, []

    def _of_roles(self, roles: tuple[str, ...]) -> list[str]:
        frame = self.tables.get("snapshots")
        if frame is None:
            return []
        return [str(i) for i in frame.loc[frame["role"].isin(roles), "row_id"]]

    def _parameters(self, name: str, row: pd.Series) -> list[dict[str, str]]:
        frame = self.tables.get("parameters")
        if frame is None:
            return []
        used = frame[frame["file"].isin(parameter_files(name))]
        columns = ["file", "name", "value", "unit", "source", "confidence"]
        last = parameter_files(name, last=True)
        if str(row.get("analysis", "")).startswith("headline"):
            last = last[:1]  # the battery's constants decide the other analyses
        return [
            {**dict(zip(columns, map(str, r), strict=True)), "last": str(r[0] in last)}
            for r in used[columns].itertuples(index=False)
        ]

    def _count(self, name: str, row: pd.Series) -> str:
        sources = self._deaths(set(str(row["parents"]).split()))
        for column in ("deaths_class", "records_class"):
            if column in row:
                return f"{row[column]} records of {sources}"
        if "deaths_at_least" in row:
            return f"{row['deaths_at_least']:g} records or more of {sources}"
        if name == "estimates" and pd.notna(row["n"]):
            return f"about {int(row['n'])} records of {sources}"
        return ""

    def _deaths(self, parents: set[str]) -> str:
        """Name the records: those of a vintage where the row was computed from one."""
        frame = self.tables.get("snapshots")
        if frame is None:
            return "an unnamed source"
        earlier = frame[(frame["role"] == "vintage") & frame["row_id"].isin(parents)]
        rows = each(frame[frame["role"] == "deaths"] if earlier.empty else earlier)
        return ", ".join(f"{r.source_id} (sha256 {r.sha256})" for r in rows) or "no source"

    def _source_rows(self, ids: set[str]) -> list[dict[str, Any]]:
        deaths = self.members[self.members["id"].isin(ids)]["death_id"]
        rows = self.records[self.records["death_id"].isin(set(deaths))]
        shown = [c for c in ("case_key", *reading.SOURCE_ROW) if c in rows]
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
        A `row_id` of any of its tables, the name of an analysis, or one of E1 to E6.
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


def _source(row: pd.Series) -> dict[str, Any]:
    """Return what a row says of a file, where it is one."""
    return {f: row[f] for f in SOURCE_FIELDS if pd.notna(row.get(f))}
