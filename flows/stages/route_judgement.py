"""Whether recorded deaths bear the route model out, and the dose that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import xarray as xr

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from geo.aggregation import aggregate
from geo.errors import IdentificationError
from geo.grid import distance_km, grid_of
from geo.inference.panel import route_validation as routes
from geo.records import COVERAGE, DEATHS, LINES
from geo.scale import public_side


@dataclass(frozen=True)
class Judged:
    """The route model as the records before the first tower judge it.

    Attributes
    ----------
    found
        None where it cannot be judged.
    reason
        Why not.
    density
        (y, x) modelled movement before the first tower, None without one.
    """

    found: routes.Validation | None
    reason: str
    density: xr.DataArray | None

    @property
    def believed(self) -> bool:
        """Whether the model may weigh what towers saw."""
        return self.found is not None and self.found.validated


def judge(step: StageContext) -> Judged:
    """Score the route model on recorded pre-tower GPS records, also where others are planted."""
    density = read_raster(step.done["funnel"], "density_before")
    if density is None:
        return Judged(None, "there is no modelled movement before the first tower", None)
    deaths = read_table(step.done["ingest"], DEATHS.name)
    cell_m = public_side(grid_of(density), step.study.privacy.surface_cell_m)
    coarse = aggregate(density, cell_m, "sum")
    lines = read_table(step.done["ingest"], LINES.name)
    border = lines["kind"] == "border"
    start, end = (pd.Timestamp(day) for day in step.study.pre_tower)
    early = (deaths["found_on"] >= start) & (deaths["found_on"] < end)
    judging = early & (deaths["precision_class"] == "gps") & deaths["exclusion_reason"].isna()
    points = deaths.geometry[judging].to_crs(step.study.crs)
    try:
        found = routes.validate_routes(
            coarse,
            distance_km(lines[border], grid_of(coarse)),
            distance_km(lines[~border], grid_of(coarse)),
            points.x.to_numpy(),
            points.y.to_numpy(),
        )
    except IdentificationError as error:
        return Judged(None, str(error), density)
    return Judged(found, "", density)


def weighed(step: StageContext, judged: Judged) -> tuple[xr.DataArray | None, pd.DataFrame]:
    """Return what weighs land in the dose, None for all land alike, and the headline's dose."""
    dose = read_table(step.done["funnel"], COVERAGE.name)
    zones = read_raster(step.done["visibility"], "in_zone_year")
    if judged.density is None or not (judged.believed or zones is not None):
        # a route model that records do not bear out may not weigh what towers saw; zones have no
        # other measure, since a share of land depends on how far inland a corridor is drawn
        return None, dose.assign(dose=dose["area_share"])
    return judged.density, dose
