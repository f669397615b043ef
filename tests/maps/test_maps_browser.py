"""The page as a reader meets it: silent, safe, whole, and usable without a mouse."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import product
from typing import Any

import pytest
from madeup import LABELS
from madeup_tables import BLOCKS
from PIL import Image
from text_boxes import text_problems

pytestmark = pytest.mark.browser

LAST = len(BLOCKS) - 1
SCREEN = 900


@pytest.mark.parametrize("name", ["page", "embed", "empty"])
def test_a_page_asks_nobody_and_complains_of_nothing(read: Any, name: str) -> None:
    page, log = read(name)
    use_everything(page)
    assert log.clean(), (log.requests, log.complaints)


def use_everything(page: Any) -> None:
    """Step, switch, compare, read and download whatever the page offers."""
    unfold(page)
    boxes = page.query_selector_all("input[name=layer]")
    assert len(boxes) <= 5
    for box in boxes:
        box.check()
    if surface := page.query_selector("#surface"):
        for option in surface.query_selector_all("option"):
            surface.select_option(option.get_attribute("value"))
    for _ in range(2):
        page.click("[data-do=earlier]")
    page.click("[data-do=in]")
    page.click("[data-do=home]")
    frame = page.query_selector("#map_main").bounding_box()
    for x in range(8, 98, 15):
        for y in range(20, 95, 15):
            spot = (frame["x"] + frame["width"] * x / 100, frame["y"] + frame["height"] * y / 100)
            page.mouse.move(*spot)
            page.mouse.click(*spot)


def unfold(page: Any) -> None:
    """Open everything that is folded."""
    for summary in page.query_selector_all("details:not([open]) > summary"):
        summary.click()
    if key := page.query_selector(".fold.side:not([open]) > summary"):
        key.click()  # of an embed's folds one is open at a time


def test_hostile_words_stay_words(read: Any) -> None:
    page, log = read("hostile")
    use_everything(page)
    assert log.clean(), (log.requests, log.complaints)
    for marks in ("towers", "sites"):
        read_first(page, marks)
        assert "${window.pwned=1}" in page.inner_text("[data-is=panel]")
    unfold(page)
    with page.expect_download() as download:
        page.click("[data-csv=corridors]")
    assert "</script><script>" in download.value.path().read_text(encoding="utf-8-sig")
    assert page.evaluate("window.pwned") is None
    assert page.query_selector_all("img:not(.leaflet-image-layer), [onerror], [onmouseover]") == []
    assert page.evaluate("document.scripts.length") == 3
    assert "</script><script>" in page.inner_text(".kicker")
    assert "{{7*7}}" in page.inner_text(".kicker")
    assert fits(page)


def address(page: Any) -> str:
    """Return the fragment as the page has it now."""
    return str(page.evaluate("location.hash"))


def read_first(page: Any, layer: str) -> None:
    """Put the layer's first mark at the centre of the map and read it by keyboard."""
    at = {"towers": (31.75, -112.7), "sites": (31.72, -112.5)}[layer]
    page.goto(page.url.split("#")[0] + f"#period={BLOCKS[LAST]}&view={at[0]}_{at[1]}_11")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    page.focus("#map_main")
    page.keyboard.press("Enter")


