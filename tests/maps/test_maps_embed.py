"""The snippet in somebody else's page: works, downloads, and stays in its frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import maps
from geo.errors import EvidenceError
from maps import MapInputs
from maps.snippets import heights

pytestmark = pytest.mark.browser

NEWSPAPER = "https://newspaper.example/story.html"
HEIGHT = "document.querySelector('iframe').clientHeight"
SPARE = 130
"""Empty pixels under the embed that a newspaper bears: sentences break where they do."""
FORGED = """for (const height of [NaN, "900", -5, 1e12])
  postMessage({type: "funnel-effect:height", height}, "*");"""


@pytest.fixture
def story(chromium: Any, pages: dict[str, Path], full: MapInputs) -> Any:
    """A newspaper's page with the snippet in it; `resize` also takes the optional part."""
    made = []

    def opened(*, resize: bool) -> Any:
        snippet = maps.snippet(full)
        if resize:
            comment = snippet.rpartition("<!--")[2].removesuffix("-->\n")
            snippet = snippet.partition("<!-- Optional")[0].replace(
                "embed.html", "embed.html#resize"
            )
            snippet += comment.partition("\n")[2]
        page = chromium.new_context(accept_downloads=True).new_page()
        made.append(page.context)
        text = f"<!doctype html><title>x</title><h1>Story</h1>{snippet}"
        page.route(NEWSPAPER, lambda r: r.fulfill(body=text, content_type="text/html"))
        page.route(
            "https://example.org/maps/embed.html",
            lambda r: r.fulfill(path=pages["embed"], content_type="text/html"),
        )
        page.goto(NEWSPAPER)
        page.query_selector("iframe").scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        frame = page.frames[1]
        frame.wait_for_selector("html[data-ready]", state="attached")
        return page, frame

    yield opened
    for context in made:
        context.close()


def test_the_snippet_works_and_downloads(story: Any, full: MapInputs) -> None:
    page, frame = story(resize=False)
    frame.click("[data-do=earlier]")
    assert frame.inner_text("[data-is=now]")
    with page.expect_download() as download:
        frame.click("[data-csv=cells]")
    assert download.value.path().read_text(encoding="utf-8-sig").startswith("cell_id")
    assert page.get_attribute("iframe", "height") == str(max(heights(full)))
    assert page.get_attribute("iframe", "title")


def test_the_snippet_cannot_reach_the_page_around_it(story: Any) -> None:
    page, frame = story(resize=False)
    reach = "() => { try { return String(parent.document.title); } catch (e) { return e.name; } }"
    assert frame.evaluate(reach) == "SecurityError"
    frame.evaluate("() => { try { top.location = 'https://example.org/away'; } catch (e) { } }")
    page.wait_for_timeout(200)
    assert page.url == NEWSPAPER


def test_the_frame_grows_only_when_asked_and_only_by_its_own_number(story: Any) -> None:
    page, frame = story(resize=True)
    page.wait_for_function("document.querySelector('iframe').style.height")
    height = page.evaluate(HEIGHT)
    inside = frame.evaluate("document.body.getBoundingClientRect().height")
    assert abs(height - inside) <= 2
    page.evaluate(FORGED)
    frame.evaluate(FORGED.replace("postMessage", "parent.postMessage").replace("1e12", "'x'"))
    page.wait_for_timeout(200)
    assert page.evaluate(HEIGHT) in (height, 300)


def measured(page: Any, frame: Any, width: int) -> tuple[int, int]:
    """Return the height of what is in the frame, and of the frame, at a width."""
    page.set_viewport_size({"width": width + 16, "height": 900})
    page.wait_for_function(f"{HEIGHT} && document.querySelector('iframe').clientWidth == {width}")
    frame.wait_for_function(f"innerWidth == {width}")
    frame.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))")
    return frame.evaluate("document.documentElement.scrollHeight"), page.evaluate(HEIGHT)


def test_as_pasted_the_frame_never_scrolls_inside(story: Any) -> None:
    page, frame = story(resize=False)
    for width in (320, 359, 480, 639, 736, 759, 961, 1152, 1200):
        inside, outside = measured(page, frame, width)
        assert inside <= outside, width
        body = frame.evaluate("document.body.getBoundingClientRect().height")
        assert outside <= body + SPARE, width


@pytest.mark.attack
def test_the_frame_fits_at_every_width(story: Any) -> None:
    page, frame = story(resize=False)
    for width in range(320, 1201, 8):
        inside, outside = measured(page, frame, width)
        assert inside <= outside, width


@pytest.mark.parametrize("width", [360, 760])
def test_what_a_reader_opens_lies_over_the_map(story: Any, width: int) -> None:
    page, frame = story(resize=False)
    measured(page, frame, width)
    for summary in frame.query_selector_all("summary"):
        summary.click()
        inside, outside = measured(page, frame, width)
        assert inside <= outside
        summary.click()
    frame.locator("svg.central:visible .row").first.focus()
    assert frame.is_visible("[data-is=panel] h3")
    inside, outside = measured(page, frame, width)
    assert inside <= outside


def test_the_snippet_is_of_the_address_that_is_given(full: MapInputs) -> None:
    made = maps.snippet(full)
    for url, src in (
        ("https://news.example/maps", "https://news.example/maps/embed.html"),
        ("https://news.example/a/", "https://news.example/a/embed.html"),
        ("https://news.example/x/map.html?a=1&b=2", "https://news.example/x/map.html?a=1&amp;b=2"),
    ):
        placed = maps.hosted(made, url)
        assert f'src="{src}"' in placed
        assert "example.org" not in placed
        assert placed.count("<iframe") == 1
    for url in (
        "news.example/maps",
        "javascript:alert(1)",
        'https://x.example/"><script>',
        "https://",
    ):
        with pytest.raises(EvidenceError, match="no address of a web page"):
            maps.hosted(made, url)


def test_the_wheel_scrolls_the_story_not_the_map(story: Any) -> None:
    page, frame = story(resize=False)
    box = page.query_selector("iframe").bounding_box()
    before = frame.evaluate("location.hash")
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(300)
    assert frame.evaluate("location.hash") == before
