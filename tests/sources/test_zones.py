"""Programme zones as people have them: spans around places, drawn areas, and faults set aside."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from geo import sources
from geo.errors import FunnelError, InputProblems
from geo.records import ZONE_KM

SHIPPED = Path(__file__).parents[2] / "data" / "towers" / "zones.geojson"
GOOD = {
    "zone_id": "a", "name": "A", "programme": "ift", "active_from_earliest": "2015-09",
    "active_from_latest": "2015-12", "span_low_km": 20, "span_high_km": 30, "depth_low_km": 10,
    "depth_high_km": 20, "side": "north", "extent": "assumed", "citation": "a report, p. 3",
}  # fmt: skip


def zones(path: Path, *rows: dict[str, Any], geometry: dict[str, Any] | None = None) -> Path:
    """Write zones that differ from a good one by what is given."""
    point = {"type": "Point", "coordinates": [-111.0, 31.4]}
    features = [
        {"type": "Feature", "properties": GOOD | {"zone_id": f"z{n}", "name": f"Z{n}"} | row,
         "geometry": geometry or point}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def read(path: Path) -> sources.Reading:
    return sources.read(path, role="zones", source_id="own", as_of=date(2026, 10, 1))


def test_the_shipped_zones_are_whole_cited_and_no_finer_than_a_zone_may_be() -> None:
    found = read(SHIPPED)
    table = found.records
    assert found.counts["quarantined"] == 0
    assert table["citation"].str.len().min() > 20
    spans = table[table["extent_of"] == "span"]
    assert (spans[["span_low_km", "depth_low_km"]] >= ZONE_KM).all(axis=None)
    # what no source states is marked, with bounds and with what it is inferred from
    assumed = table[table["extent"] == "assumed"]
    assert assumed["note"].notna().all()
    ids = dict(zip(table["zone_id"], table["name"], strict=True))
    onset = table[table["extent_of"] == "replaced"]
    assert {ids[r] for r in onset["replaces"]} == {"SBInet Tucson-1", "SBInet Ajo-1"}
    nation = table[table["name"].str.contains("Nation")].iloc[0]
    assert str(nation["active_from_latest"]) == "NaT"


def test_the_shipped_zones_outside_arizona_are_whole_and_say_what_is_assumed() -> None:
    found = read(SHIPPED.with_name("zones_border.geojson"))
    table = found.records
    assert found.counts["quarantined"] == 0
    assert (table["citation"].str.len() > 20).all()
    assert (table[["span_low_km", "depth_low_km"]] >= ZONE_KM).all(axis=None)
    assumed = table[table["extent"] == "assumed"]
    assert len(assumed) == len(table)
    assert assumed["note"].str.contains("ssumed|As for", regex=True).all()
    arizona = read(SHIPPED).records
    assert set(table["name"]).isdisjoint(arizona["name"])


@pytest.mark.parametrize(
    ("fault", "field", "words"),
    [
        ({"span_low_km": 4}, "span_low_km", "finer than 10 km"),
        ({"depth_low_km": 2}, "depth_low_km", "finer than 10 km"),
        ({"active_from_earliest": None}, "active_from_earliest", "no start"),
        ({"active_from_earliest": "soon"}, "active_from_earliest", "not a day"),
        ({"citation": ""}, "citation", "no citation"),
        ({"extent": "guessed"}, "extent", "none of the words"),
        ({"side": "up"}, "side", "none of the words"),
        ({"replaces": "nobody"}, "replaces", "does not hold"),
        ({"replaces": "z2"}, "replaces", "does not hold"),
        ({"span_low_km": None}, "span_low_km", "neither a span"),
        ({"span_high_km": 15}, "span_high_km", "above the upper"),
        ({"active_from_earliest": "2031"}, "active_from_earliest", "after the study"),
    ],
)
def test_a_faulty_zone_is_set_aside_and_counted(
    tmp_path: Path, fault: dict[str, Any], field: str, words: str
) -> None:
    found = read(zones(tmp_path / "z.geojson", {}, {}, fault))
    assert found.counts == {"read": 3, "quarantined": 1, "kept": 2}
    row = found.quarantine[found.quarantine["field"] == field].iloc[0]
    assert row["source_row"] == 3
    assert words in row["reason"]


def test_an_area_is_a_zone_if_it_is_wide_enough(tmp_path: Path) -> None:
    def box(side: float) -> dict[str, Any]:
        e, n = -111.0 + side, 31.4 + side
        ring = [[-111.0, 31.4], [e, 31.4], [e, n], [-111.0, n], [-111.0, 31.4]]
        return {"type": "Polygon", "coordinates": [ring]}

    assert read(zones(tmp_path / "w.geojson", {}, {}, geometry=box(0.3))).counts["kept"] == 2
    with pytest.raises(InputProblems, match="finer than 10 km"):
        read(zones(tmp_path / "n.geojson", {}, {}, geometry=box(0.05)))


def test_a_file_without_what_every_zone_needs_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = zones(tmp_path / "z.geojson", {})
    raw = json.loads(path.read_text())
    for feature in raw["features"]:
        del feature["properties"]["citation"]
    path.write_text(json.dumps(raw))
    with pytest.raises(FunnelError, match=r"no column citation.*span_low_km"):
        read(path)