def test_policy_stops_what_is_not_the_pages_own(read: Any) -> None:
    page, log = read("page")
    stopped = []
    page.on("requestfailed", lambda r: stopped.append((r.url, r.failure)))
    page.evaluate(
        """() => {
          const script = document.createElement('script');
          script.textContent = 'window.pwned = 1';
          document.body.append(script);
          const box = document.createElement('div');
          box.innerHTML = '<img src="data:," onerror="window.pwned=2"><p style="color:red">x</p>';
          document.body.append(box);
          fetch('https://example.org/').catch(() => 0);
          const far = document.createElement('img');
          far.src = 'https://example.org/x.png';
          document.body.append(far);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    said = "\n".join(log.complaints)
    for directive in ("script-src", "style-src", "connect-src", "img-src"):
        assert directive in said
    assert stopped == [("https://example.org/x.png", "csp")]


def test_every_control_is_reached_and_works_by_keyboard(read: Any) -> None:
    page, _ = read("page")
    wanted = page.evaluate(
        """() => [...document.querySelectorAll(
             'a[href], button, input, select, summary, [tabindex="0"]')]
             .filter(e => e.checkVisibility() && !(e.type === 'radio' && !e.checked)).length"""
    )
    page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                """() => { const all = [...document.querySelectorAll('*')];
                     const e = document.activeElement;
                     const look = getComputedStyle(e);
                     if (e === document.body) return '';
                     return all.indexOf(e) + (look.outlineStyle === 'none' ? ' unseen' : ''); }"""
            )
        )
    seen.discard("")
    assert len(seen) >= wanted
    assert not [s for s in seen if "unseen" in str(s)]

    page.focus("#period")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("[data-is=now] b") == LABELS[LAST - 1]
    assert f"period={BLOCKS[LAST - 1]}" in address(page)
    page.focus("input[name=layer][value=towers]")
    page.keyboard.press("Space")
    assert "towers" in address(page).partition("off=")[2]
    page.focus("#surface")
    page.keyboard.press("ArrowDown")
    assert "surface=in_view_share" in address(page)
    assert page.is_visible("[data-ramp=in_view_share]")
    page.focus("#map_main")
    before = address(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    assert address(page) != before
    assert page.inner_text("[data-is=panel] h3")
    unfold(page)
    page.focus("[data-csv=cells]")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("cell_id,block,area_km2,deaths_class")
    assert text.rstrip().endswith("SYNTHETIC")


def everyday(values: tuple[Any, ...], *always: tuple[Any, ...]) -> Any:
    """Return a case of a matrix, behind `make attack` where it is none of those asked always."""
    marks = () if values in always else (pytest.mark.attack,)
    return pytest.param(*values, marks=marks)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        everyday(pair, ("page", "dark"), ("embed", "light"))
        for pair in product(("page", "embed"), ("light", "dark"))
    ],
)
def test_axe_finds_no_violation(read: Any, name: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, _ = read(name, color_scheme=scheme)
    unfold(page)
    page.select_option("#surface", "hardship")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def fits(page: Any) -> bool:
    """Say whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    ("width", "scale"),
    [
        everyday(size, (320, 1), (1280, 1))
        for size in ((320, 1), (360, 2), (640, 2), (768, 1), (1280, 1))
    ],
)
@pytest.mark.parametrize("name", ["whole", "whole.es", "embed"])
def test_page_fits_every_width(read: Any, name: str, width: int, scale: int) -> None:
    page, _ = read(name, viewport={"width": width, "height": 800}, device_scale_factor=scale)
    assert text_problems(page, unfold=name != "embed") == []
    assert fits(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input[type=range]')]
             .filter(e => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).length"""
    )
    assert small == 0


@pytest.mark.parametrize("name", ["whole", "whole.es"])
def test_a_page_is_under_six_screens(read: Any, name: str) -> None:
    page, _ = read(name, viewport={"width": 1280, "height": SCREEN})
    screens = page.evaluate("document.documentElement.scrollHeight") / SCREEN
    assert 4 < screens < 6, "everything that can lengthen a page is there"


def test_a_view_can_be_linked_to(read: Any) -> None:
    wish = "#period=2005-09&surface=hardship&off=towers.places&view=32_-112_9"
    page, log = read("page", wish)
    assert page.inner_text("[data-is=now] b") == LABELS[1]
    assert page.input_value("#surface") == "hardship"
    assert not page.is_checked("input[name=layer][value=towers]")
    assert "view=32.000_-112.000_9" in address(page)
    page.click("[data-do=link]")
    assert page.input_value("#link") == page.url
    page.evaluate("location.hash = 'period=2000-04'")
    page.wait_for_function(
        f"document.querySelector('[data-is=now] b').textContent == '{LABELS[0]}'"
    )
    assert log.clean()


def test_a_broken_address_is_harmless(read: Any) -> None:
    wish = "#period=__proto__&off=%3Cscript%3E&surface=constructor&view=NaN_1_2"
    page, log = read("page", wish)
    assert page.inner_text("[data-is=now] b") == LABELS[LAST]
    assert log.clean()


@pytest.mark.parametrize("name", [pytest.param("page", marks=pytest.mark.attack), "hostile"])
def test_a_chart_leaves_the_page_as_picture_drawing_and_numbers(read: Any, name: str) -> None:
    page, _ = read(name)
    for part in ("central", "years", "fifths", "counts"):
        box = f"[data-take={part}]"
        if not page.query_selector(box):
            continue
        with page.expect_download() as drawing:
            page.click(f"{box} [data-as=svg]")
        root = ET.fromstring(drawing.value.path().read_text("utf-8"))  # noqa: S314 - our own
        said = " ".join(e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text"))
        for told in ("SYNTHETIC", "2026-01-01", "0123456789ab", "issues"):
            assert told in said, (part, told)
        assert not [e for e in root.iter() if e.tag.endswith(("script", "foreignObject"))]
        assert [e for e in root.iter() if e.get("fill", "").startswith("rgb(107, 18, 48")]
        with page.expect_download() as picture:
            page.click(f"{box} [data-as=png]")
        image = Image.open(picture.value.path())
        assert image.width == 1800
        assert len(image.convert("L").resize((60, 60)).getcolors()) > 10
        with page.expect_download() as numbers:
            page.click(f"{box} [data-csv]")
        assert len(numbers.value.path().read_text("utf-8-sig").splitlines()) > 2
    assert page.evaluate("window.pwned") is None


def test_print_leaves_the_controls_out(read: Any) -> None:
    page, _ = read("page")
    page.emulate_media(media="print")
    assert not page.is_visible(".steps")
    assert page.is_visible("#map_main")
    assert page.is_visible("footer")
    folded = page.locator("details:not([open])").count()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == folded > 0
