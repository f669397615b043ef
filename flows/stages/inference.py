"""From recorded deaths and coverage to estimates, each with its null, interval and sentence."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from flows.rasters import read_raster
from flows.stage import Step
from flows.stages.funnel import corridor_labels
from flows.store import read_table, write_table
from geo import inference
from geo.records import COVERAGE, DEATHS, ESTIMATES
from geo.study import stream


def run(step: Step) -> None:
    """Write the table of estimates; empty where no dated tower is known."""
    by_year = read_raster(step.done["visibility"], "in_view_year")
    if by_year is None:
        write_table(step.folder, ESTIMATES.name, ESTIMATES.empty())
        return
    by_year = _by_number(by_year)
    ground = _ground(step, by_year)
    step.progress(0, 1, "the registered test")
    panel = inference.build_panel(
        read_table(step.done["ingest"], DEATHS.name),
        ground,
        read_table(step.done["funnel"], COVERAGE.name),
        step.study.years,
        inference.PanelOptions(
            min_records_before=step.study.inference.min_records_before,
            strata=dict(step.study.inference.strata),
        ),
    )
    headline = inference.primary(
        panel,
        stream(step.study.seed, "inference headline"),
        draws=step.study.inference.permutations,
        parents="step:ingest step:funnel step:visibility",
    )
    decided = inference.claim(headline, {}, exploratory=step.study.inference.exploratory)
    table: pd.DataFrame = inference.estimates_table([decided.row(headline)])
    write_table(step.folder, ESTIMATES.name, table)


def _by_number(by_year: xr.DataArray) -> xr.DataArray:
    years = [int(str(name).removeprefix("y")) for name in by_year["period"].values]
    return by_year.assign_coords(period=years).rename(period="year").load()


def _ground(step: Step, by_year: xr.DataArray) -> xr.Dataset:
    hardness = read_raster(step.done["funnel"], "hardness")
    assert hardness is not None  # noqa: S101 - the funnel step always writes it
    return inference.classify_ground(
        hardness.load(), corridor_labels(step), step.study.inference.bins, by_year
    )
