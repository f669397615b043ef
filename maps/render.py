"""The page, its embed and the snippet that puts the embed into somebody else's page."""

from __future__ import annotations

from itertools import pairwise
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
SURFACES = ("hardness_rank", "in_view_share", "route_density", "hardship")


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


def _render(inputs: MapInputs, mode: str) -> str:
    say = words(inputs.language)
    study = inputs.study
    cells, towers, zones = (f(inputs) for f in (shapes.death_cells, shapes.towers, shapes.zones))
    drawn = _layers(inputs, mode) | {"zones": zones, "towers": towers, "deaths": cells}
    classed = _surfaces(inputs)
    relief = inputs.rasters.get("relief")
    wide = surfaces.RELIEF_PIXELS if mode == "page" else surfaces.EMBED_PIXELS
    shaded = None if relief is None else surfaces.relief(relief, study.bounds_lonlat, wide)
    facts = view.period_facts(inputs, cells, towers, zones)
    head = view.headline(inputs)
    map_script = base.script(study.bounds_lonlat, shaded, classed, drawn, say["alt"])
    cited = attribution.sources(inputs)
    middle = _central(inputs)
    located = locator.locator(inputs)
    told = story.steps(inputs, facts, set(classed)) if mode == "page" else []
    context = {
        "mode": mode,
        "say": say,
        "inputs": inputs,
        "study": study,
        "head": head,
        "answer": view.answer(inputs),
        "central": middle,
        "story": told,
        "span": view.span(inputs),
        "about": say["about_map"][_exposure(towers, zones)],
        "km2": view.cell_size(inputs),
        "periods": inputs.blocks,
        "locator": "" if located is None else locator.drawing(located, inputs),
        "orientation": orientation.told(inputs, located=located is not None),
        "area_kinds": sorted({f["properties"]["kind"] for f in drawn["areas"]["features"]}),
        "drawn": {name: bool(c["features"]) for name, c in drawn.items()}
        | {"places": _named_places(inputs, drawn)},
        "surfaces": [_legend(inputs, s) for s in classed.values()],
        "yearly": _yearly(inputs),
        "series_note": _series_note(inputs),
        "hardship": _hardship(inputs) if mode == "page" else [],
        "hardship_note": _hardship_note(inputs),
        "findings": view.findings(inputs) if mode == "page" else [],
        "strongest": view.objections(inputs) if mode == "page" else [],
        "counts": counts.counts(inputs) if mode == "page" else [],
        "counts_note": counts.counts_note(inputs),
        "tall": counts.tall(inputs),
        "changes": changes.route_changes(inputs) if mode == "page" else [],
        "changes_key": changes.key(inputs),
        "strips": strips.strips(inputs) if mode == "page" else [],
        "tables": _tables(inputs, facts) if mode == "page" else [],
        "missing": attribution.missing(inputs),
        "sources": cited,
        "contact": attribution.contact(inputs),
        "switch": inputs.named("funnel.html", "es" if inputs.language == "en" else "en"),
    }
    data = {
        "mode": mode,
        "say": {k: say[k] for k in ("panel", "classes")} | {"central": say["columns_central"][1:]},
        "bounds": study.bounds_lonlat,
        "periods": [
            {
                "id": p.id,
                "label": p.label,
                "says": f.sentence(say),
            }
            for p, f in zip(inputs.blocks, facts, strict=True)
        ],
        "surfaces": {s.name: _told(inputs, s) for s in classed.values()},
        "shapes": {name: [f["properties"] for f in c["features"]] for name, c in drawn.items()},
        "labels": orientation.labels(inputs),
        "corridors": {row[0]: row[1:] for row in middle["table"].rows},
        "source": "; ".join(s["title"] for s in cited),
        "story": {s.id: {"period": s.period, "surface": s.surface, "off": s.off} for s in told},
        "credit": attribution.credit(inputs),
        "name": f"{study.name}-{inputs.run_id}",
        "synthetic": say["synthetic"] if inputs.synthetic else "",
    }
    return write("page.html.j2", context, map_script, data)


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


def _surfaces(inputs: MapInputs) -> dict[str, surfaces.SurfaceLayer]:
    found = {}
    for name in SURFACES:
        if name in inputs.rasters:
            classed = surfaces.surface(inputs.rasters[name], inputs.study.bounds_lonlat)
            if classed:
                found[name] = classed
    return found


def _legend(inputs: MapInputs, classed: surfaces.SurfaceLayer) -> dict[str, Any]:
    say = words(inputs.language)
    told = say["surfaces"][classed.name]
    unproved = classed.name == "route_density" and not inputs.route_validated
    return {
        "name": classed.name,
        "title": told["title"],
        "unit": told["unit"],
        "caution": say["not_validated"] if unproved else "",
        "classes": list(zip(classed.colours, _class_names(inputs, classed), strict=True)),
    }


def _told(inputs: MapInputs, classed: surfaces.SurfaceLayer) -> dict[str, Any]:
    legend = _legend(inputs, classed)
    under = [inputs.period_in(block) for block in inputs.blocks]
    return {
        "title": legend["title"],
        "unit": legend["unit"],
        "caution": legend["caution"],
        "meaning": _meaning(inputs, classed.name),
        "colours": [colour for colour, _ in legend["classes"]],
        "classes": [name for _, name in legend["classes"]],
        "periods": [
            0
            if "" in classed.pictures
            else _place(list(classed.pictures), "" if p is None else p.id)
            for p in under
        ],
        "of": ["" if "" in classed.pictures or p is None else p.label for p in under],
    }


def _meaning(inputs: MapInputs, name: str) -> str:
    say = words(inputs.language)
    if name == "route_density" and len(inputs.table("zones")):
        return str(say["routes_before"])
    return str(say["surfaces"][name]["meaning"])


def _place(periods: list[str], wanted: str) -> int:
    return periods.index(wanted) if wanted in periods else -1


def _class_names(inputs: MapInputs, classed: surfaces.SurfaceLayer) -> list[str]:
    say = words(inputs.language)
    if classed.name == "hardness_rank":
        return list(say["fifths"])
    share = classed.name == "in_view_share"
    edges = [view.percent(v) if share else _plain(v, say) for v in classed.breaks]
    edges[0] = say["above_zero"] if classed.breaks[0] == 0 else edges[0]
    names = [say["from_to"].format(low=low, high=high) for low, high in pairwise(edges)]
    end = "from_to" if share else "from_on"
    return [*names, say[end].format(low=edges[-1], high=view.percent(1))]


def _plain(value: float, say: dict[str, Any]) -> str:
    return str(say["decimal"]).join(f"{value:g}".split("."))


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
