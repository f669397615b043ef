"""Compile the numeric kernels once: `python -m flows.compile_kernels`, the last act of set-up.

Numba compiles a kernel at its first call and keeps it beside its source; without this the first run
of an installation, and each worker of the first test run, would wait for the same half minute.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from geo import climate, examples, funnel, leastcost, locomotion, visibility


def main() -> None:
    """Call what leads to every kernel of a run, on the made-up strip of the examples."""
    elevation = examples.elevation().astype(np.float32)
    _see(elevation)
    _walk(elevation)
    weather = climate.at_heights(climate.summer_mean(climate.synthetic()), [800.0])
    locomotion.predicted_heat_strain(examples.walker(), weather, 250.0)


def _see(elevation: xr.DataArray) -> None:
    sites = visibility.placebo_sites(
        elevation, examples.towers(), examples.remoteness(), draws=1,
        generator=np.random.default_rng(0), matching=visibility.Matching(exclusion_m=1_000.0),
    )  # fmt: skip
    periods = examples.made_up_study().periods
    visibility.placebo_dose(sites, periods, examples.labels())
    visibility.coverage(elevation, examples.towers(), periods)


def _walk(elevation: xr.DataArray) -> None:
    land = examples.crossed_land()
    own = funnel.Member("lcda_backpacking", "tobler_off_path", "adult-light", 0.1)
    seen = {"after": examples.in_view()[-1]}
    funnel.run_member(funnel.Ground(land, None, seen, (1.0,)), own)
    for dtype in ("float32", "float64"):
        leastcost.accumulate(
            elevation, land.origins[0].mask, examples.energy(), dtype=dtype, allocation=True
        )


if __name__ == "__main__":
    main()
