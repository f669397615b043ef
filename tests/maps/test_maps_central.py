"""The central figure: the answer on the first screen, whole words, and rows that mark the map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import madeup
import madeup_tables
import pytest
from page_states import states
from text_boxes import text_problems

import maps
from geo.evidence import answer
from maps.inputs import Language

pytestmark = pytest.mark.browser

SCREENS = ((1280, 900), (360, 740))
STATES = {"whole": "unstable", "null": "null", "none": "no exposure"}
"""Pages, and the state of their answers; that of an effect has the longest title if it wavers."""
PAGES = tuple(f"{name}{end}" for name in STATES for end in ("", ".es"))


@pytest.mark.parametrize("name", [*PAGES, "embed", "embed.es"])
def test_an_editor_has_three_answers_on_the_first_screen(
    read: Any, given: dict[str, maps.MapInputs], name: str
) -> None:
    of = given[name]
    said = answer({n: of.table(n) for n in of.tables}, of.language)
    if name in PAGES:
        assert said.state == STATES[name.partition(".")[0]]
    page, _ = read(name)
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        for selector, text in (
            ("h1", said.title),  # what changed or did not
            ("[data-is=change]", said.change),  # compared with what
            ("[data-is=sure]", said.sure),  # how sure
            (".level", said.level),
        ):
            shown = page.locator(selector).first
            assert text
            assert text in shown.inner_text()
            box = shown.bounding_box()
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height, selector
        drawn = page.locator("svg.central:visible .row").first.bounding_box()
        assert drawn["y"] + drawn["height"] <= height, "the figure begins on the first screen"


def test_a_row_in_focus_marks_its_corridor_and_is_read(read: Any) -> None:
    page, _ = read("page", "#off=deaths.towers.sites.places.corridors")
    before = page.locator("#map_main").screenshot()
    page.locator("svg.central.wide .row").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.inner_text("[data-is=panel] h3") == "plain 1"
    for value in ("60", "66 to 74", "+10", "40 %", "90 %"):
        assert value in page.inner_text("[data-is=panel] dl")
    assert page.locator("svg.central.wide .row.marked").count() == 1
    assert page.locator("#map_main").screenshot() != before
    page.keyboard.press("Tab")
    assert page.locator("svg.central .row.marked").count() == 0


def in_state(name: str, language: Language, **changes: Any) -> maps.MapInputs:
    """Return the made-up study in one of its states."""
    tables = madeup_tables.tables() | states()[name]
    study = madeup.study().in_language(language)
    return madeup.inputs(tables=tables, language=language, study=study, **changes)


def opened(chromium: Any, tmp_path: Path, html: str, width: int = 1280) -> Any:
    """Open a page in a window of its own."""
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


@pytest.mark.attack
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize("name", states())
def test_no_text_is_cut_in_any_state(
    chromium: Any, tmp_path: Path, name: str, width: int, language: Language
) -> None:
    page = opened(chromium, tmp_path, maps.page(in_state(name, language)), width)
    assert text_problems(page) == []
    page.close()
