"""Public tables, the map, and the bundle that may be published as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

import maps
from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from flows.stages.calibration import calibration
from flows.stages.corridors import corridor_labels
from flows.stages.ingest import READERS
from flows.stages.named_areas import absent, named_areas, tables_of
from flows.stages.recorded import accounts, recorded
from flows.stages.sight import read_sight
from geo import evidence, visibility
from geo.aggregation import aggregate
from geo.funnel import coarse_hardness
from geo.grid import coarse_grid, grid_of, wrap
from geo.inference import PLAN
from geo.records import (
    AREAS,
    CORRIDOR_BASIS,
    CORRIDORS,
    COUNTS,
    COVARIATES,
    COVERAGE,
    CROSSING_BASIS,
    ESTIMATES,
    EXPOSURES,
    FUNNEL,
    LINES,
    PLACES,
    SITES,
    SNAPSHOTS,
    TABLES,
    TOWER_DATING,
    TOWERS,
    VINTAGES,
    ZONES,
)
from geo.scale import public_side
from geo.sources import WITHHELD
from geo.study import Study, closed_periods

TABLES_OF = {
    "ingest": (
        *(VINTAGES, TOWERS, TOWER_DATING, LINES, PLACES, CORRIDORS, CORRIDOR_BASIS),
        *(COVARIATES, SITES),
    ),
    "funnel": (COVERAGE, CROSSING_BASIS, FUNNEL),
    "hardship": (EXPOSURES,),
    "inference": (ESTIMATES,),
}


def run(step: StageContext) -> None:
    """Aggregate under the floors, draw the page, write the bundle."""
    found = findings(step)
    step.progress(0, 3, "public tables")
    tables = evidence.public_tables(found)
    step.progress(1, 3, "map")
    pages = _pages(step, found, tables)
    step.progress(2, 3, "bundle")
    evidence.write_bundle(step.out, found, pages, tables)


def findings(step: StageContext) -> evidence.Findings:
    """Collect what the steps before found."""
    question, areas = step.question, named_areas(step.question)
    known = {given.sha256: reading.reader for given, reading in areas}
    told = accounts(step, recorded(step), SNAPSHOTS.conform(_snapshots(step, known)))
    return evidence.Findings(
        study=step.study,
        run_id=question.run_id,
        code_version=question.code,
        tables={
            table.name: read_table(step.done[stage], table.name)
            for stage, names in TABLES_OF.items()
            for table in names
        }
        | {ZONES.name: _closed_zones(step)}
        | told
        | tables_of(areas, told),
        rasters=_public_rasters(step),
        skipped=tuple((s.what, s.missing, s.how) for s in question.missing),
        withdrawn=_withdrawn(step),
        environment=question.environment,
        calibration=calibration(),
        steps=step.chain,
    )


def _closed_zones(step: StageContext) -> pd.DataFrame:
    """Return the zones that stood in for towers and began in a period that is closed."""
    zones = read_table(step.done["visibility"], ZONES.name)
    last = max((p.end for p in closed_periods(step.study)), default=step.study.periods[0].start)
    return zones[zones["active_from_earliest"] < pd.Timestamp(last)]


def _snapshots(step: StageContext, areas: Mapping[str, str]) -> pd.DataFrame:
    """Return every snapshot of the run, with the reader that recognised it: here, or in ingest."""
    known = json.loads((step.done["ingest"] / READERS).read_text("utf-8")) | areas
    rows = []
    for given in step.question.inputs:
        facts = {**given.facts, "role": given.role, "source_id": given.source_id}
        facts["reader"] = known.get(given.sha256) or facts.get("reader") or "raster"
        facts["row_id"], facts["parents"] = f"snapshot:{given.sha256[:16]}", given.sha256
        rows.append({k: v for k, v in facts.items() if k in SNAPSHOTS.names})
    return pd.DataFrame(rows).drop_duplicates(["source_id", "sha256"])


def _withdrawn(step: StageContext) -> int:
    counts = read_table(step.done["ingest"], COUNTS.name)
    return int(counts.loc[counts["reason"] == WITHHELD, "records"].sum())


def _public_rasters(step: StageContext) -> Mapping[str, xr.DataArray]:
    rasters: dict[str, xr.DataArray] = {}
    relief = read_raster(step.done["terrain"], "relief")
    if relief is not None:
        rasters["relief"] = relief.load()
    in_view = read_raster(step.done["visibility"], "in_view")
    closed = [p.id for p in closed_periods(step.study)]
    # discs of range are no surface of what was seen; the table by corridor carries them
    if in_view is not None and closed and not read_sight(step.done["visibility"]).by_range:
        cell_m = _cell_m(step, in_view)
        rasters["in_view_share"] = visibility.publish_share(
            in_view.to_dataset(name="in_view"), cell_m, closed=closed
        )
    energy = read_raster(step.done["movement"], "energy_from_border")
    if energy is not None and closed:
        coarse = aggregate(energy, _cell_m(step, energy))
        values = np.asarray(coarse.values, np.float32)
        rasters["hardship"] = wrap(values, grid_of(coarse), "hardship", "MJ")
    hard = read_raster(step.done["funnel"], "hardness")
    if hard is not None and closed:
        side = _cell_m(step, hard)
        labels = corridor_labels(step, coarse_grid(grid_of(hard), side))
        rasters["hardness_rank"] = coarse_hardness(hard, labels, side)
    density = read_raster(step.done["funnel"], "route_density")
    if density is not None:
        rasters["route_density"] = density.load()
    return rasters


def _cell_m(step: StageContext, array: xr.DataArray) -> float:
    return public_side(grid_of(array), step.study.privacy.surface_cell_m)


def _pages(
    step: StageContext, found: evidence.Findings, tables: Mapping[str, pd.DataFrame]
) -> dict[str, str | bytes]:
    study = step.study
    inputs = maps.MapInputs(
        study=study,
        run_id=step.question.run_id,
        version=step.question.code[:12],
        as_of=study.as_of,
        tables=_shown(step, found, tables),
        rasters=found.rasters,
        skipped=found.skipped,
        shown_share=evidence.located_share(found),
        absent_sources=absent(step.question),
        main=study.language,
    )
    pages: dict[str, str | bytes] = {"headline.json": _headline(study, tables)}
    for language in maps.LANGUAGES:
        told = replace(inputs, study=study.in_language(language), language=language)
        made: dict[str, str | bytes] = {
            "maps/funnel.html": maps.page(told),
            "maps/embed.html": maps.embed(told),
            "maps/snippet.html": maps.snippet(told),
            "maps/funnel.png": maps.picture(told),
            "maps/funnel-1x1.png": maps.picture(told, "1x1"),
        }
        made |= {f"maps/{name}": data for name, data in maps.windows(told).items()}
        pages |= {evidence.in_language(n, language, study.language): p for n, p in made.items()}
    return pages


def _shown(
    step: StageContext, found: evidence.Findings, tables: Mapping[str, pd.DataFrame]
) -> Mapping[str, pd.DataFrame]:
    """Public tables that have a contract; lines, places and areas that orient a reader."""
    shown = {n: t for n, t in tables.items() if n in TABLES}
    for table in (LINES, PLACES, CORRIDORS):
        shown[table.name] = read_table(step.done["ingest"], table.name)
    return shown | {AREAS.name: found.tables[AREAS.name]}


def _headline(study: Study, tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the finding for whoever reads a bundle by program: the command line, explain."""
    said, spanish = evidence.headline(study, tables), evidence.headline(study, tables, "es")
    found: dict[str, str | int] = {
        "sentence": said.sentence, "sentence_es": spanish.sentence, "claim_level": said.level,
        "row_id": said.row_id, "plan": PLAN,
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False)
