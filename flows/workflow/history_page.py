"""The history of a study as a table, a figure and a page to publish beside the bundles."""

from __future__ import annotations

import html
import io
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.style import context

from flows.core.settings import Home
from flows.core.store import write_text
from flows.workflow.history import PastRun, study_of

INK, GREY = "#17456e", "#5a5a5a"
STYLE = {"font.size": 9, "svg.hashsalt": "funnel-effect", "svg.fonttype": "path"}
"""Display: how the figure looks."""
PAGES = "history"
"""Name of the folder of the pages, beside those of the studies."""
SHOWN = ["ended_at", "run_id", "as_of", "claim_level", "interval", "records_used", "changed"]
"""Columns of the page's table; the others stand in the CSV file."""
CAPTION = (
    "Headline ratio per unit dose with its 95 % interval, by run, and the records used. A ratio is "
    "no finding by itself: where a run's sentence says that the records cannot tell, it finds none."
)


def write_history(runs: Sequence[PastRun], rows: pd.DataFrame, home: Home) -> Path:
    """Write `history.csv`, `history.svg` and `index.html` of a study's runs and return the page."""
    folder = home.out / PAGES / runs[-1].study
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "history.csv", rows.to_csv(index=False))
    picture = figure(runs)
    write_text(folder / "history.svg", picture)
    page = folder / "index.html"
    write_text(page, _page(runs, rows, picture))
    return page


def figure(runs: Sequence[PastRun]) -> str:
    """Draw ratio, interval and records used by run, as SVG."""
    with context(STYLE):
        canvas = Figure(figsize=(7.2, 4.2), layout="constrained")
        above, below = canvas.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        at = range(len(runs))
        for n, run in enumerate(runs):
            if not math.isnan(run.ratio):
                above.plot([n, n], [run.low, run.high], color=INK, linewidth=2)
                above.plot(n, run.ratio, "o", color=INK)
                above.annotate(
                    run.level, (n, run.high), (0, 4), textcoords="offset points", ha="center"
                )
        above.axhline(1, color=GREY, linewidth=0.8, linestyle="--")
        above.set_yscale("log")
        above.set_ylabel("ratio per unit dose")
        below.bar(at, [_used(r) for r in runs], color=GREY, width=0.5)
        below.set_ylabel("records used")
        below.set_xticks(list(at), [f"{r.ended_at[:10]}\n{r.run_id}" for r in runs], fontsize=7)
        out = io.StringIO()
        FigureCanvasSVG(canvas).print_svg(out, metadata={"Date": None})
    return out.getvalue()


def _used(run: PastRun) -> int:
    deaths = {s.id for s in study_of(run).sources if s.role == "deaths"}
    return sum(n for name, n in run.used.items() if name in deaths)


def _page(runs: Sequence[PastRun], rows: pd.DataFrame, picture: str) -> str:
    title = html.escape(study_of(runs[-1]).title)
    head = "".join(f"<th>{c.replace('_', ' ')}</th>" for c in SHOWN)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(row[c]))}</td>" for c in SHOWN) + "</tr>"
        for _, row in rows.iloc[::-1].iterrows()
    )
    revised = "".join(
        f"<li>{html.escape(str(row['run_id']))}: {html.escape(str(row['revised']))}</li>"
        for _, row in rows.iterrows()
        if row["revised"]
    )
    svg = picture[picture.index("<svg") :].replace(
        "<svg", f'<svg role="img" aria-label="{title}"', 1
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What changed since: {title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto}}
td,th{{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}}
svg{{max-width:100%;height:auto}}</style></head><body>
<h1>What changed since: {title}</h1>
<p>{html.escape(runs[-1].sentence)}</p>
<figure>{svg}<figcaption>{CAPTION}</figcaption></figure>
<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
<h2>What publishers revised</h2><ul>{revised or "<li>nothing that the vault can compare</li>"}</ul>
</body></html>
"""
