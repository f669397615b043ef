"""What is true of a made-up study: land, towers, exposures and expected numbers of deaths.

Expected numbers follow the model of the primary analysis,

    E[Y_cqt] = exp(alpha_cq + delta_ct + kappa_qt + beta D_ct H_q),

with hardness H and dose D computed by the same functions as in the pipeline. The volume of each
corridor-year is fixed first and beta moves deaths between its bins: nobody is rescued, people move.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr

from geo import funnel, leastcost, locomotion, terrain, visibility
from geo.grid import burn, grid_of, wrap
from geo.study import Period, Study, stream
from geo.synthetic.landscape import Landscape, landscape, plan
from geo.synthetic.towers import tower_rows, tower_table
from geo.typing import Floats

OFF_ROUTE = 0.25
"""Made up: share of people who are anywhere in their corridor, whatever a route model says."""
LETHALITY = 0.10
"""Made up: log ratio of deaths to passages per standard deviation of hardness, before towers."""
PLACE_SD = 0.15
"""Made up: spread of place factors alpha that neither routes nor hardness explain, in logs."""
DRIFT = 0.01
"""Made up: yearly border-wide drift kappa of the hardness gradient, in logs."""
VOLUME_SD = 0.10
"""Made up: yearly step of a corridor's volume delta, in logs."""


@dataclass(frozen=True)
class GroundTruth:
    """A made-up study, with everything that real records hide.

    Attributes
    ----------
    study
        The study.
    land
        Its landscape.
    towers
        Its towers as a publisher would list them.
    labels, hardness, bins
        (y, x) corridor, hardness and hardness bin of every cell.
    routes
        (y, x) route density before towers.
    in_view
        (year, y, x) share of each study year in view.
    dose
        (corridor, year) share of route density in view.
    expected
        (corridor, bin, year) expected numbers of deaths.
    """

    study: Study
    land: Landscape
    towers: pd.DataFrame
    labels: xr.DataArray
    hardness: xr.DataArray
    bins: xr.DataArray
    routes: xr.DataArray
    in_view: xr.DataArray
    dose: xr.DataArray
    expected: xr.DataArray


def world(study: Study) -> GroundTruth:
    """Make up everything about a study but the draw of its records.

    Parameters
    ----------
    study
        A study with a `synthetic` part.

    Returns
    -------
    GroundTruth
        Land, towers, exposures and expected numbers of deaths.

    Raises
    ------
    StudyError
        If it has none, or the strip does not fit into its bounds.

    Examples
    --------
    >>> from geo import examples, synthetic
    >>> world = synthetic.world(examples.made_up_strip())
    >>> world.expected.dims, round(float(world.expected.sum()))
    (('corridor', 'bin', 'year'), 500)
    """
    land = landscape(study)
    rows = tower_rows(study, land)
    labels = funnel.corridor_labels(land.corridors, grid_of(land.elevation))
    energy, time = costs(study, land)
    goals = burn(pd.concat([land.roads, land.places]), grid_of(land.elevation))
    hard = hardness(study, land, energy, time, goals, labels)
    routes = _routes(study, land, energy)
    in_view = _in_view(study, land, rows)
    dose = _dose(in_view, routes, labels)
    bins = funnel.hardness_bins(hard, labels, study.inference.bins)
    expected = _expected(study, bins, labels, routes, dose)
    return GroundTruth(study, land, rows, labels, hard, bins, routes, in_view, dose, expected)


def study_years(study: Study) -> tuple[Period, ...]:
    """Return the years in which made-up people die, calendar years, as periods."""
    made_up = plan(study)
    return tuple(
        Period(id=f"y{y}", label=str(y), start=date(y, 1, 1), end=date(y + 1, 1, 1))
        for y in range(made_up.first_year, made_up.first_year + made_up.years)
    )


def costs(study: Study, land: Landscape) -> tuple[leastcost.CostModel, leastcost.CostModel]:
    """Return what a horizontal metre costs: energy [J] and time [s], by slope and ground."""
    walker = locomotion.walker(study.walkers[0])
    metabolic, speed = study.movement.metabolic, study.movement.speed
    ground_energy = locomotion.energy_coefficients(land.landcover, "nlcd")
    ground_time = locomotion.time_coefficients(land.landcover, "nlcd")
    energy = locomotion.energy_per_metre(walker, metabolic=metabolic, speed=speed)
    time = locomotion.time_per_metre(speed=speed)
    factor = locomotion.energy_friction(ground_energy, walker, metabolic=metabolic, speed=speed)
    slower = locomotion.time_friction(ground_time, speed=speed)
    return (
        leastcost.CostModel(energy, factor, length="horizontal"),
        leastcost.CostModel(time, slower, length="horizontal"),
    )


