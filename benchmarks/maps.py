"""The page as a reader waits for it: weight, first paint, and the time a switch takes.

`python -m benchmarks.maps [PAGE ...]` writes `benchmarks/results/maps.md`, of the made-up inputs of
the tests and of the pages that it is given, such as the sample's `funnel.html`. Chromium runs once
as it is and once with its processor slowed four times.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import maps

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP / "tests" / "maps"))

import madeup  # noqa: E402 - lives with the tests

RESULT = TOP / "benchmarks" / "results" / "maps.md"
TIMES = 21
SLOWER = (1, 4)
SWITCH = """async () => {
  const slider = document.querySelector('#period'), high = Number(slider.max);
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  for (let i = 0; i < TIMES; i += 1) {
    const start = performance.now();
    slider.value = i % (high + 1);
    slider.dispatchEvent(new Event('input'));
    await frame();
    times.push(performance.now() - start);
  }
  return times;
}""".replace("TIMES", str(TIMES))
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def heavy() -> maps.MapInputs:
    """5,000 records in the five blocks of years."""
    cells = madeup.death_cells(records=5_000)
    return madeup.inputs(tables=madeup.tables() | {"deaths_by_cell_block": cells})


def made(name: str, given: maps.MapInputs, folder: Path) -> tuple[str, Path, str]:
    """Write the page of made-up inputs; returns its name, where it is and what it cost."""
    start, path = time.process_time(), folder / f"{name}.html"
    path.write_text(maps.page(given), encoding="utf-8")
    return name, path, f"{time.process_time() - start:.2f}"


def waits(browser: Any, path: Path, slower: int) -> tuple[float, float, float]:
    """Return first paint, the median and the longest switch [ms]."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_timeout(500)
    paint, times = page.evaluate(PAINT), page.evaluate(SWITCH)
    page.close()
    return float(paint), statistics.median(times), max(times)


def main() -> None:
    from playwright.sync_api import sync_playwright

    lines = [
        "# The page as a reader waits for it",
        "",
        (
            f"Measured on {datetime.now(UTC).date()}, at a load of {os.getloadavg()[0]:.1f} on "
            f"{os.cpu_count()} cores."
        ),
        "",
        "| page | bytes | CPU, s | slowed | first paint, ms | switch, ms | longest, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
        )
        pages = [
            made("made-up", madeup.inputs(), Path(folder)),
            made("5,000 records", heavy(), Path(folder)),
            *((Path(p).parents[2].name, Path(p).resolve(), "") for p in sys.argv[1:]),
        ]
        for name, path, cpu in pages:
            for slower in SLOWER:
                paint, middle, longest = waits(browser, path, slower)
                lines.append(
                    f"| {name} | {path.stat().st_size:,} | {cpu} | {slower}x | {paint:.0f} "
                    f"| {middle:.0f} | {longest:.0f} |"
                )
        browser.close()
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
