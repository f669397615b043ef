"""The made-up map inputs, built once, and a real Chromium to read their pages with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import madeup
import madeup_tables
import pytest
from page_states import states

import maps
from maps import MapInputs
from maps.inputs import Language

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Reader = Callable[..., Any]
ENDS: dict[Language, str] = {"en": "", "es": ".es"}


@pytest.fixture(scope="session")
def full() -> MapInputs:
    """Everything a page can show."""
    return madeup.inputs()


@pytest.fixture(scope="session")
def hostile() -> MapInputs:
    """The same, with an attack wherever a publisher's words stand."""
    return madeup.inputs(
        tables=madeup_tables.tables(madeup.HOSTILE),
        study=madeup.study(title=madeup.HOSTILE),
        skipped=((madeup.HOSTILE,) * 3,),
    )


@pytest.fixture(scope="session")
def given(full: MapInputs, hostile: MapInputs) -> dict[str, MapInputs]:
    """What pages and embeds are made of; "whole" is all that lengthens a page."""
    made = {
        "page": full,
        "hostile": hostile,
        "empty": madeup.inputs(tables={}, rasters={}),
    }
    plain, changed = madeup_tables.tables(), states()
    for language, end in ENDS.items():
        study = madeup.study().in_language(language)
        for name, state in (("whole", "unstable"), ("null", "null"), ("none", "no towers")):
            tables = plain | changed[state]
            rasters = full.rasters if name == "whole" else {}
            made[name + end] = madeup.inputs(
                tables=tables, language=language, study=study, rasters=rasters
            )
        made[f"embed{end}"] = full if language == "en" else made["whole.es"]
    return made


@pytest.fixture(scope="session")
def pages(given: dict[str, MapInputs], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages on disk, as a reader has them."""
    folder = tmp_path_factory.mktemp("pages")
    for name, of in given.items():
        text = maps.embed(of) if name.startswith("embed") else maps.page(of)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in given}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, headless."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        reason = "no Chromium found; install the Debian package chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Log:
    """What a page asked for and complained about."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def clean(self) -> bool:
        """Say whether the page asked for nothing but itself and raised no complaint."""
        return len(self.requests) == 1 and not self.complaints


@pytest.fixture
def read(chromium: Any, pages: dict[str, Path]) -> Iterator[Reader]:
    """Open a page; returns (page, log of requests and complaints)."""
    contexts = []

    def opened(name: str, fragment: str = "", **options: Any) -> tuple[Any, Log]:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        contexts.append(context)
        page, log = context.new_page(), Log()
        page.on("request", lambda r: log.requests.append(r.url) if r.url[:5] != "data:" else None)
        page.on("console", lambda m: log.complaints.append(m.text))
        page.on("pageerror", lambda e: log.complaints.append(str(e)))
        page.goto(pages[name].as_uri() + fragment)
        page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
        return page, log

    yield opened
    for context in contexts:
        context.close()
