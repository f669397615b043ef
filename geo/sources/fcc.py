"""FCC experimental licences: transmitters licensed for TESTS, never called towers.

The extract has 87 columns; contact persons, addresses and phones are not looked at. Licence
holders that are persons rather than organisations stay nameless.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import pandas as pd

from geo import records
from geo.sources import cells
from geo.sources.layouts import Layout
from geo.sources.reading import Reading, RowValidator, finish, identifier

LAYOUT = Layout(
    "fcc_els",
    needs={
        "kind": "radio_service_desc",
        "operator": "lic_name",
        "entity": "entity_type_desc",
        "from_date": "grant_date",
        "to_date": "expired_date",
        "latitude": "lat",
        "longitude": "long",
    },
    knows=(
        "license_id",
        "source_system",
        "callsign",
        "rollup_entity_desc",
        "hgt_structure",
        "ground_elevation",
        "frequency_assigned",
        "loc_lat_deg",
        "loc_long_deg",
    ),
)
NO_PLACE = "no coordinates"
TEST_SITES = "These are sites licensed for radio tests, not deployed towers."


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
) -> Reading:
    """Read the extract into contract `sites`; see `geo.sources.read`."""
    chosen, _ = LAYOUT.resolve(list(table.columns), where, columns)
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    names = (chosen["longitude"], chosen["latitude"])
    places = cells.points(raw["longitude"], raw["latitude"], validator, names, plausible)
    validator.drop(raw["latitude"].str.strip() == "", chosen["latitude"], NO_PLACE)
    organisation = ~raw["entity"].str.contains("individual", case=False)
    frame = gpd.GeoDataFrame(
        {
            "site_id": identifier(source_id, table.index),
            "source_id": source_id,
            "source_row": table.index,
            "kind": "radio test site (" + raw["kind"].str.strip().str.lower() + ")",
            "operator": raw["operator"].str.strip().where(organisation, None),
            "from_date": cells.dates(raw["from_date"], chosen["from_date"], validator),
            "to_date": cells.dates(raw["to_date"], chosen["to_date"], validator),
        },
        geometry=places,
        index=table.index,
    )
    sites = frame.geometry.dropna().to_wkb().nunique()
    warnings = [f"{where}: {TEST_SITES}"]
    if as_of is not None:
        late = int((frame["from_date"] > pd.Timestamp(as_of)).sum())
        warnings += [f"{where}: {late} licences were granted after as_of."] if late else []
    return finish(
        records.SITES,
        frame,
        validator,
        LAYOUT.reader,
        warnings=warnings,
        counts={"sites": int(sites)},
        remedies=cells.REMEDIES,
    )
