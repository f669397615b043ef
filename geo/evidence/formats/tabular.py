"""Tables as CSV, Parquet and a frictionless descriptor; the same rows, the same bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.contract import Column, Table
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.published import file_contract

FIELD_TYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
}


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a flat table as UTF-8 CSV with ISO dates."""
    text = frame.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d")
    return text.encode()


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return a flat table as Parquet."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink)
    return sink.getvalue()


def read_csv(data: bytes, table: Table) -> pd.DataFrame:
    """Read a table back from its CSV and check it against its contract."""
    frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    for column in table.columns:
        if column.name not in frame:
            continue
        if column.null is not None or column.dtype != "string":
            frame[column.name] = frame[column.name].replace("", None)
        if column.dtype == "integer":
            frame[column.name] = pd.to_numeric(frame[column.name])
        if column.dtype == "boolean":
            frame[column.name] = frame[column.name].map({"True": True, "False": False})
    return table.conform(frame)


def descriptor(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return `datapackage.json` (Frictionless Data Package 1) of the tables, from the contracts."""
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"funnel-effect-{findings.study.name}",
        "title": f"{findings.study.title}: evidence tables ({findings.data_status})",
        "version": findings.run_id,
        "created": f"{findings.study.as_of.isoformat()}T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "sources": _sources(tables),
        "resources": [_resource(file_contract(name)) for name in tables],
    }
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()


def _sources(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, str]]:
    sources = tables["snapshots"]
    return [
        {"title": str(row.title), "sha256": str(row.sha256)}
        | ({"path": str(row.url)} if pd.notna(row.url) else {})
        for row in each(sources)
    ]


def _resource(table: Table) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "title": table.title,
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n"},
        "schema": {
            "fields": [_field(c) for c in table.columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": FIELD_TYPES[column.dtype],
        "description": column.meaning,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.null:
        field["emptyMeans"] = column.null
    if column.values:
        field["constraints"] = {"enum": list(column.values)}
    return field
