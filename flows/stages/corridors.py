"""Corridors of a study: those it draws, else those made for it; as polygons and as a raster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from geo import funnel, sources
from geo.funnel.corridor_names import named_by_places
from geo.funnel.corridors import CorridorPlan, LabelledPoints, make_corridors
from geo.grid import grid_of
from geo.records import CORRIDOR_BASIS, CORRIDORS
from geo.sources import USABLE_PLACES
from geo.sources.corridor_cells import kept_cells
from geo.study import Study, study_grid

DRAWN = "Corridors: the {count} of the study's own polygons."
MADE = "made"
"""Source of corridors that come from no single file."""


def corridors(step: StageContext) -> gpd.GeoDataFrame:
    """Return the study's corridors (`CORRIDORS`); one where none are drawn and none can be made."""
    found: gpd.GeoDataFrame = read_table(step.done["ingest"], CORRIDORS.name)
    if not found.empty:
        return found
    return gpd.GeoDataFrame(
        {"corridor": [funnel.EVERYWHERE]},
        geometry=[box(*step.study.bounds_lonlat)],
        crs=CORRIDORS.crs,
    )


def draws_corridors(step: StageContext) -> bool:
    """Say whether the study has corridors, which lie on its own side of the border."""
    return not read_table(step.done["ingest"], CORRIDORS.name).empty


def corridor_labels(step: StageContext, grid: GeoBox | None = None) -> xr.DataArray:
    """Return the corridor of every cell; one corridor where the study has none.

    Parameters
    ----------
    step
        A step after terrain.
    grid
        The study's own by default.
    """
    if grid is None:
        elevation = read_raster(step.done["terrain"], "elevation")
        assert elevation is not None  # noqa: S101 - the movement step would have failed
        grid = grid_of(elevation)
    polygons = corridors(step)
    return labelled(polygons, grid, corridor_systems(step.study, polygons))


def corridor_systems(study: Study, polygons: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the record system of each corridor; empty where one holds all."""
    return sources.systems_of_corridors(polygons, sources.systems_of(study))


def labelled(polygons: gpd.GeoDataFrame, grid: GeoBox, systems: Mapping[str, str]) -> xr.DataArray:
    """Return the corridor of every cell, with the record system of each where there are several."""
    labels = funnel.corridor_labels(polygons, grid)
    if systems:
        labels.attrs["systems"] = tuple(systems[n] for n in labels.attrs["names"])
    return labels


def made_corridors(
    study: Study,
    drawn: gpd.GeoDataFrame | None,
    deaths: Sequence[gpd.GeoDataFrame],
    border: gpd.GeoDataFrame | None,
    places: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the corridors of a study and where they come from (`CORRIDORS`, `CORRIDOR_BASIS`).

    Parameters
    ----------
    study
        The study.
    drawn
        Its own polygons, where a source has them.
    deaths
        Records of each source, fitted to the study (`geo.sources.fit`).
    border
        Its border line, where a source has it.
    places
        Settlements, after which strips are called.
    """
    if drawn is not None and len(drawn):
        fact = ("corridors", len(drawn), "1", DRAWN.format(count=len(drawn)))
        facts = pd.DataFrame([fact], columns=["aspect", "value", "unit", "sentence"])
        return _divided(study, drawn, facts)
    rules = study.corridors
    made = make_corridors(
        CorridorPlan(
            rules.basis,
            None if rules.strip_km is None else 1e3 * rules.strip_km,
            study.privacy.min_group,
            None if rules.cells is None else kept_cells(rules.cells),
        ),
        _marks(study, deaths),
        gpd.GeoDataFrame(geometry=[], crs=CORRIDORS.crs) if border is None else border,
        study.bounds_lonlat,
        study_grid(study),
    )
    shapes = made.polygons
    if places is not None and border is not None and (shapes["basis"] == "strips").all():
        shapes = named_by_places(shapes, places, border, study.crs)
    own = {"source_id": MADE, "source_row": np.arange(1, len(shapes) + 1)}
    return _divided(study, CORRIDORS.conform(shapes.assign(**own)), made.facts)


def _divided(
    study: Study, polygons: gpd.GeoDataFrame, facts: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Cut corridors into the ground of each record system, where the study has several."""
    systems = sources.systems_of(study)
    cut = sources.cut_by_system(polygons, systems, study.crs)
    if cut is polygons:
        return polygons, _basis(facts)
    home = pd.Series(sources.systems_of_corridors(cut, systems))
    shares = "; ".join(f"{n} {(home == n).sum()}" for n in dict.fromkeys(s.name for s in systems))
    whole = {str(c) for c in cut["corridor"]}
    parts = {str(c).rpartition(", ")[0] for c in cut["corridor"]} | whole
    lost = [str(c) for c in polygons["corridor"] if str(c) not in parts]
    said = f"They are cut where record systems meet ({shares})"
    said += f"; {len(lost)} lie on ground of no record system and are left out." if lost else "."
    row = ("corridors by record system", len(cut), "1", said)
    more = pd.DataFrame([row], columns=["aspect", "value", "unit", "sentence"])
    return cut, _basis(pd.concat([facts, more], ignore_index=True))


def _basis(facts: pd.DataFrame) -> pd.DataFrame:
    rows = [f"corridor-basis:{aspect}" for aspect in facts["aspect"]]
    return CORRIDOR_BASIS.conform(facts.assign(row_id=rows, parents="step:ingest"))


def _marks(study: Study, deaths: Sequence[gpd.GeoDataFrame]) -> LabelledPoints:
    """Return the places of records, and what labels say of them, wherever in the file they lie."""
    if not deaths:
        none = np.zeros(0)
        return LabelledPoints(none, none, none.astype(object), none.astype(bool), none.astype(bool))
    table = pd.concat(list(deaths), ignore_index=True)
    reason = table["exclusion_reason"]
    table = table[(reason.isna() | reason.isin(USABLE_PLACES)) & ~table.geometry.is_empty]
    return LabelledPoints(
        table.geometry.x.to_numpy(float),
        table.geometry.y.to_numpy(float),
        table["corridor"].astype(object).where(table["corridor"].notna(), None).to_numpy(object),
        (table["precision_class"] == "gps").to_numpy(bool),
        (table["found_on"] < pd.Timestamp(study.pre_tower[1])).to_numpy(bool),
    )
