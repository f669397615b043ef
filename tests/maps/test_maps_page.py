"""What can be said about a page without a browser."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest
from madeup import HOSTILE, LABELS, inputs, study, surface
from madeup_tables import BLOCKS, tables
from page_states import route_changes
from PIL import Image

import maps.view
from geo.errors import ContractError
from maps import MapInputs, counts, figures


@pytest.mark.slow
def test_equal_inputs_give_equal_bytes(full: MapInputs, pages: dict[str, Path]) -> None:
    again = inputs()
    assert pages["page"].read_text("utf-8") == maps.page(again)
    assert pages["embed"].read_text("utf-8") == maps.embed(again)
    assert maps.picture(full) == maps.picture(again)


def test_pictures_for_newsrooms_say_whose_they_are(full: MapInputs) -> None:
    made = maps.windows(full)
    assert set(made) == {f"map-{b.id}.{end}" for b in full.blocks for end in ("svg", "png")}
    assert made == maps.windows(inputs())
    for block in full.blocks:
        drawing = made[f"map-{block.id}.svg"].decode()
        for told in ("SYNTHETIC", block.label, full.run_id, "2026-01-01", "issues", "1\u20134"):
            assert told in drawing
        with Image.open(io.BytesIO(made[f"map-{block.id}.png"])) as image:
            assert block.label in image.text["Description"]
            assert image.width == 2400
    with Image.open(io.BytesIO(maps.picture(full, "1x1"))) as image:
        assert image.size == (1080, 1080)
        assert maps.view.headline(full).sentence in image.text["Description"]
    assert maps.windows(inputs(tables={}, rasters={})) == {}


def test_circles_of_the_key_are_as_large_as_those_on_the_map(full: MapInputs) -> None:
    for name, made in maps.windows(full).items():
        if not name.endswith(".svg"):
            continue
        drawn = [float(r) for r in re.findall(r'<circle[^>]* r="([\d.]+)"', made.decode())]
        on_map, key = drawn[:-4], drawn[-4:]
        assert key == sorted(key)
        for radius in on_map:
            assert min(abs(radius - k) / k for k in key) < 0.05


def test_marks_are_explained_where_they_are_drawn() -> None:
    made = tables()
    marks = {"towers": "triangles are towers", "zones": "shaded areas are programme zones"}
    for name, said in marks.items():
        note = counts.counts_note(inputs(tables={k: v for k, v in made.items() if k != name}))
        assert said not in note
    assert marks["towers"] in counts.counts_note(inputs())


def test_a_page_names_nothing_that_it_does_not_show() -> None:
    bare = ("towers", "coverage_by_corridor_year", "hardness_by_corridor")
    made = {name: table for name, table in tables().items() if name not in bare}
    charts = made["hardship_by_block"]
    made["hardship_by_block"] = charts[charts["group"] != "gps"]
    cells = made["deaths_by_cell_block"]
    made["deaths_by_cell_block"] = cells[cells["block"] != BLOCKS[0]]
    poor, rich = maps.page(inputs(tables=made, rasters={})), maps.page(inputs(rasters={}))
    for absent in (
        "Recorded deaths and surveillance towers",
        "with surveillance towers",
        "Diamonds: records placed by GPS",
        "Change is told by corridor, above",
    ):
        assert absent not in poor
        assert absent in rich
    said = f"{LABELS[0]}: no record drawn"
    assert said in poor
    assert said not in rich


def test_page_loads_nothing(pages: dict[str, Path]) -> None:
    text = pages["page"].read_text("utf-8")
    html = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert not re.findall(
        r"<(?:script|link|iframe|img|object|embed|source)[^>]*\b(?:src|href)=", html
    )
    assert " style=" not in html
    assert "unsafe-inline" not in html


def test_what_may_not_be_published_is_refused() -> None:
    fine = surface("hardship", "MJ", periods=False).rename("in_view")
    with pytest.raises(ContractError, match="in_view is not one that may be published"):
        inputs(rasters={"in_view": fine})
    with pytest.raises(ContractError, match="period late is not closed"):
        inputs(study=study(as_of="2023-01-01"))
    small = tables()["deaths_by_cell_block"].assign(area_km2=1.0)
    with pytest.raises(ContractError, match="below the privacy floor"):
        inputs(tables={"deaths_by_cell_block": small})
    with pytest.raises(ContractError, match="deaths is not a public table"):
        inputs(tables={"deaths": small})


def test_an_empty_run_still_says_what_is_missing() -> None:
    html = maps.page(inputs(tables={}, rasters={}, skipped=(("Coverage", "no tower file", "EFF"),)))
    assert "Coverage" in html
    assert "no tower file" in html
    assert maps.picture(inputs(tables={}, rasters={})).startswith(b"\x89PNG")


def test_snippet_escapes_the_title() -> None:
    html = maps.snippet(inputs(study=study(title=f'"><script>{HOSTILE}')))
    assert "<script>window" not in html
    assert html.count("<iframe") == 1


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ("route_model_validated=pass;flat=fail", False),
        ("route_model_validated=fail", True),
        (None, True),
    ],
)
def test_corridors_say_when_the_model_is_not_validated(gates: str | None, *, said: bool) -> None:
    made = tables()
    given = inputs(tables=made | {"estimates": made["estimates"].assign(gates=gates)})
    assert given.route_validated is not said
    assert ("not validated against" in maps.embed(given)) is said


@pytest.mark.slow
def test_changes_of_routes_say_what_they_are_and_stay_off_the_embed(full: MapInputs) -> None:
    given = inputs(tables=tables() | {"funnel_measures": route_changes()})
    html = maps.page(given)
    assert html.count('<svg class="change"') == 4
    assert "19\u00a0% (12 to 30); without avoidance 0\u00a0%" in html
    assert "0.2\u00a0h (0.0 to 0.1) (the reference lies outside its members)" in html
    title = html[html.index("Where modelled routes were lost") :]
    assert title.index("not validated against") < title.index("</h2>")
    assert html.index("Tests and what they can say") < html.index("Where modelled routes were lost")
    for text in (maps.embed(full), maps.snippet(full)):
        assert '<svg class="change"' not in text


def test_years_of_several_sources_are_added_up(full: MapInputs) -> None:
    def drawn(*rows: tuple[str, int, str, float | None]) -> str:
        frame = pd.DataFrame(rows, columns=["source_id", "year", "deaths_class", "deaths"])
        return figures.yearly(frame, full.blocks, "years")

    both = drawn(("a", 2005, "20+", 25.0), ("b", 2005, "20+", 30.0), ("b", 2006, "5-9", None))
    assert both == drawn(("a", 2005, "20+", 55.0), ("b", 2006, "5-9", None))
    first = '<rect class="band" data-period="0" x="{}"'
    assert first.format(44.0) in both, "no room is kept for years before the first without records"
    assert first.format(44.0) not in drawn(("a", 1999, "20+", 55.0))


def test_a_temperature_has_an_axis_of_its_own_and_an_amount_begins_at_nought() -> None:
    rows = pd.DataFrame(
        {"first_year": [2000, 2005], "group": "all", "value": [37.9, 38.2], "low": [37.8, 38.1],
         "high": [38.0, 38.3]}
    )  # fmt: skip
    for from_zero, ends in ((False, {"37", "38", "39"}), (True, {"0", "20", "40"})):
        drawn = figures.intervals(rows, "x", from_zero=from_zero)
        assert set(re.findall(r'text-anchor="end">([^<]+)<', drawn)) == ends
        places = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
        assert (places[0] - places[1] > 10) != from_zero, "a third of a degree can be seen"
    below = figures.intervals(rows.assign(value=[-0.5, 0.2], low=-0.6, high=0.3), "x")
    assert ">\N{MINUS SIGN}0.6<" in below
