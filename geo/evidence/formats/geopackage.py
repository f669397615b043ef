"""The tables as one styled GeoPackage that opens in QGIS with its colours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.evidence.formats import views as views_
from geo.evidence.formats.styles import STYLES, qml, sld
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.published import contract, flat


def write_geopackage(path: Path, findings: Findings, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write every public table as a layer, with the styles of those that have a place.

    `last_change` and every other date inside the file is the study's `as_of`.
    """
    stamp = f"{findings.study.as_of.isoformat()}T00:00:00.000Z"
    with _clock(stamp):
        for name, frame in tables.items():
            layer = flat(name, frame, findings.data_status)
            if isinstance(frame, gpd.GeoDataFrame) and not frame.empty:
                layer = gpd.GeoDataFrame(
                    layer, geometry=frame.geometry.to_numpy(), crs=contract(name).crs
                )
            pyogrio.write_dataframe(
                layer,
                path,
                layer=name,
                driver="GPKG",
                layer_options={"IDENTIFIER": name, "DESCRIPTION": contract(name).title},
            )
    shown = {n: n for n in tables if n in STYLES and not tables[n].empty}
    views = list(views_.view_names(tables))
    with closing(sqlite3.connect(path)) as db, db:
        for name in views:
            title = contract(views_.base_of(name)).title
            years = name.partition("_")[2].replace("_", "-")
            views_.add_view(db, name, f"{title}: {years}", stamp)
    _add_styles(path, stamp, shown | {n: views_.base_of(n) for n in views})


@contextmanager
def _clock(stamp: str) -> Iterator[None]:
    """Let GDAL write one given time instead of the clock's."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _add_styles(path: Path, stamp: str, names: Mapping[str, str]) -> None:
    """Add the table `layer_styles` that QGIS reads: layer or view = layer whose style it has."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
            "f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), "
            "f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, "
            "useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), "
            "update_time DATETIME)"
        )
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles', ?)",
            (stamp,),
        )
        for name, base in names.items():
            db.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, ui, update_time) VALUES ('', '', ?, 'geom', ?, ?, ?, 1, ?, '', '', ?)",
                (name, name[:30], qml(base), sld(base, name), contract(base).title, stamp),
            )
    with closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM")
