"""How modelled movement spreads before and after towers, what hardness is, and the dose."""

from __future__ import annotations

from collections.abc import Mapping

import dask.array as da
import numpy as np
import pandas as pd
import xarray as xr

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from flows.core.store import read_table, write_table
from flows.stages import climate, ensemble
from flows.stages.catchments import write_catchments
from flows.stages.corridors import corridor_labels, draws_corridors
from flows.stages.movement import HOUR_S, energy_cost, energy_table, time_cost
from flows.stages.sight import read_sight
from flows.stages.window_files import WindowFiles
from flows.stages.zones import watched_before
from geo import funnel, leastcost
from geo.aggregation import aggregate
from geo.grid import grid_of, wrap
from geo.records import COVERAGE, CROSSING_BASIS, FUNNEL, LINES, PLACES
from geo.scale import public_side
from geo.strips import held
from geo.study import closed_periods

KILO = 1e3
"""Definition: metres of a kilometre."""


def run(step: StageContext) -> None:
    """Write hardness, then densities, measures and doses as far as towers or zones are known."""
    labels = corridor_labels(step)
    if read_raster(step.folder, "hardness") is None:
        write_raster(step.folder, _hardness(step, labels))
    write_catchments(step, labels)
    in_view = read_raster(step.done["visibility"], "in_view")
    zones = read_raster(step.done["visibility"], "in_zone_year")
    if in_view is None and zones is None:
        return
    if read_raster(step.done["movement"], "hours_to_road") is None:
        return
    model = _Model(step, labels, None if zones is not None else in_view)
    before = model.crossings.before.density
    write_raster(step.folder, _single(before, "density_before"))
    if zones is not None:
        # nobody sees a zone: movement is modelled as it was before, and no measure of change is
        _write_before(step, before)
        _write_dose(step, labels, before, zones, "zones")
        _write_basis(step, model)
        WindowFiles(step.folder).drop()
        return
    assert in_view is not None  # noqa: S101 - one of the two is there
    write_table(step.folder, FUNNEL.name, _measures(step, model, labels))
    by_year = read_raster(step.done["visibility"], "in_view_year")
    assert by_year is not None  # noqa: S101 - written together with in_view
    exposure = "range" if read_sight(step.done["visibility"]).by_range else "view"
    _write_dose(step, labels, before, by_year, exposure)
    _write_basis(step, model)
    WindowFiles(step.folder).drop()


class _Model:
    """The land and its ends, and the crossings of every closed period."""

    def __init__(
        self, step: StageContext, labels: xr.DataArray, in_view: xr.DataArray | None
    ) -> None:
        elevation = read_raster(step.done["terrain"], "elevation")
        assert elevation is not None  # noqa: S101 - the movement step would have failed
        lines = read_table(step.done["ingest"], LINES.name)
        places = read_table(step.done["ingest"], PLACES.name)
        grid, border = grid_of(elevation), lines[lines["kind"] == "border"]
        inland = funnel.Inland.of(
            [lines[lines["kind"] != "border"], places],
            border,
            grid,
            funnel.side_of(labels, border) if draws_corridors(step) else None,
        )
        self.line = funnel.BorderLine.of(border, grid)
        self.cost = energy_cost(step)
        self.land = funnel.MovementDomain(
            held(elevation),
            funnel.border_segments(border, grid),
            inland.beyond(step.study.movement.crossing_depth_m),
            leastcost.LeastCostOptions(neighbours=step.study.movement.neighbours),
            leastcost.Resources(executor=step.executor, workers=step.workers),
            quantities(step, self.cost),
            inland,
        )
        self.seen: dict[str, xr.DataArray] = {}
        if in_view is not None:
            layers = held(in_view)
            self.seen = {p.id: layers.sel(period=p.id) for p in closed_periods(step.study)}
        step.progress(0, 1, "crossings without towers")
        self.crossings = funnel.spread_crossings(
            self.land,
            self.cost,
            funnel.Watch(self.seen, step.study.movement.avoidance),
            step.study.movement.theta,
            WindowFiles(step.folder),
            step.progress,
        )


def quantities(
    step: StageContext, energy: leastcost.CostModel
) -> dict[str, funnel.CrossingQuantity]:
    """Return what to count along the routes of the study's own walker."""
    return {
        "energy": funnel.CrossingQuantity(energy, "kJ", KILO),
        "hours": funnel.CrossingQuantity(time_cost(step), "h", HOUR_S),
        **climate.litres(step),
    }


def _hardness(step: StageContext, labels: xr.DataArray) -> xr.DataArray:
    slope = read_raster(step.done["terrain"], "slope")
    remoteness = read_raster(step.done["movement"], "hours_to_road")
    assert slope is not None  # noqa: S101
    cost = energy_cost(step)
    energy = funnel.energy_per_km(slope, energy_table(step.study), cost.friction)
    if remoteness is None:
        remoteness = wrap(np.ones(slope.shape), grid_of(slope), "hours_to_road", "h")
    hard = funnel.hardness(energy, held(remoteness), labels)
    hard.attrs.pop("names", None)
    return hard


