"""The safeguards of a public bundle, checked on its files alone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import h3
import pandas as pd
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioIOError

from geo import records
from geo.errors import Problem
from geo.evidence.custody.chain import APART, files
from geo.evidence.formats.views import base_of, view_sql
from geo.evidence.tables.counts import PERSONS
from geo.evidence.tables.findings import RECORDED, SYNTHETIC
from geo.evidence.tables.hardship import GROUPED
from geo.evidence.tables.published import HELD
from geo.scale import below
from geo.study import Study, closed_periods

ALLOWED = re.compile(
    r"index(?:\.\w\w)?\.html|headline\.json|study\.toml|environment\.txt|ro-crate-metadata\.json|custody\.jsonl"
    rf"|tables/(?:{'|'.join(HELD)})\.(?:csv|parquet)"
    r"|tables/(?:evidence\.xlsx|evidence\.gpkg|datapackage\.json)"
    r"|figures/[\w-]+(?:\.\w\w)?\.(?:svg|png)|memo/(?:brief|report|annex)\.(?:html|pdf)|rasters/[\w-]+\.tif"
    r"|maps/[\w-]+(?:\.\w\w)?\.(?:html|png|svg)"
)
"""Every path a bundle may hold."""
POINTS = {"towers", "sites"}
"""Layers whose points may be published; all other places are areas."""
REMEDY = "Do not publish this bundle; rerun it, and report what let this through"


def safeguards(folder: Path, study: Study, tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    """Yield every breach of a floor, a closed period or a shape that may be published."""
    for name in files(folder):
        if not ALLOWED.fullmatch(name) and not name.startswith(f"{APART}/"):
            yield Problem(name, "no public bundle holds such a file", REMEDY)
    yield from _status(study, tables)
    yield from _cells(tables)
    yield from _flow(tables)
    yield from _groups(study, tables)
    yield from _zones(study, tables)
    for path in sorted((folder / "rasters").glob("*")):
        yield from _surface(path, study)
    yield from _layers(folder / "tables" / "evidence.gpkg")


def _status(study: Study, tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    right = SYNTHETIC if study.made_up else RECORDED
    for name, frame in tables.items():
        if (frame["data_status"] != right).any():
            where = f"tables/{name}.csv"
            yield Problem(where, f"not every row says {right}", REMEDY, field="data_status")


def _cells(tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    frame = tables.get("deaths_by_cell_block")
    if frame is None:
        return
    where = "tables/deaths_by_cell_block.csv"
    at = records.DEATH_H3
    cells = set(frame["cell_id"])
    if not all(h3.is_valid_cell(c) and h3.get_resolution(c) == at for c in cells):
        what = f"a cell is no H3 cell of resolution {at}"
        yield Problem(where, what, REMEDY, field="cell_id")
    first, last = frame["first_year"], frame["last_year"]
    named = [records.block_name(y) for y in first]
    whole = (frame["block"] == named) & (first % records.BLOCK_YEARS == 0)
    if not (whole & (first <= last) & (last < first + records.BLOCK_YEARS)).all():
        yield Problem(where, "a block is none of the public calendar", REMEDY, field="block")


def _flow(tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    counts, sources = tables.get("counts"), tables.get("snapshots")
    if counts is None or sources is None:
        return
    persons = sources[sources["role"].isin(PERSONS)]["source_id"]
    number = counts[counts["source_id"].isin(persons)]["records"].dropna()
    if any(records.rounded(int(n)) != int(n) for n in number):
        what = "a number of records is not to the nearest 10"
        yield Problem("tables/counts.csv", what, REMEDY, field="records")


def _groups(study: Study, tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    floor = max(records.MIN_GROUP, study.privacy.min_group)
    small = records.rounded_class(0)
    for name in GROUPED:
        frame = tables.get(name)
        if frame is None:
            continue
        people = frame[frame["records_class"] == small]
        if people["value"].notna().any():
            where = f"tables/{name}.csv"
            yield Problem(where, f"a group under {floor} carries a value", REMEDY, field="value")
    years = tables.get("deaths_by_year")
    least = records.COUNT_CLASSES[-1][0]
    if years is not None and (years["deaths"] < least).any():
        what = f"an exact count is under {least}"
        yield Problem("tables/deaths_by_year.csv", what, REMEDY, field="deaths")


def _zones(study: Study, tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    frame = tables.get("zones")
    if frame is None or frame.empty:
        return
    where = "tables/zones.csv"
    for column in ("span_low_km", "depth_low_km"):
        if (frame[column] < records.ZONE_KM).any():
            yield Problem(where, f"a zone is finer than {records.ZONE_KM:g} km", REMEDY,
                          field=column)  # fmt: skip
    last = max((p.end for p in closed_periods(study)), default=None)
    begins = pd.to_datetime(frame["active_from_earliest"])
    if last is None or (begins >= pd.Timestamp(last)).any():
        yield Problem(where, "a zone begins in no closed period", REMEDY,
                      field="active_from_earliest")  # fmt: skip


def _surface(path: Path, study: Study) -> Iterator[Problem]:
    where = f"rasters/{path.name}"
    names = sorted(records.RASTERS, key=len, reverse=True)
    stem = next((n for n in names if re.fullmatch(rf"{n}(_.+)?", path.stem)), None)
    if stem is None or records.RASTERS[stem].fine:
        yield Problem(where, "this surface is never published", REMEDY)
        return
    period = path.stem.removeprefix(stem).removeprefix("_")
    if records.RASTERS[stem].dims == records.PERIODS:
        if period not in {p.id for p in closed_periods(study)}:
            what = f"period {period or '(none)'} was not closed for {study.privacy.closed_months}"
            yield Problem(where, f"{what} months", REMEDY)
    elif period:
        yield Problem(where, "this surface has no period", REMEDY)
    try:
        with rasterio.open(path) as source:
            metric = bool(source.crs) and source.crs.is_projected
            grid = GeoBox(source.shape, source.transform, source.crs)
            floor = max(records.SURFACE_CELL_M, study.privacy.surface_cell_m)
            small = metric and below(grid, floor)
    except RasterioIOError:
        yield Problem(where, "the file is no GeoTIFF", REMEDY)
        return
    if not metric or small:
        yield Problem(where, f"cells are under {floor:g} m on ground or not metric", REMEDY)


def _layers(path: Path) -> Iterator[Problem]:
    where = "tables/evidence.gpkg"
    query = (
        "SELECT g.table_name, g.geometry_type_name, m.type, m.sql FROM gpkg_geometry_columns g "
        "LEFT JOIN sqlite_master m ON m.name = g.table_name"
    )
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            layers: list[Any] = db.execute(query).fetchall()
    except sqlite3.Error:
        yield Problem(where, "the file is no GeoPackage", REMEDY)
        return
    for layer, kind, stored, sql in layers:
        base = base_of(layer) if stored == "view" else layer
        if stored == "view" and base and sql != view_sql(layer):
            yield Problem(where, f"view {layer} shows other rows than its name says", REMEDY)
        if base not in HELD:
            yield Problem(where, f"layer {layer} is never published", REMEDY)
        elif kind.upper() not in {"POLYGON", "MULTIPOLYGON"} and base not in POINTS:
            yield Problem(where, f"layer {layer} holds {kind.lower()}s, not areas", REMEDY)
