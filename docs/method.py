"""The method in ten minutes: a figure a step, drawn from a made-up study by the code itself."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from geo import examples, funnel, leastcost, locomotion
from geo.grid import grid_of
from geo.synthetic import GroundTruth
from geo.synthetic.ground_truth import costs

mpl.use("Agg")
# ids in the file follow from its content, so that the same study draws the same bytes
STYLE = {"svg.hashsalt": "method", "font.size": 9, "axes.spines.top": False,
         "axes.spines.right": False, "svg.fonttype": "path"}  # fmt: skip
YEAR = 2020
AVOIDANCE = 1.0

TEXT = """# The method in ten minutes

Did recorded deaths move to harder ground when surveillance towers went up, beyond what would have
happened anyway? Six steps lead from public files to an answer. The figures show the made-up study
`tiny`, drawn by the functions that they name: **SYNTHETIC**, no place or record is real.

## 1. Where people start, and where they go

![Border, roads, settlements and corridors on elevation](images/method/start.svg)

The border line is cut into segments of equal length, each an origin of equal weight, since nobody
knows more: `geo.funnel.border_segments`. Destinations are highways and settlements deep enough
behind the border: `geo.funnel.destinations`. Corridors are the unit of comparison. *Assumed:*
weights and depth, both varied in the ensemble (`data/parameters/funnel.yaml`).

## 2. What walking costs

![Energy per metre by slope](images/method/walking.svg)

A metabolic equation gives the power of walking at a speed on a slope, a speed equation the speed;
their quotient is energy per metre: `geo.locomotion.energy_per_metre`. The default is the Load
Carriage Decision Aid (Looney et al. 2022) with others beside it. For comparison, the net cost of
Minetti et al. (2002):

$$C(i) = 280.5\\,i^5 - 58.7\\,i^4 - 76.8\\,i^3 + 51.9\\,i^2 + 19.6\\,i + 2.5$$

in J per kg and metre at gradient i. The ground multiplies it (`geo.locomotion.energy_friction`);
the sum along the cheapest way is exact for the grid (`geo.leastcost.accumulate`, Dijkstra 1959).

## 3. What towers see

![Share of the year in view of any tower](images/method/towers.svg)

A line of sight is drawn from every active tower to every cell in range, over the ground between
them, lowered by the curvature of the earth: `geo.visibility.viewshed` (R3 of Franklin, Ray &
Mehta 1994). The dose of a cell is the share of the period's days on which a tower had it in view:
`geo.visibility.coverage`. On real land, cells over 100 m tell range only, not a view; the made-up
land has nothing between its cells of 1 km.

## 4. How crossings spread

![Route density without towers, and where avoiding towers adds and takes](images/method/routes.svg)

Nobody takes the one best way. With c the cost of the cheapest way through a cell, the share of
crossings that pass it falls with what it costs beyond the least:

$$p_i \\propto e^{-(c_i - c_{min}) / \\theta}$$

`geo.funnel.route_density`. Where seen, ground may be made dearer (`geo.funnel.avoiding`), and the
difference is what towers would change if people avoid them. *Assumed:* theta and the avoidance,
both varied. Surfaces are published at 1 km or coarser and for closed periods only.

## 5. What is hard

![Hardness of the ground within corridors](images/method/hard.svg)

Energy per kilometre times hours to a road or settlement, ranked within each corridor and
standardised: `geo.funnel.hardness`. It is computed from the land before the first tower, so that
towers cannot change it.

## 6. What is compared

![Deaths on the hardest ground, corridors with and without towers](images/method/compared.svg)

Deaths are counted by corridor, hardness bin and year. Whether more people came is conditioned
out; what is left is how deaths divide between easy and hard ground:

$$E[Y_{cqt}] = \\exp(a_{cq} + d_{ct} + k_{qt} + \\beta D_{ct} H_q)$$

