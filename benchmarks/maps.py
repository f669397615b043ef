"""The page as a reader waits for it: weight, first paint, and the time a switch takes.

`python -m benchmarks.maps` writes `benchmarks/results/maps.md`. The made-up inputs are those of
the tests. Chromium runs once as it is and once with its processor slowed four times.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

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
    """5,000 records in ten periods."""
    spans = [
        {"id": f"p{i}", "label": f"p{i}", "start": f"{2000 + 2 * i}-01-01",
         "end": f"{2002 + 2 * i}-01-01"}
        for i in range(10)
    ]  # fmt: skip
    parts = []
    for seed in (0, 1):
        cells = madeup.death_cells(seed, records=2_500)
        ids = {p[0]: f"p{5 * seed + i}" for i, p in enumerate(madeup.PERIODS)}
        parts.append(cells.assign(period_id=cells["period_id"].map(ids)))
    cells = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True))
    still = {k: v for k, v in madeup.inputs().rasters.items() if "period" not in v.dims}
    tables = madeup.tables() | {"deaths_by_cell_block": cells}
    return madeup.inputs(study=madeup.study(periods=spans), tables=tables, rasters=still)


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
        "| page | bytes | CPU, s | slowed | first paint, ms | switch, ms | longest, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
        )
        for name, given in (("sample-like", madeup.inputs()), ("5,000 x 10", heavy())):
            start = time.process_time()
            text = maps.page(given)
            cpu = time.process_time() - start
            path = Path(folder) / "page.html"
            path.write_text(text, encoding="utf-8")
            for slower in SLOWER:
                paint, middle, longest = waits(browser, path, slower)
                lines.append(
                    f"| {name} | {len(text.encode()):,} | {cpu:.2f} | {slower}x | {paint:.0f} "
                    f"| {middle:.0f} | {longest:.0f} |"
                )
        browser.close()
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
