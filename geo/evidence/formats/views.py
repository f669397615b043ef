"""Views of a GeoPackage: one block of years each, so that a map shows one time and not all at once.

A view holds no row of its own. Its SQL follows from its name, so that whoever checks a bundle knows
what each view of that name has to say.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping

import pandas as pd

NAME = re.compile(r"(deaths|towers)_(\d{4})_(\d{2})")
BASES = {"deaths": "deaths_by_cell_block", "towers": "towers"}
"""Beginning of a view's name = the layer whose rows and style it shows."""


def view_names(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Yield a view of every block of years, of deaths and of towers as they stood in it."""
    cells = tables.get(BASES["deaths"])
    if cells is None or cells.empty:
        return
    for block in sorted(cells["block"].astype(str).unique()):
        for kind, base in BASES.items():
            name = f"{kind}_{block.replace('-', '_')}"
            if NAME.fullmatch(name) and base in tables and not tables[base].empty:
                yield name


def base_of(name: str) -> str:
    """Return the layer that a view shows a part of; empty where the name is not one of a view."""
    found = NAME.fullmatch(name)
    return BASES[found[1]] if found else ""


def view_sql(name: str) -> str:
    """Return the statement that makes a view."""
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is no name of a view")
    kind, first, last = found.groups()
    if kind == "deaths":
        where = f"block = '{first}-{last}'"
    else:
        # a tower stood in a block unless it surely started after it or surely ended before it
        end = f"{first[:2]}{last}"
        where = (
            f"status = 'deployed' AND active_from_earliest < '{int(end) + 1}-01-01' "
            f"AND (active_to_latest IS NULL OR active_to_latest >= '{first}-01-01')"
        )
    # every part of it matches NAME, a closed pattern
    return f'CREATE VIEW "{name}" AS SELECT * FROM "{BASES[kind]}" WHERE {where}'  # noqa: S608


def add_view(db: sqlite3.Connection, name: str, title: str, stamp: str) -> None:
    """Make a view and enter it beside the layer whose part it is."""
    base = base_of(name)
    db.execute(view_sql(name))
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, "
        "min_x, min_y, max_x, max_y, srs_id) SELECT ?, data_type, ?, ?, ?, min_x, min_y, max_x, "
        "max_y, srs_id FROM gpkg_contents WHERE table_name = ?",
        (name, name, title, stamp, base),
    )
    db.execute(
        "INSERT INTO gpkg_geometry_columns SELECT ?, column_name, geometry_type_name, srs_id, z, m "
        "FROM gpkg_geometry_columns WHERE table_name = ?",
        (name, base),
    )