def _measures(step: StageContext, model: _Model, labels: xr.DataArray) -> pd.DataFrame:
    """Tabulate every measure, with the band of the ensemble where the study has one.

    Densities at the strongest avoidance are written on the way: a wide land holds one at a time.
    """
    if not model.seen:
        return FUNNEL.empty()
    along = model.line.along(grid_of(model.land.elevation))
    avoidances, layers = step.study.movement.avoidance, {}
    wanted = [(period, a) for period in model.seen for a in avoidances]
    found: dict[funnel.Key, funnel.Measure] = {}
    for n, (period, avoidance) in enumerate(wanted):
        step.progress(n, len(wanted), f"crossings, {period}, avoidance {avoidance:g}")
        after = model.crossings.after(period, avoidance)
        seen, before = model.seen[period], model.crossings.before
        for segment, m in funnel.changes(before, after, seen, labels, along):
            found[period, segment, avoidance, m.name] = m
        if avoidance == max(avoidances):
            layers[period] = after.density
    _write_densities(step, layers)
    bands = ensemble.bands(
        step, model.land, model.seen, {key: m.value for key, m in found.items()}, model.line
    )
    return pd.DataFrame([_row(key, m, bands.get(key)) for key, m in found.items()])


def _row(key: funnel.Key, m: funnel.Measure, band: tuple[float, float] | None) -> dict[str, object]:
    period, segment, avoidance, name = key
    low, high = band or (None, None)
    return {
        "period_id": period,
        "segment": segment,
        "avoidance": avoidance,
        "measure": name,
        "value": m.value,
        "low": low,
        "high": high,
        "unit": m.unit,
        "definition": m.definition,
        "row_id": f"funnel:{period}:{segment}:{avoidance:g}:{name}",
        "parents": "step:funnel",
    }


def _write_basis(step: StageContext, model: _Model) -> None:
    """Write where crossings start and end, what was left out, and which depths were drawn."""
    table = funnel.crossing_facts(
        model.land,
        model.crossings.reached,
        step.study.movement.crossing_depth_m,
        ensemble.depths_drawn(step),
    )
    table["row_id"] = "crossing-basis:" + table["aspect"]
    table["parents"] = "step:ingest step:terrain"
    write_table(step.folder, CROSSING_BASIS.name, table)


def _write_densities(step: StageContext, layers: Mapping[str, xr.DataArray]) -> None:
    """Write the densities of closed periods at the strongest avoidance."""
    stacked = [layer.data.astype(np.float32) for layer in layers.values()]
    lazy = any(hasattr(layer, "dask") for layer in stacked)
    density = wrap(
        da.stack(stacked) if lazy else np.stack(stacked),
        grid_of(next(iter(layers.values()))),
        "density",
        "1",
        coords={"period": list(layers)},
    )
    write_raster(step.folder, density)
    _write_public(step, density)


def _write_public(step: StageContext, density: xr.DataArray) -> None:
    """Write the density of closed periods on cells that may be published."""
    periods = [str(p) for p in density["period"].values]
    cell_m = public_side(grid_of(density), step.study.privacy.surface_cell_m)
    coarse = aggregate(density, cell_m, "sum") / (cell_m / KILO) ** 2
    public = wrap(
        coarse.values.astype(np.float32),
        grid_of(coarse),
        "route_density",
        "1/km2",
        coords={"period": periods},
    )
    write_raster(step.folder, public)


def _write_before(step: StageContext, before: xr.DataArray) -> None:
    """Publish movement before towers, for the first period where that is closed."""
    first = step.study.periods[0]
    if first in closed_periods(step.study):
        layer = before.data.astype(np.float32)[None]
        _write_public(
            step, wrap(layer, grid_of(before), "density", "1", coords={"period": [first.id]})
        )


def _write_dose(
    step: StageContext,
    labels: xr.DataArray,
    before: xr.DataArray,
    by_year: xr.DataArray,
    exposure: str,
) -> None:
    table = funnel.dose(by_year, before, labels).rename(columns={"period": "year"})
    table["exposure"] = exposure
    older = watched_before(step, before, labels)
    table["watched_before"] = np.nan if older is None else table["corridor"].map(older)
    table["year"] = table["year"].str.removeprefix("y").astype(int)
    table["row_id"] = "coverage:" + table["corridor"] + ":" + table["year"].astype(str)
    table["parents"] = "step:visibility step:funnel"
    write_table(step.folder, COVERAGE.name, table)


def _single(density: xr.DataArray, name: str) -> xr.DataArray:
    return wrap(density.data.astype(np.float32), grid_of(density), name, "1")
