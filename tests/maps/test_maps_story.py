"""The story in five steps, and the shape of the page around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import madeup
import pytest

import maps
from geo.errors import InputProblems
from geo.study import parse

pytestmark = pytest.mark.browser

STEPS = ("before", "first", "change", "model", "unknown")
SCREENS, SCREEN_PX = 6, 900
FOLDED = """() => {
  const inside = s => [...document.querySelectorAll(s)].map(e => Boolean(e.closest('details')));
  return {
    open: ['h1', '[data-is=change]', '[data-is=sure]', 'figure.central svg', '.prose > .findings',
           'footer section li'].map(s => inside(s)[0]),
    folded: ['#table-estimates', '#table-central', '.downloads'].map(s => inside(s)[0]) }; }"""
CUT = """() => {
  const boxes = [];
  const kinds = 'h1, h2, h3, p, li, dt, dd, figcaption, label, summary, button, a, select';
  document.querySelectorAll(kinds).forEach(e => {
      if (!e.checkVisibility() || e.closest('#map_main, .unseen, .skip, .switch, table')) return;
      const b = e.getBoundingClientRect();
      if (b.width) boxes.push([e, b]);
    });
  const bad = boxes.filter(([e, b]) => b.left < -1 || b.right > innerWidth + 1
    || (getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1))
    .map(([e]) => e.textContent.trim().slice(0, 60));
  boxes.forEach(([e, b], i) => boxes.slice(i + 1).forEach(([f, c]) => {
    if (e.contains(f) || f.contains(e)) return;
    const across = Math.min(b.right, c.right) - Math.max(b.left, c.left);
    const down = Math.min(b.bottom, c.bottom) - Math.max(b.top, c.top);
    const said = [e, f].map(g => g.textContent.trim().slice(0, 40)).join(' / ');
    if (across > 2 && down > 4) bad.push(said);
  }));
  return bad; }"""


def test_a_step_is_a_link_and_a_state_and_never_scrolls(read: Any) -> None:
    page, log = read("page")
    assert page.locator("[data-told]:visible").count() == 0
    page.focus(f"[data-step={STEPS[0]}]")
    page.keyboard.press("Enter")
    at = page.evaluate("scrollY")
    seen = []
    for step in STEPS:
        assert f"step={step}" in page.evaluate("location.hash")
        assert page.get_attribute(f"[data-step={step}]", "aria-current") == "step"
        seen.append(page.inner_text("[data-told]:visible"))
        assert page.evaluate("scrollY") == at
        page.keyboard.press("ArrowRight")
    assert len(set(seen)) == len(STEPS)
    assert madeup.LABELS[0] in seen[0]
    assert page.inner_text("h1") in seen[2]
    assert "not validated" in seen[3]
    page.click("[data-do=earlier]")
    assert page.locator("[data-told]:visible").count() == 0
    assert log.clean()


def test_a_step_can_be_linked_to_and_the_unproved_model_is_not_in_it(read: Any) -> None:
    page, _ = read("page", "#step=model")
    assert page.is_visible("[data-told=model]")
    assert page.input_value("#surface") == ""
    page.evaluate("location.hash = 'step=before'")
    page.wait_for_selector("[data-told=before]:visible")
    assert page.inner_text("[data-is=now] b") == madeup.LABELS[0]
    assert not page.is_checked("input[value=towers]")


def test_what_decides_is_never_folded_and_lists_are(read: Any) -> None:
    page, _ = read("page")
    found = page.evaluate(FOLDED)
    assert not any(found["open"])
    assert all(found["folded"])
    assert page.evaluate("document.documentElement.scrollHeight") < SCREENS * SCREEN_PX


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        pytest.param(w, s, marks=() if (w, s) == (360, "dark") else pytest.mark.attack)
        for w in (1280, 768, 360) for s in ("light", "dark")
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["page", "embed"])
def test_no_text_of_the_page_is_cut_or_overlaps(
    read: Any, name: str, width: int, scheme: str
) -> None:
    page, _ = read(name, viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate(CUT) == []


def test_a_study_adds_notes_with_their_source(tmp_path: Path) -> None:
    plain = madeup.study()
    told = plain.toml() + (
        '\n[[story]]\nstep = "first"\ntext = "Nine towers."\ntext_es = "Nueve torres."\n'
        'source = "GAO-08-1141T"\n'
    )
    study = parse(told, "own.toml")
    assert parse(study.toml(), "own.toml") == study
    assert study.fingerprint() != plain.fingerprint()
    assert "story" not in plain.toml()
    html = maps.page(madeup.inputs(study=study.in_language("es"), language="es"))
    assert "Nueve torres." in html
    assert "GAO-08-1141T" in html
    with pytest.raises(InputProblems, match="step 'first' of"):
        parse(told + '\n[[story]]\nstep = "first"\ntext = "x"\nsource = "y"\n', "own.toml")
