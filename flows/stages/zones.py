"""Exposure by programme zones, where a study has no towers: its rasters, its draws, its marks."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from flows.core.store import read_table, write_table
from flows.stages.exposures import Exposures
from geo import funnel, visibility
from geo.grid import grid_of, outline, wrap
from geo.records import LINES, ZONES
from geo.study import stream, study_years
from geo.visibility.activity import DateInterval
from geo.visibility.zones import Frontier, Version, before_towers, version

OUTLINE_M = 2_000.0
"""Safeguard: how far a drawn outline may lie from the zone's own, m."""
SPANS_HELD = 8
"""Numerical: spans whose share of the land in zones is held at once."""
NO_VIEW = "exposure is by programme zones: land inside a zone was not thereby in view of a tower"
NO_SITES = "exposure is by programme zones, which have no sites that could be matched elsewhere"
NO_RANGE = "exposure is by programme zones, which have no range"
NOT_RUN = {
    "in_view.all": NO_VIEW,
    **dict.fromkeys(("R7.range_7.5_km", "R7.range_10_km", "R7.range_15_km"), NO_RANGE),
    "R2.placebo_towers": NO_SITES,
}
"""Analyses that ask what a tower saw = why they are not run where exposure is by zones."""
COVERAGE_WORDS = "coverage by programme zones"
CAP_REASON = (
    "exposure is by programme zones, not towers: where a programme worked is known more coarsely "
    "than what it saw"
)
"""Why a claim from zones stops at L1."""


def write_zones(
    step: StageContext, zones: gpd.GeoDataFrame, border: gpd.GeoDataFrame, grid: GeoBox
) -> None:
    """Write the zones' share of every year, the older zones' ground, and outlines to be drawn."""
    found = version(zones, Frontier.of(border, grid), step.study.periods[-1].end)
    older = before_towers(zones, step.study.pre_tower[1])
    write_raster(step.folder, found.only(~older).share(study_years(step.study), grid))
    before = found.cells[older].any(axis=0).astype(np.float32)
    write_raster(step.folder, wrap(before, grid, "zone_before", "1"))
    write_table(step.folder, ZONES.name, _outlined(zones, found, grid))


def zone_exposures(
    step: StageContext, density: xr.DataArray | None, labels: xr.DataArray
) -> Exposures:
    """Return doses under drawn spans, depths and dates, at their bounds, and by programme.

    Parameters
    ----------
    step
        The inference step.
    density
        (y, x) pre-tower route density; None weighs all land alike.
    labels
        Corridor labels.
    """
    study = step.study
    zones = read_table(step.done["ingest"], ZONES.name)
    lines = read_table(step.done["ingest"], LINES.name)
    frontier = Frontier.of(lines[lines["kind"] == "border"], grid_of(labels))
    older = before_towers(zones, study.pre_tower[1])
    rng = stream(study.seed, "zones")
    end, draws = study.periods[-1].end, study.inference.imputations

    def dose(found: Version, column: str = "dose") -> pd.DataFrame:
        return _by_year(_dose(found, study_years(study), density, labels), column)

    dosed = zones[~older]
    drawn = []
    for number in range(draws):
        step.progress(number, draws, "doses of drawn zones")
        drawn.append(dose(version(dosed, frontier, end, "draw", rng)))
    middle = version(dosed, frontier, end)
    changed = {"R7.area_weighted": dose(middle, "area_share")}
    for rule in ("widest", "narrowest"):
        changed[f"R7.zones_{rule}"] = dose(version(dosed, frontier, end, rule))
    programme = dosed["programme"].to_numpy()
    batches = {str(p): dose(middle.only(programme != p)) for p in sorted(set(programme))}
    return Exposures(
        drawn, changed, batches, {}, refused=dict(NOT_RUN),
        months=_by_month(middle, study.years, density, labels),
    )  # fmt: skip


def _by_month(
    middle: Version, years: Sequence[int], density: xr.DataArray | None, labels: xr.DataArray
) -> pd.DataFrame:
    """Return doses by month: what zones cover between the days on which one starts or ends."""
    spans = visibility.constant_spans(middle.zones, years)
    found = _dose(middle, spans, density, labels)
    return visibility.dose_by_month(found[["corridor", "period", "dose"]], spans, years)


def _dose(
    found: Version,
    spans: Sequence[DateInterval],
    density: xr.DataArray | None,
    labels: xr.DataArray,
) -> pd.DataFrame:
    """Return doses by span, some spans at a time: a land in every span is not held."""
    parts = [spans[n : n + SPANS_HELD] for n in range(0, len(spans), SPANS_HELD)]
    grid = grid_of(labels)
    doses = [funnel.dose(found.share(part, grid), density, labels) for part in parts]
    return pd.concat(doses, ignore_index=True)


def watched_before(
    step: StageContext, density: xr.DataArray, labels: xr.DataArray
) -> pd.Series | None:
    """Return each corridor's share of pre-tower movement that older zones or towers covered.

    None where none is known.
    """
    zones = read_raster(step.done["visibility"], "zone_before")
    views = read_raster(step.done["visibility"], "view_before")
    if zones is None and views is None:
        return None
    before = views.isel(period=0, drop=True) if zones is None else zones  # type: ignore[union-attr]
    table = funnel.dose(before.load().expand_dims(when=["before"]), density, labels)
    return table.set_index("corridor")["dose"]


def _by_year(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "corridor": table["corridor"],
            "year": table["period"].str.removeprefix("y").astype(int),
            "dose": table[column],
        }
    )


def _outlined(zones: gpd.GeoDataFrame, found: Version, grid: GeoBox) -> gpd.GeoDataFrame:
    """Return the zones that touch the area, with the outline of their middle version."""
    touched = found.cells.any(axis=(1, 2))
    areas = [outline(cells, grid, OUTLINE_M) for cells in found.cells[touched]]
    shapes = gpd.GeoSeries(areas, crs=str(grid.crs)).to_crs(ZONES.crs)
    return zones[touched].set_geometry(shapes.to_numpy(), crs=ZONES.crs)