with D the dose and H the hardness of the bin. The reported ratio is exp(beta):
`geo.inference.primary`. Its interval leaves out one corridor at a time, its p exchanges whole
dose paths between corridors. What may then be said is decided by gates, never by hand:
`geo.inference.claim`. A ratio says that recorded deaths moved; it never counts people killed.
"""


def pages() -> dict[str, str]:
    """Return the page and its figures (SVG) by name."""
    world = examples.made_up_world()
    drawn = {
        "start": _start, "walking": _walking, "towers": _towers, "routes": _routes,
        "hard": _hard, "compared": _compared,
    }  # fmt: skip
    figures = {f"images/method/{name}.svg": _svg(draw(world)) for name, draw in drawn.items()}
    return {"method.md": TEXT, **figures}


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    return out.getvalue()


def _canvas(columns: int = 1, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    mpl.rcParams.update(STYLE)
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes = [figure.add_subplot(1, columns, n + 1) for n in range(columns)]
    return figure, axes


def _map(axis: Axes, raster: xr.DataArray, colours: str, label: str, **limits: float) -> None:
    left, bottom, right, top = grid_of(raster).boundingbox
    extent = (0.0, (right - left) / 1e3, 0.0, (top - bottom) / 1e3)
    shown = axis.imshow(raster.values, cmap=colours, extent=extent, aspect="equal", **limits)
    axis.figure.colorbar(shown, ax=axis, label=label, shrink=0.7)
    axis.set(xlabel="km", ylabel="km")


def _over(axis: Axes, world: GroundTruth, **style: object) -> None:
    """Draw the border and the outlines of corridors on a map in kilometres."""
    left, bottom, *_ = grid_of(world.land.elevation).boundingbox
    crs = str(grid_of(world.land.elevation).crs)
    limits = axis.axis()
    for shapes, colour, width in (
        (world.land.corridors.boundary, "#666666", 0.6), (world.land.border, "#b2182b", 1.8),
    ):  # fmt: skip
        moved = shapes.to_crs(crs).geometry.affine_transform(
            [1e-3, 0, 0, 1e-3, -left / 1e3, -bottom / 1e3]
        )
        moved.plot(ax=axis, color=colour, linewidth=width, **style)
    axis.axis(limits)


def _start(world: GroundTruth) -> Figure:
    figure, (axis,) = _canvas()
    land = world.land
    _map(axis, land.elevation, "Greys", "elevation, m")
    _over(axis, world)
    left, bottom, *_ = grid_of(land.elevation).boundingbox
    crs = str(grid_of(land.elevation).crs)
    limits = axis.axis()
    for shapes in (land.roads, land.places):
        moved = shapes.to_crs(crs).geometry.affine_transform(
            [1e-3, 0, 0, 1e-3, -left / 1e3, -bottom / 1e3]
        )
        moved.plot(ax=axis, color="#2166ac", linewidth=1.2)
    axis.axis(limits)
    axis.set_title("SYNTHETIC: border (red), roads and settlements (blue), corridors (grey)")
    return figure


def _walking(world: GroundTruth) -> Figure:
    figure, (axis,) = _canvas()
    slopes = np.linspace(-0.4, 0.4, 161)
    walker = locomotion.walker(world.study.walkers[0])
    for model in ("lcda_backpacking", "pandolf_santee", "minetti"):
        table = locomotion.energy_per_metre(walker, metabolic=model)
        axis.plot(100 * slopes, table(slopes), label=model.replace("_", " "))
    axis.set(xlabel="slope, % (uphill positive)", ylabel="J per horizontal metre")
    axis.set_title(f"Energy of walking, walker {walker.name}")
    axis.legend(frameon=False)
    return figure


def _seen(world: GroundTruth) -> xr.DataArray:
    return world.in_view.sel(year=YEAR)


def _towers(world: GroundTruth) -> Figure:
    figure, (axis,) = _canvas()
    _map(axis, _seen(world), "cividis", "share of the year in view", vmin=0.0, vmax=1.0)
    _over(axis, world)
    axis.set_title(f"SYNTHETIC: in view of any tower, calendar year {YEAR}")
    return figure


def _domain(world: GroundTruth) -> funnel.MovementDomain:
    land, study = world.land, world.study
    grid = grid_of(land.elevation)
    side = funnel.side_of(world.labels, land.border)
    goals = funnel.destinations(
        [land.roads, land.places], land.border, grid, study.movement.crossing_depth_m, side=side
    )
    options = leastcost.LeastCostOptions(neighbours=study.movement.neighbours)
    origins = funnel.border_segments(land.border, grid)
    return funnel.MovementDomain(land.elevation, origins, goals, options, leastcost.Resources())


def _routes(world: GroundTruth) -> Figure:
    figure, axes = _canvas(2, 2.6)
    domain = _domain(world)
    energy, _ = costs(world.study, world.land)
    base = domain.labels(energy)
    theta = world.study.movement.theta
    before = funnel.combine(domain, base, base, theta).density
    dearer = funnel.avoiding(energy, _seen(world), AVOIDANCE)
    after = funnel.spread(domain, dearer, base, theta).density
    top = float(np.quantile(before.values, 0.99))
    _map(axes[0], before, "Purples", "share of crossings", vmin=0.0, vmax=top)
    change = after - before
    most = float(np.quantile(np.abs(change.values), 0.99))
    _map(axes[1], before.copy(data=change.values), "PuOr", "change", vmin=-most, vmax=most)
    axes[0].set_title("SYNTHETIC: without towers")
    axes[1].set_title("where avoiding adds and takes")
    for axis in axes:
        _over(axis, world)
    return figure


def _hard(world: GroundTruth) -> Figure:
    figure, (axis,) = _canvas()
    _map(axis, world.hardness, "YlOrBr", "hardness, standard deviations")
    _over(axis, world)
    axis.set_title("SYNTHETIC: hardness of the ground within its corridor")
    return figure


def _compared(world: GroundTruth) -> Figure:
    figure, (axis,) = _canvas()
    hardest = world.expected.isel(bin=-1)
    covered = (world.dose.max("year") > 0).values
    for mask, label in (
        (covered, "corridors that get towers"),
        (~covered, "corridors that do not"),
    ):
        share = hardest.values[mask].sum(axis=0) / world.expected.values[mask].sum(axis=(0, 1))
        axis.plot(world.expected["year"], 100 * share, label=label)
    axis.set(xlabel="calendar year", ylabel="% of deaths on the hardest third", ylim=(0, None))
    axis.set_title("SYNTHETIC, expected numbers: a shift of ratio 4 is planted")
    axis.legend(frameon=False)
    return figure
