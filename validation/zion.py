"""The whole route model on real terrain: Zion, Utah, with a made-up border, road and towers.

Run as `python -m validation.zion LOCAL_DATA FOLDER [MEMBERS]`. Zion is no border: what is drawn is
SYNTHETIC on real land, for looking at the model, and is not published. Elevation is SRTM, land
cover NLCD 2011 (whose coordinate system is tagged as Mexico's; the extents agree).
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from shapely.geometry import LineString, Point

from geo import climate, funnel, hardship, locomotion, records, terrain, visibility
from geo.aggregation import aggregate
from geo.grid import cell_centres, grid_from_bounds, grid_of
from geo.leastcost import LeastCostOptions, Resources
from geo.study import Period
from geo.visibility import Uncertainty
from geo.visibility.elevation_error import error_field
from geo.visibility.single import Patch

mpl.use("Agg")
CRS = "EPSG:32612"
BOUNDS = (302_500.0, 4_112_500.0, 335_500.0, 4_152_500.0)
"""Inside both rasters, metres."""
FINE_M, COARSE_M = 60.0, 120.0
DEPTH_M = 10_000.0
"""Least distance of the made-up road to the made-up border."""
PERIOD = Period(id="watched", label="Watched", start=date(2001, 1, 1), end=date(2002, 1, 1))
AVOIDANCE = (0.0, 2.0)
REFERENCE = funnel.Member("lcda_graded", "irmischer_clarke_off_path", "adult-light", 0.05)
TOWERS = 4
RANGE_M = 8_000.0
SEED = 20_110_101
COUNTED = funnel.EVERYWHERE


@dataclass(frozen=True)
class Found:
    """Densities and the ensemble of the run.

    Attributes
    ----------
    elevation, seen
        (y, x) of the fine grid: metres; share of the period in view.
    layers
        Name = (y, x) density of the reference at the ensemble's cells, before and after.
    agreement
        Name = (y, x) share of members that agree.
    towers
        Made-up towers.
    values
        Measures of the reference member.
    bands
        Their 5 to 95 % bands.
    """

    elevation: xr.DataArray
    seen: xr.DataArray
    layers: dict[str, xr.DataArray]
    agreement: dict[str, xr.DataArray]
    towers: gpd.GeoDataFrame
    values: dict[funnel.Key, float]
    bands: dict[funnel.Key, tuple[float, float]]


def run(local: Path, members: int, workers: int = 2, fine_m: float = FINE_M) -> Found:
    """Spread crossings over Zion before and after made-up towers, with an ensemble."""
    grid = grid_from_bounds(BOUNDS, CRS, fine_m)
    elevation = terrain.elevation_on(grid, [local / "terrain" / "zion_srtm.tif"])
    classes = terrain.landcover_on(grid, [local / "landcover" / "zion_nlcd2011.tif"])
    energy = locomotion.energy_coefficients(classes, "nlcd").values.load()
    time = locomotion.time_coefficients(classes, "nlcd").values.load()
    elevation = elevation.load()
    towers = _towers(elevation)
    seen = visibility.coverage(elevation, towers, [PERIOD])["in_view"].isel(period=0, drop=True)
    border = _line(BOUNDS[1] + 3 * COARSE_M, "border")
    road = _line(BOUNDS[3] - 3 * COARSE_M, "road")
    land = funnel.MovementDomain(
        elevation,
        funnel.border_segments(border, grid, 10_000.0),
        funnel.destinations([road], border, grid, DEPTH_M, width_m=15_000.0),
        LeastCostOptions(),
        Resources(workers=workers),
    )
    ground = _ground(land, seen.load(), energy, time, funnel.BorderLine.of(border, grid))
    chosen = funnel.design(REFERENCE, members, np.random.default_rng(SEED))
    with ThreadPoolExecutor(workers) as pool:
        outcomes = [o for _, o in funnel.run_members(ground, chosen, pool, workers)]
    coarse = grid_of(ground.land.elevation)
    surfaces = {
        name: funnel.surfaces([o.layers[name] for o in outcomes], coarse)
        for name in outcomes[0].layers
    }
    values = dict(outcomes[0].values)
    return Found(
        elevation,
        seen,
        {name: s["mean"] for name, s in surfaces.items()},
        {name: s["agreement"] for name, s in surfaces.items()},
        towers,
        values,
        funnel.bands([o.values for o in outcomes], values),
    )


def _ground(
    land: funnel.MovementDomain,
    seen: xr.DataArray,
    energy: xr.DataArray,
    time: xr.DataArray,
    line: funnel.BorderLine,
) -> funnel.Ground:
    coarse = funnel.coarser(land, COARSE_M)
    costlier = locomotion.EnergyCoefficient(aggregate(energy, COARSE_M).astype(np.float32))
    slower = locomotion.TimeCoefficient(aggregate(time, COARSE_M).astype(np.float32))
    rows, cols = coarse.elevation.shape
    heat = hardship.SummerLand(
        climate.summer_mean(climate.synthetic()),
        coarse.elevation,
        terrain.slope(coarse.elevation),
        costlier,
        slower,
    )
    strain = {
        name: heat.strain(locomotion.walker(name))
        for name in ("adult", "adult-small", "adult-light", "adult-heavy")
    }
    patch, doubt = Patch(0, rows, 0, cols), Uncertainty(4.0, 90.0)
    return funnel.Ground(
        coarse,
        costlier,
        {PERIOD.id: aggregate(seen, COARSE_M)},
        AVOIDANCE,
        lambda draw: error_field(patch, COARSE_M, doubt, (SEED, draw)),
        slower,
        partial(_litres, heat, strain),
        along=line.along(grid_of(coarse.elevation)),
    )


def _litres(
    heat: hardship.SummerLand, strain: dict[str, locomotion.HeightStrain], member: funnel.Member
) -> dict[str, funnel.CrossingQuantity]:
    walker = locomotion.walker(member.walker)
    found = heat.litres(walker, strain[member.walker], member.metabolic, member.speed)
    return {"litres": funnel.CrossingQuantity(found.cost, "L", hardship.GRAMS_PER_LITRE)}


def _line(y: float, kind: str) -> gpd.GeoDataFrame:
    ends = [(BOUNDS[0] + COARSE_M, y), (BOUNDS[2] - COARSE_M, y)]
    return gpd.GeoDataFrame({"kind": [kind]}, geometry=[LineString(ends)], crs=CRS)


def _towers(elevation: xr.DataArray) -> gpd.GeoDataFrame:
    """Return made-up towers in the middle of the west half, each on the highest cell near."""
    x, y = cell_centres(grid_of(elevation))
    middle = np.abs(y - y.mean()) < RANGE_M / 2
    points = []
    for part in np.array_split(np.flatnonzero(x < x.mean()), TOWERS):
        window = elevation.values[np.ix_(middle, part)]
        row, col = np.unravel_index(int(np.nanargmax(window)), window.shape)
        points.append(Point(x[part[col]], y[middle][row]))
    table = gpd.GeoDataFrame(
        {
            "tower_id": [f"SYNTHETIC {n + 1}" for n in range(TOWERS)],
            "source_id": "synthetic",
            "source_row": range(1, TOWERS + 1),
            "programme": "SYNTHETIC",
            "status": "deployed",
            "height_m": 25.0,
            "range_m": RANGE_M,
            "active_from_earliest": PERIOD.start,
            "active_from_latest": PERIOD.start,
            "citation": "SYNTHETIC",
        },
        geometry=points,
        crs=CRS,
    )
    return gpd.GeoDataFrame(records.TOWERS.conform(table.to_crs("EPSG:4326")))


def draw(found: Found) -> Figure:
    """Draw view, density before and after, their difference and the agreement of members."""
    before, after = found.layers[funnel.BEFORE], found.layers[PERIOD.id]
    top = float(np.quantile(before.values, 0.995))
    shift = after.values - before.values
    reach = float(np.quantile(np.abs(shift), 0.995))
    panels = (
        ("Elevation [m]", found.elevation.values, "Greys_r", None, None),
        ("Share of time in view", found.seen.values, "viridis", 0.0, 1.0),
        ("Density before, mean of members", before.values, "magma_r", 0.0, top),
        ("Density after, mean of members", after.values, "magma_r", 0.0, top),
        ("After minus before", shift, "RdBu_r", -reach, reach),
        ("Agreement of members, after", found.agreement[PERIOD.id].values, "cividis", 0.5, 1.0),
    )
    figure = Figure(figsize=(15, 12), layout="constrained")
    places = found.towers.to_crs(CRS).geometry
    for axes, (title, values, colours, low, high) in zip(
        figure.subplots(2, 3).ravel(), panels, strict=True
    ):
        box = (BOUNDS[0], BOUNDS[2], BOUNDS[1], BOUNDS[3])
        image = axes.imshow(values, cmap=colours, vmin=low, vmax=high, extent=box)
        axes.plot(places.x, places.y, "^", color="tab:cyan", markeredgecolor="black")
        axes.set_title(f"SYNTHETIC. {title}")
        axes.set_axis_off()
        figure.colorbar(image, ax=axes, shrink=0.7)
    return figure


def main(local: str, folder: str, members: str = "12") -> None:
    """Run, print the measures with their bands, and write one figure."""
    found = run(Path(local), int(members))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    draw(found).savefig(target / "zion.png", dpi=80)
    strongest = max(AVOIDANCE)
    for (_, segment, avoidance, name), value in found.values.items():
        if segment == COUNTED and avoidance == strongest:
            low, high = found.bands.get((PERIOD.id, segment, avoidance, name), (value, value))
            sys.stdout.write(f"{name}: {value:.4g} ({low:.4g} to {high:.4g})\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
