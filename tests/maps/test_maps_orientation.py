"""What a reader finds a way by: names, areas, where the land lies, and what has no source."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import madeup
import madeup_tables
import numpy as np
from PIL import Image
from shapely.geometry import Point, box

import maps
from geo.records import TABLES
from maps import MapInputs, attribution, lettering, locator, orientation, sheet


def facts(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="facts">(.*?)</script>', page)
    return json.loads(found[1])


def real_land(**changes: object) -> MapInputs:
    """The made-up map as if its land were real, which alone lies somewhere."""
    return madeup.inputs(study=madeup.study(synthetic=None), **changes)


def test_names_and_outlines_stand_on_page_embed_and_picture(
    full: MapInputs, pages: dict[str, Path]
) -> None:
    for name in ("page", "embed"):
        page = pages[name].read_text("utf-8")
        told = facts(page)
        assert {"nation", "refuge", "county"} <= {n["name"].split()[-1] for n in told["labels"]}
        assert [s["kind"] for s in told["shapes"]["areas"]] == [
            "state", "county", "protected", "tribal",
        ]  # fmt: skip
        assert "Boundaries of Native nations are theirs" in page
    empty = pages["empty"].read_text("utf-8")
    assert "No states or counties, no protected land, no tribal land: the study names no" in empty
    drawn = maps.windows(full)[f"map-{madeup_tables.BLOCKS[0]}.svg"].decode()
    assert re.search(r'font-style="italic"[^>]*>[^<]*(nation|refuge)<', drawn)
    assert "Boundaries of Native nations are theirs" in drawn


def test_the_larger_of_a_kind_is_named_first() -> None:
    rows = [("small", 900.0), ("large", 90_000.0), ("untold", None)]
    places = TABLES["places"].conform(gpd.GeoDataFrame(
        [{"place_id": n, "source_id": "p", "source_row": i + 1, "name": n, "kind": "town",
          "population": p} for i, (n, p) in enumerate(rows)],
        geometry=[Point(-112 + 0.1 * i, 32) for i in range(3)], crs=4326,
    ))  # fmt: skip
    told = orientation.labels(madeup.inputs(tables={"places": places}))
    assert [n["name"] for n in told] == ["large", "small", "untold"]


def test_the_small_map_shows_where_real_land_lies_and_made_up_land_lies_nowhere() -> None:
    found = locator.locator(real_land())
    assert found
    assert 'class="study"' in locator.drawing(found, real_land())
    (left, _), (right, _) = min(found.frame), max(found.frame)
    assert 0 < left < right < found.paper.width, "the study lies inside what is shown"
    assert locator.locator(madeup.inputs()) is None
    within = TABLES["areas"].conform(
        madeup_tables.areas().assign(geometry=box(*madeup_tables.BOUNDS))
    )
    near = real_land(tables=madeup_tables.tables() | {"areas": within})
    assert locator.locator(near) is None, "nothing beyond the study is known"
    assert "No small map of where this lies: the study names no source." in orientation.told(
        near, located=False
    )


def test_what_has_no_source_is_named_in_the_credit_in_both_languages() -> None:
    tables = {n: t for n, t in madeup_tables.tables().items() if n not in ("areas", "places")}
    poor = real_land(tables=tables, absent_sources={"areas": ("PAD-US", "Counties")})
    assert attribution.map_credit(poor)[1] == (
        "No towns: the study names no source. No states or counties, no protected land, no tribal "
        "land, no small map of where this lies: the study names these sources, which are not "
        "there: PAD-US; Counties."
    )
    spanish = replace(poor, language="es", study=poor.study.in_language("es"))
    assert (
        "Sin poblaciones: el estudio no nombra ninguna fuente."
        in attribution.map_credit(spanish)[1]
    )
    drawn = next(iter(maps.windows(poor).values())).decode()
    assert "No towns: the study names no source." in drawn


def test_no_name_meets_another_a_circle_or_the_frame() -> None:
    random = np.random.default_rng(3)
    wanted = [
        lettering.Name(f"Settlement {n}", "town", (tuple(random.uniform(0, 600, 2)),))
        for n in range(300)
    ]
    circles = [lettering.Box(*random.uniform(0, 600, 2), 40, 40) for _ in range(20)]
    frame = lettering.Box(300, 300, 600, 600)
    paper = lettering.Space(lambda x, y: (x, y), frame, 13, lambda n: 7.0 * len(n.text), 300)
    found = [spot for _, spot in lettering.placed(wanted, paper, circles)]
    assert 20 < len(found) < 300, "a crowded map has names, and not all"
    assert all(spot.within(frame) for spot in found)
    assert not any(a.meets(b) for i, a in enumerate(found) for b in (*found[:i], *circles))


def test_circles_of_cells_across_the_edge_stay_within_the_picture(full: MapInputs) -> None:
    west, south, east, north = madeup_tables.BOUNDS
    narrow = madeup.study(bounds_lonlat=(west + 0.1, south + 0.1, east - 0.1, north - 0.1))
    made = maps.windows(replace(full, study=narrow))
    for block in madeup_tables.BLOCKS:
        pixels = np.asarray(Image.open(io.BytesIO(made[f"map-{block}.png"])))
        paper = [int(sheet.PAPER[i : i + 2], 16) for i in (1, 3, 5)]
        rims = pixels[100:400, [*range(40), *range(-40, 0)]]
        assert (rims == paper).all()
        drawn = made[f"map-{block}.svg"].decode()
        clipped = re.search(r'clip-path="url\(#frame\)">(.*?)</g>', drawn, re.DOTALL)
        assert clipped
        assert clipped[1].count("<circle") > 5


def test_a_town_beside_a_larger_one_and_too_many_have_no_name_and_highways_keep_theirs() -> None:
    towns = [("large", 100.0), ("near", 130.0), ("far", 300.0), ("last", 450.0)]
    wanted = [lettering.Name(n, "town", ((x, 300.0),)) for n, x in towns]
    wanted += [lettering.Name("US 1", "road", ((300.0, 500.0),))]
    frame = lettering.Box(300, 300, 600, 600)
    paper = lettering.Space(lambda x, y: (x, y), frame, 13, lambda n: 7.0 * len(n.text), 2, 60)
    found = [name.text for name, _ in lettering.placed(wanted, paper, [])]
    assert found == ["large", "far", "US 1"]
