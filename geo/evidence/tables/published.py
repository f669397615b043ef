"""Contracts of the tables as a bundle holds them: status first, then columns, id and parents."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd

from geo import records
from geo.contract import Column, Table
from geo.evidence.tables.findings import RECORDED, SYNTHETIC

C = Column
STATUS = C(
    "data_status",
    "string",
    "SYNTHETIC where the records are made up, recorded where they are a publisher's",
    values=(SYNTHETIC, RECORDED),
)
PLACE = (
    C("longitude_deg", "number", "Longitude of the point or of the centre, EPSG:4326", "degree"),
    C("latitude_deg", "number", "Latitude of the point or of the centre, EPSG:4326", "degree"),
)
RECORDS = C("records_class", "string", "Numbers of records it may be: the nearest 10, or 0-4")
COUNTS = Table(
    "counts",
    records.TABLES["counts"].title,
    (
        *(c for c in records.TABLES["counts"].columns if c.name in ("source_id", "step", "reason")),
        C("records", "integer", "Rows, of persons to the nearest 10", "1", null="fewer than 5"),
        RECORDS,
        *records.ROW,
    ),
    records.TABLES["counts"].key,
    public=True,
)
EXPOSURES_BY_CORRIDOR = Table(
    "exposures_by_corridor_block",
    "Setting of recorded places by corridor and block of years",
    (
        C("corridor", "string", "Corridor"),
        *records.BLOCK,
        C("component", "string", "What is measured"),
        C("statistic", "string", "mean or median"),
        *records.VALUE,
        RECORDS,
        *records.ROW,
    ),
    ("corridor", "block", "component", "statistic"),
    public=True,
)
SKIPPED = Table(
    "skipped",
    "What could not be computed, and what is missing",
    (
        C("what", "string", "What was not computed"),
        C("missing", "string", "The input that is missing"),
        C("how_to_get", "string", "Who publishes it and how to pass it"),
        *records.ROW,
    ),
    ("what",),
    public=True,
)
PARAMETERS = Table(
    "parameters",
    "Constants with their sources",
    (
        C("file", "string", "File of data/parameters, without its ending"),
        C("name", "string", "Name"),
        C("value", "string", "Value"),
        C("unit", "string", "Unit of the value"),
        C("low", "number", "Lower end of the range for sensitivity", null="none stated"),
        C("high", "number", "Upper end of the range for sensitivity", null="none stated"),
        C("source", "string", "Author, year, title"),
        C("where", "string", "Page, equation or table", null="whole source"),
        C("confidence", "string", "How well the value is confirmed"),
        C("note", "string", "Disagreement between sources, traps", null="none"),
        *records.ROW,
    ),
    ("file", "name"),
    public=True,
)
CALIBRATION = Table(
    "calibration",
    "What the decision rule did on made-up records of known truth",
    (
        C("gate", "string", "What was planted and assumed, by name"),
        C("outcome", "string", "What was watched"),
        C("n", "integer", "Simulations", "1"),
        C("estimate", "number", "Share of simulations, or mean of the bias", "1", null="none"),
        C("low", "number", "Lower bound of the 95 % Monte Carlo interval", "1", null="none"),
        C("high", "number", "Upper bound", "1", null="none"),
        C("goal", "string", "Goal registered beforehand", null="none"),
        C("verdict", "string", "Whether the goal was met", null="none"),
        C("planted", "string", "What was planted, in words", null="nothing"),
        C("plan", "integer", "Registered plan by which the rule decided", "1"),
        *records.ROW,
    ),
    ("gate", "outcome"),
    public=True,
)
HELD = (
    "deaths_by_cell_block",
    "deaths_by_corridor_block",
    "deaths_by_year",
    "exposures_by_corridor_block",
    "hardship_by_block",
    "hardness_by_corridor",
    "hardness_fifths",
    "towers",
    "zones",
    "tower_dating",
    "sites",
    "corridors",
    "corridor_basis",
    "crossing_basis",
    "covariates",
    "coverage_by_corridor_year",
    "funnel_measures",
    "estimates",
    "calibration",
    "counts",
    "snapshots",
    "skipped",
    "parameters",
)
"""Every table a bundle may hold, in the order in which a reader meets them."""
_OWN = {t.name: t for t in (COUNTS, EXPOSURES_BY_CORRIDOR, SKIPPED, PARAMETERS, CALIBRATION)}


def contract(name: str) -> Table:
    """Return the contract of a public table, with `row_id` and `parents`, without status."""
    table = _OWN.get(name) or records.TABLES[name]
    if "row_id" in table.names:
        return table
    return replace(table, columns=(*table.columns, *records.ROW))


def file_contract(name: str) -> Table:
    """Return the contract of a public table as its file holds it: flat, status first."""
    table = contract(name)
    middle = [c for c in table.columns if c.name not in ("row_id", "parents")]
    ends = [c for c in table.columns if c.name in ("row_id", "parents")]
    place = PLACE if table.crs else ()
    return replace(table, columns=(STATUS, *middle, *place, *ends), crs=None)


def flat(name: str, frame: pd.DataFrame, status: str) -> pd.DataFrame:
    """Return a public table as its file holds it, its texts safe to open in a spreadsheet."""
    out = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if isinstance(frame, gpd.GeoDataFrame):
        centre = frame.geometry.representative_point()
        out["longitude_deg"] = centre.x.round(6)
        out["latitude_deg"] = centre.y.round(6)
    out["data_status"] = status
    table = file_contract(name)
    for column in table.columns:
        if column.dtype == "string":
            out[column.name] = out[column.name].map(_safe)
    return table.conform(out)


def _safe(value: object) -> object:
    """Stop a spreadsheet from reading a text as a formula."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "|")):
        return "'" + value
    return value
