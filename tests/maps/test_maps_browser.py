"""The page as a reader meets it: silent, safe, whole, and usable without a mouse."""

from __future__ import annotations

from typing import Any

import pytest
from madeup import BLOCKS, LABELS

pytestmark = pytest.mark.browser

LAST = len(BLOCKS) - 1


@pytest.mark.parametrize("name", ["page", "embed", "empty", "hostile"])
def test_a_page_asks_nobody_and_complains_of_nothing(read: Any, name: str) -> None:
    page, log = read(name)
    use_everything(page)
    assert log.clean(), (log.requests, log.complaints)


def use_everything(page: Any) -> None:
    """Step, switch, compare, read and download whatever the page offers."""
    unfold(page)
    for box in page.query_selector_all("input[name=layer], input[name=surface]"):
        box.check()
    for _ in range(2):
        page.click("[data-do=earlier]")
    page.select_option("#compare", "0")
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


def test_hostile_words_stay_words(read: Any) -> None:
    page, _ = read("hostile")
    use_everything(page)
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
    page.select_option("#compare", "0")
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
    page.focus("#divider")
    page.keyboard.press("ArrowRight")
    assert "divider=51" in address(page)
    page.focus("input[name=layer][value=towers]")
    page.keyboard.press("Space")
    assert "towers" in address(page).partition("off=")[2]
    page.focus("input[name=surface]:checked")
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


@pytest.mark.parametrize("name", ["page", "embed"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(read: Any, name: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, _ = read(name, color_scheme=scheme)
    page.select_option("#compare", "0")
    unfold(page)
    page.check("input[name=surface][value=hardship]")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def fits(page: Any) -> bool:
    """Say whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("width", "scale"), [(320, 1), (360, 2), (640, 2), (768, 1), (1280, 1)])
@pytest.mark.parametrize("name", ["page", "embed"])
def test_page_fits_every_width(read: Any, name: str, width: int, scale: int) -> None:
    page, _ = read(name, viewport={"width": width, "height": 800}, device_scale_factor=scale)
    assert fits(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input[type=range]')]
             .filter(e => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).length"""
    )
    assert small == 0


def test_a_view_can_be_linked_to(read: Any) -> None:
    wish = "#period=2005-09&compare=2015-19&divider=40&surface=hardship"
    wish += "&off=towers.roads&view=32_-112_9"
    page, log = read("page", wish)
    assert page.inner_text("[data-is=now] b") == LABELS[1]
    assert page.inner_text("[data-is=then] b") == LABELS[3]
    assert page.input_value("#divider") == "40"
    assert page.is_checked("input[name=surface][value=hardship]")
    assert not page.is_checked("input[name=layer][value=towers]")
    assert "view=32.000_-112.000_9" in address(page)
    assert log.clean()


def test_a_broken_address_is_harmless(read: Any) -> None:
    wish = "#period=__proto__&compare=%3Cscript%3E&divider=1e9&surface=constructor&view=NaN_1_2"
    page, log = read("page", wish)
    assert page.inner_text("[data-is=now] b") == LABELS[LAST]
    assert page.input_value("#divider") == "50"
    assert log.clean()


def test_compare_shows_each_period_on_its_side(read: Any) -> None:
    off = "off=towers.sites.labels.roads.border.corridors&view=31.95_-111.7_9"
    shots = {
        key: half(read("page", f"#{wish}&{off}")[0])
        for key, wish in {
            "first": "period=2000-04",
            "last": "period=2020-24",
            "both": "period=2020-24&compare=2000-04&divider=50",
        }.items()
    }
    assert shots["both"][0] == shots["first"][0] != shots["last"][0]
    assert shots["both"][1] == shots["last"][1] != shots["first"][1]


def half(page: Any) -> tuple[bytes, bytes]:
    """Return pictures of the map's left and right, away from the seam and the stamps."""
    page.wait_for_timeout(300)
    box = page.query_selector("#map_main").bounding_box()
    top, height = box["y"] + 60, box["height"] - 110
    left = {"x": box["x"] + 60, "y": top, "width": box["width"] / 2 - 100, "height": height}
    right = left | {"x": box["x"] + box["width"] / 2 + 40}
    return page.screenshot(clip=left), page.screenshot(clip=right)


def test_play_is_on_demand_and_stops(read: Any) -> None:
    page, _ = read("page", "#period=2015-19")
    page.wait_for_timeout(2_200)
    assert page.inner_text("[data-is=now] b") == LABELS[3]
    page.click("[data-do=play]")
    page.wait_for_timeout(2_200)
    assert page.inner_text("[data-is=now] b") == LABELS[4]
    page.wait_for_timeout(1_900)
    assert page.get_attribute("[data-do=play]", "aria-pressed") == "false"
    calm, _ = read("page", reduced_motion="reduce")
    assert not calm.is_visible("[data-do=play]")


def test_print_leaves_the_controls_out(read: Any) -> None:
    page, _ = read("page")
    page.emulate_media(media="print")
    assert not page.is_visible(".steps")
    assert page.is_visible("#map_main")
    assert page.is_visible("footer")
