"""The central figure: the answer on the first screen, whole words, and rows that mark the map."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import madeup
import pytest

import maps
from geo.evidence import answer
from geo.inference.registered.gates import barring
from maps.inputs import Language

pytestmark = pytest.mark.browser

SCREENS = ((1280, 900), (360, 740))
BOXES = """form => [...document.querySelectorAll(`svg.central.${form} text`)].map(e => {
  const b = e.getBBox(), whole = e.ownerSVGElement.viewBox.baseVal;
  return [e.textContent, b.x, b.y, b.x + b.width, b.y + b.height, whole.width, whole.height]; })"""


@pytest.mark.parametrize("size", SCREENS)
@pytest.mark.parametrize("name", ["page", "embed"])
def test_an_editor_has_three_answers_on_the_first_screen(
    read: Any, full: maps.MapInputs, name: str, size: tuple[int, int]
) -> None:
    page, _ = read(name, viewport=dict(zip(("width", "height"), size, strict=True)))
    said = answer({n: full.table(n) for n in full.tables})
    for selector, text in (
        ("h1", said.title),  # what changed or did not
        ("[data-is=change]", said.change),  # compared with what
        ("[data-is=sure]", said.sure),  # how sure
        (".level", said.level),
    ):
        shown = page.locator(selector).first
        assert text in shown.inner_text()
        box = shown.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size[1]
    assert page.locator("svg.central:visible").bounding_box()["y"] < size[1]


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


def states() -> dict[str, dict[str, Any]]:
    """Return what to change for the figure's states: every one is drawn, none is cut."""
    made = madeup.tables()
    passed = ";".join(f"{g}=pass" for g in barring("support"))
    one = made["estimates"]
    view = made["coverage_by_corridor_year"]
    long = made["hardness_by_corridor"].assign(
        corridor=lambda t: t["corridor"] + " and a name that takes a second line of letters"
    )
    return {
        "effect": {"estimates": one.assign(gates=passed)},
        "null": {"estimates": one.assign(gates="permutation=fail")},
        "cannot tell": {"estimates": one.assign(gates="informative=fail", claim_level="L0")},
        "zones": {"coverage_by_corridor_year": view.assign(exposure="zones")},
        "range": {"coverage_by_corridor_year": view.assign(exposure="range")},
        "no towers": {"coverage_by_corridor_year": view.iloc[:0], "estimates": one.iloc[:0]},
        "long names": {"hardness_by_corridor": long},
    }


def overlapping(page: Any, form: str) -> list[str]:
    """Return texts of the figure that lie on each other or beyond its paper."""
    boxes = page.evaluate(BOXES, form)
    cut = [b[0] for b in boxes if min(b[1:3]) < -1 or b[3] > b[5] + 1 or b[4] > b[6] + 1]
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[3], other[3]) - max(one[1], other[1])
        down = min(one[4], other[4]) - max(one[2], other[2])
        if across > 1 and down > 4:  # of a line, ascent and descent hold no ink
            cut.append(f"{one[0]} / {other[0]}")
    return cut


def seen(chromium: Any, tmp_path: Path, name: str, language: Language, width: int) -> Any:
    """Open the page of a state."""
    given = madeup.inputs(tables=madeup.tables() | states()[name], language=language)
    path = tmp_path / "page.html"
    path.write_text(maps.page(given), encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


@pytest.mark.parametrize(("width", "form"), [(1280, "wide"), (360, "phone")])
def test_no_word_of_the_figure_is_cut(read: Any, width: int, form: str) -> None:
    page, _ = read("page", viewport={"width": width, "height": 900})
    assert overlapping(page, form) == []


@pytest.mark.attack
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("width", "form"), [(1280, "wide"), (768, "wide"), (360, "phone")])
@pytest.mark.parametrize("name", states())
def test_no_word_is_cut_in_any_state(
    chromium: Any, tmp_path: Path, name: str, width: int, form: str, language: Language
) -> None:
    page = seen(chromium, tmp_path, name, language, width)
    assert overlapping(page, form) == []
    page.close()
