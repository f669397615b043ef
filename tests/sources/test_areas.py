"""Areas of the map in their publishers' layouts, all made up: kind and name are told by columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import box

from geo import sources
from geo.errors import LayoutError

LAYOUTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "tl_aiannh.zip": (
        {"AIANNHCE": ["9999"], "NAME": ["Made"], "NAMELSAD": ["Made Reservation"],
         "MTFCC": ["G2101"]},
        [("tribal", "Made")],
    ),
    "cb_county.zip": (
        {"STATEFP": ["04"], "COUNTYFP": ["099"], "NAME": ["Made"], "NAMELSAD": ["Made County"],
         "STUSPS": ["AZ"], "LSAD": ["06"]},
        [("county", "Made County")],
    ),
    "counties_2010.geojson": (
        {"STATE": ["04"], "COUNTY": ["099"], "NAME": ["Made"], "LSAD": ["County"],
         "CENSUSAREA": [6165.69]},
        [("county", "Made County")],
    ),
    "cb_state.zip": (
        {"STATEFP": ["04"], "STUSPS": ["AZ"], "NAME": ["Made"], "LSAD": ["00"]},
        [("state", "Made")],
    ),
    "lar.geojson": ({"LARID": ["LAR0"], "LARName": ["Made LAR"]}, [("tribal", "Made LAR")]),
    "padus.gpkg": (
        {"Unit_Nm": ["Refuge", "Range", "Range", "Range", "Nation"],
         "GAP_Sts": ["2", "3", "3", "4", "4"], "Des_Tp": ["NWR", "PUB", "PUB", "MIL", "TRIBL"]},
        [("protected", "Refuge"), ("tribal", "Nation")],
    ),
    "ne_states.zip": (
        {"featurecla": ["Admin-1"], "adm1_code": ["MEX-0"], "name": ["Made"], "adm0_a3": ["MEX"],
         "sov_a3": ["MEX"]},
        [("state", "Made")],
    ),
    "ne_countries.zip": (
        {"featurecla": ["Admin-0 country"], "SOV_A3": ["MDE"], "ADM0_A3": ["MDE"],
         "NAME": ["Made"]},
        [("country", "Made")],
    ),
    "own.geojson": (
        {"name": ["Park", "Sea"], "kind": ["Protected", "water"]},
        [("protected", "Park")],
    ),
}  # fmt: skip


def written(folder: Path, name: str, columns: dict[str, Any]) -> Path:
    count = len(next(iter(columns.values())))
    shapes = [box(-112 + n, 31, -111.5 + n, 32) for n in range(count)]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)
    if name.endswith(".zip"):
        frame.to_crs(4269).to_file(folder / name.replace(".zip", ".shz"))
        return (folder / name.replace(".zip", ".shz")).rename(folder / name)
    frame.to_file(folder / name)
    return folder / name


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_publishers_areas_are_told_by_its_columns(tmp_path: Path, name: str) -> None:
    columns, wanted = LAYOUTS[name]
    path = written(tmp_path, name, columns)
    assert sources.check(path, "areas") == []
    found = sources.read(path, role="areas", source_id="a")
    assert list(zip(found.records["kind"], found.records["name"], strict=True)) == wanted
    assert found.counts["quarantined"] == len(next(iter(columns.values()))) - len(wanted)


def test_a_file_that_tells_no_kind_is_refused_with_what_to_add(tmp_path: Path) -> None:
    path = written(tmp_path, "mine.geojson", {"name": ["Somewhere"], "sort": ["county"]})
    with pytest.raises(LayoutError, match="Add a column kind"):
        sources.read(path, role="areas", source_id="a")
    named = sources.read(path, role="areas", source_id="a", columns={"kind": "sort"})
    assert list(named.records["kind"]) == ["county"]


def test_inhabitants_are_read_where_a_file_of_places_has_them(tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_text("name,latitude,longitude,population\nBig,31.5,-111,9000\nNone,31.6,-111,-99\n")
    found = sources.read(path, role="places", source_id="p").records.set_index("name")
    assert found["population"]["Big"] == 9000
    assert found["population"].isna()["None"]