def hardness(
    study: Study,
    land: Landscape,
    energy: leastcost.CostModel,
    time: leastcost.CostModel,
    goals: xr.DataArray,
    labels: xr.DataArray,
) -> xr.DataArray:
    """Return hardness before towers (`geo.funnel.hardness`)."""
    options = leastcost.LeastCostOptions(neighbours=study.movement.neighbours, direction="to")
    seconds = leastcost.accumulate(land.elevation, goals, time, options)["cost"].values
    hours = wrap((seconds / 3600.0).astype(np.float32), grid_of(labels), "hours_to_road", "h")
    per_km = funnel.energy_per_km(terrain.slope(land.elevation), energy.table, energy.friction)
    return funnel.hardness(per_km, hours, labels)


def _routes(study: Study, land: Landscape, energy: leastcost.CostModel) -> xr.DataArray:
    """Return the density that the funnel step computes without towers, bit for bit."""
    grid = grid_of(land.elevation)
    side = funnel.side_of(funnel.corridor_labels(land.corridors, grid), land.border)
    crossed = funnel.MovementDomain(
        land.elevation,
        funnel.border_segments(land.border, grid),
        funnel.destinations(
            [land.roads, land.places],
            land.border,
            grid,
            study.movement.crossing_depth_m,
            side=side,
        ),
        leastcost.LeastCostOptions(neighbours=study.movement.neighbours),
        leastcost.Resources(),
    )
    labels = crossed.labels(energy)
    return funnel.combine(crossed, labels, labels, study.movement.theta).density


def _in_view(study: Study, land: Landscape, rows: pd.DataFrame) -> xr.DataArray:
    seen = visibility.coverage(land.elevation, tower_table(rows), study_years(study))["in_view"]
    years = [int(str(p).removeprefix("y")) for p in seen["period"].values]
    return seen.assign_coords(period=years).rename(period="year")


def _dose(in_view: xr.DataArray, routes: xr.DataArray, labels: xr.DataArray) -> xr.DataArray:
    table = funnel.dose(in_view, routes, labels)
    names = labels.attrs["names"]
    wide = table.pivot_table(index="corridor", columns="year", values="dose").loc[names]
    return xr.DataArray(
        wide.to_numpy(float),
        dims=("corridor", "year"),
        coords={"corridor": names, "year": list(wide.columns)},
        name="dose",
        attrs={"units": "1"},
    )


def place_weight(routes: xr.DataArray, labels: xr.DataArray) -> Floats:
    """Return where people are within their corridor before towers: (y, x), each corridor sums to 1.

    Mostly along the routes that the model gives, some anywhere.
    """
    out = np.zeros(labels.shape)
    for label in range(len(labels.attrs["names"])):
        here = labels.values == label
        routed = routes.values[here]
        even = np.full(routed.size, 1.0 / max(routed.size, 1))
        share = routed / routed.sum() if routed.sum() > 0 else even
        out[here] = (1.0 - OFF_ROUTE) * share + OFF_ROUTE * even
    return out


def _expected(
    study: Study,
    bins: xr.DataArray,
    labels: xr.DataArray,
    routes: xr.DataArray,
    dose: xr.DataArray,
) -> xr.DataArray:
    made_up, count = plan(study), study.inference.bins
    rng = stream(study.seed, "synthetic rates")
    corridors, years = dose.shape
    known = bins.values >= 0
    cell = labels.values[known].astype(np.int64) * count + bins.values[known]
    mass = np.bincount(
        cell, weights=place_weight(routes, labels)[known], minlength=corridors * count
    ).reshape(corridors, count)
    scores = funnel.bin_scores(count)
    place = np.log(np.maximum(mass, 1e-9)) + LETHALITY * scores
    place += rng.normal(0.0, PLACE_SD, (corridors, count))
    drift = DRIFT * (np.arange(years) - years / 2)[None, None, :] * scores[None, :, None]
    effect = np.log(made_up.rate_ratio) * dose.values[:, None, :] * scores[None, :, None]
    share = np.exp(place[:, :, None] + drift + effect)
    share /= share.sum(axis=1, keepdims=True)
    size = rng.gamma(12.0, 1.0 / 12.0, (corridors, 1))
    volume = size * np.exp(np.cumsum(rng.normal(0.0, VOLUME_SD, (corridors, years)), axis=1))
    volume *= made_up.records / volume.sum()
    return xr.DataArray(
        share * volume[:, None, :],
        dims=("corridor", "bin", "year"),
        coords={"corridor": dose["corridor"], "bin": np.arange(count), "year": dose["year"]},
        name="expected_deaths",
        attrs={"units": "1"},
    )
