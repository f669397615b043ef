"""The page, its embed and the snippet that puts the embed into somebody else's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from maps import (
    attribution,
    base,
    central,
    changes,
    counts,
    figures,
    legends,
    locator,
    orientation,
    shapes,
    story,
    strips,
    surfaces,
    text_tables,
    view,
)
from maps.inputs import MapInputs
from maps.snippets import frame
from maps.words import words
from maps.write import write

_WIDTHS = (figures.WIDE, figures.NARROW)
UNITS = {"1": "", "degree": "°", "degC": "°C"}
"""Display: unit of a table = as readers write it."""


def page(inputs: MapInputs) -> str:
    """Return the full page: map, charts, tables, data, limits, in one file.

    Parameters
    ----------
    inputs
        Published tables and rasters.

    Returns
    -------
    str
        HTML that asks nobody for anything; equal inputs give equal bytes.
    """
    return _render(inputs, "page")


def embed(inputs: MapInputs) -> str:
    """Return the compact page that stands in an iframe; its data are one link away."""
    return _render(inputs, "embed")


def snippet(inputs: MapInputs) -> str:
    """Return the HTML that puts the embed into another page, and an optional resizer."""
    return frame(inputs)


@dataclass(frozen=True)
class _Parts:
    """What a page is made of, worked out once for what it shows and for what its scripts read."""

    mode: str
    drawn: dict[str, shapes.Features]
    classed: dict[str, surfaces.SurfaceLayer]
    facts: list[view.PeriodFacts]
    middle: dict[str, Any]
    cited: list[dict[str, str]]
    told: list[story.Step]

    @classmethod
    def of(cls, inputs: MapInputs, mode: str) -> _Parts:
        """Work them out; the story is told on the full page alone."""
        cells, towers, zones = (
            f(inputs) for f in (shapes.death_cells, shapes.towers, shapes.zones)
        )
        drawn = _layers(inputs, mode) | {"zones": zones, "towers": towers, "deaths": cells}
        classed = legends.classed_surfaces(inputs)
        facts = view.period_facts(inputs, cells, towers, zones)
        told = story.steps(inputs, facts, set(classed)) if mode == "page" else []
        return cls(
            mode, drawn, classed, facts, _central(inputs), attribution.sources(inputs), told
        )  # fmt: skip


def _render(inputs: MapInputs, mode: str) -> str:
    own = _Parts.of(inputs, mode)
    bounds, say = inputs.study.bounds_lonlat, words(inputs.language)
    relief = inputs.rasters.get("relief")
    wide = surfaces.RELIEF_PIXELS if mode == "page" else surfaces.EMBED_PIXELS
    shaded = None if relief is None else surfaces.relief(relief, bounds, wide)
    map_script = base.script(bounds, shaded, own.classed, own.drawn, say["alt"])
    context = _always(inputs, own) | (_of_the_page(inputs, own) if mode == "page" else _LEFT_OUT)
    return write("page.html.j2", context, map_script, _for_scripts(inputs, own))


def _always(inputs: MapInputs, own: _Parts) -> dict[str, Any]:
    """Return what the template shows of a page and of an embed."""
    say, study = words(inputs.language), inputs.study
    located = locator.locator(inputs)
    return {
        "mode": own.mode,
        "say": say,
        "inputs": inputs,
        "study": study,
        "head": view.headline(inputs),
        "answer": view.answer(inputs),
        "central": own.middle,
        "story": own.told,
        "span": view.span(inputs),
        "about": say["about_map"][_exposure(own.drawn["towers"], own.drawn["zones"])],
        "km2": view.cell_size(inputs),
        "periods": inputs.blocks,
        "locator": "" if located is None else locator.drawing(located, inputs),
        "orientation": orientation.told(inputs, located=located is not None),
        "area_kinds": sorted({f["properties"]["kind"] for f in own.drawn["areas"]["features"]}),
        "drawn": {name: bool(c["features"]) for name, c in own.drawn.items()}
        | {"places": _named_places(inputs, own.drawn)},
        "surfaces": [legends.legend(inputs, s) for s in own.classed.values()],
        "yearly": _yearly(inputs),
        "series_note": _series_note(inputs),
        "hardship_note": _hardship_note(inputs),
        "counts_note": counts.counts_note(inputs),
        "tall": counts.tall(inputs),
        "changes_key": changes.key(inputs),
        "missing": attribution.missing(inputs),
        "sources": own.cited,
        "contact": attribution.contact(inputs),
        "switch": inputs.named("funnel.html", "es" if inputs.language == "en" else "en"),
    }


def _of_the_page(inputs: MapInputs, own: _Parts) -> dict[str, Any]:
    """Return what the template shows of the full page alone."""
    return {
        "hardship": _hardship(inputs),
        "findings": view.findings(inputs),
        "strongest": view.objections(inputs),
        "counts": counts.counts(inputs),
        "changes": changes.route_changes(inputs),
        "strips": strips.strips(inputs),
        "tables": _tables(inputs, own.facts),
    }


_LEFT_OUT: dict[str, Any] = dict.fromkeys(
    ("hardship", "findings", "strongest", "counts", "changes", "strips", "tables"), ()
)
"""Parts of the page that an embed does not have."""


def _for_scripts(inputs: MapInputs, own: _Parts) -> dict[str, Any]:
    """Return what the scripts of the page read."""
    say, study = words(inputs.language), inputs.study
    return {
        "mode": own.mode,
        "say": {k: say[k] for k in ("panel", "classes")} | {"central": say["columns_central"][1:]},
        "bounds": study.bounds_lonlat,
        "periods": [
            {"id": p.id, "label": p.label, "says": f.sentence(say)}
            for p, f in zip(inputs.blocks, own.facts, strict=True)
        ],
        "surfaces": {s.name: legends.for_scripts(inputs, s) for s in own.classed.values()},
        "shapes": {name: [f["properties"] for f in c["features"]] for name, c in own.drawn.items()},
        "labels": orientation.labels(inputs),
        "corridors": {row[0]: row[1:] for row in own.middle["table"].rows},
        "source": "; ".join(s["title"] for s in own.cited),
        "story": {s.id: {"period": s.period, "surface": s.surface, "off": s.off} for s in own.told},
        "credit": attribution.credit(inputs),
        "name": f"{study.name}-{inputs.run_id}",
        "synthetic": say["synthetic"] if inputs.synthetic else "",
    }


def _layers(inputs: MapInputs, mode: str) -> dict[str, shapes.Features]:
    """Return lines and sites; an embed has them coarser, and no sites."""
    within = shapes.SIMPLIFY_DEG if mode == "page" else shapes.EMBED_DEG
    return {
        "border": shapes.lines(inputs, ("border",), within),
        "roads": shapes.lines(inputs, ("highway", "road"), within),
        "areas": orientation.areas(inputs, within),
        "corridors": shapes.corridors(inputs, within),
        "sites": shapes.sites(inputs) if mode == "page" else shapes.NONE,
    }


def _exposure(towers: shapes.Features, zones: shapes.Features) -> str:
    """Return what stands on the map beside recorded deaths, by which its words are chosen."""
    if zones["features"]:
        return "zones"
    return "towers" if towers["features"] else "land"


def _named_places(inputs: MapInputs, drawn: dict[str, shapes.Features]) -> bool:
    return len(inputs.table("places")) > 0 or any(
        drawn[name]["features"] for name in ("border", "roads", "areas")
    )


def _tables(inputs: MapInputs, facts: list[view.PeriodFacts]) -> list[text_tables.TextTable]:
    shares = strips.strips_table(inputs)
    return [*([shares] if shares.rows else []), *text_tables.tables(inputs, facts)]


def _central(inputs: MapInputs) -> dict[str, Any]:
    """Return the central figure in both forms, how it is read, and its values as a table."""
    found, said = view.compared(inputs), view.answer(inputs)
    table = text_tables.central_table(inputs)
    if found is None:
        return {"drawings": [], "reading": "", "table": table}
    title = f"{said.title}. {said.change} {words(inputs.language)['central_keys']}"
    return {
        "drawings": central.drawings(found, inputs.language, title),
        "reading": view.read_it(inputs, found),
        "table": table,
    }


def _yearly(inputs: MapInputs) -> list[Markup]:
    rows, title = inputs.table("deaths_by_year"), words(inputs.language)["series_title"]
    drawn = (figures.yearly(rows, inputs.blocks, title, w) for w in _WIDTHS)
    return [chart for chart in drawn if chart]


def _series_note(inputs: MapInputs) -> str:
    """Say what the bars count, of one source or of several."""
    say, count = words(inputs.language), inputs.table("deaths_by_year")["source_id"].nunique()
    return str(say["series_notes"].format(n=count) if count > 1 else say["series_note"])


def _hardship(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return one small chart a component, of the first statistic that has an interval."""
    say, rows = words(inputs.language), inputs.table("hardship_by_block")
    charts = []
    for component, part in rows.groupby("component", sort=False):
        for statistic in ("mean", "median", "share"):
            here = part[part["statistic"] == statistic]
            if here["value"].notna().any():
                charts.append(_chart(str(component), statistic, here, say))
                break
    return charts


def _hardship_note(inputs: MapInputs) -> str:
    """Say how the charts are read, and what the marks are that stand in them."""
    say, told = words(inputs.language), set(inputs.table("hardship_by_block")["group"])
    marks = [text for group, text in say["hardship_groups"].items() if group in told]
    return " ".join((say["hardship_note"], *marks, say["hardship_axis"]))


def _chart(
    component: str, statistic: str, rows: pd.DataFrame, say: dict[str, Any]
) -> dict[str, Any]:
    unit = str(rows["unit"].iloc[0])
    name = say["components"].get(component, component)
    parts = [name, UNITS.get(unit, unit)]
    parts += [] if statistic == "mean" else [say["statistics"][statistic]]
    title = ", ".join(filter(None, parts))
    return {
        "title": title,
        "svg": figures.intervals(rows, title, say["decimal"], from_zero=unit != "degC"),
    }
