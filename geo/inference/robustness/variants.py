"""Which panels the headline is asked of again: other records, years, ground, units, exposures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.inference.estimation.rows import Estimate
from geo.inference.panel.eligibility import PanelOptions, records_used
from geo.inference.panel.ground import place_records, recut
from geo.inference.panel.panel import Panel, build_panel, count_records
from geo.inference.registered.gates import enumerated
from geo.inference.registered.inputs import Inputs, Task, Variant
from geo.inference.registered.registration import CONTROL_CAUSES
from geo.inference.robustness.controls import FRESH
from geo.parameters import load

SKELETAL = ("3-months", "8-months", "longer")
_FIRST, _LAST = load("battery")["title_42_years"].value
TITLE_42 = range(_FIRST, _LAST + 1)
"""Definition: study years that Title 42 touches: 2020-03 to 2023-05."""
LAST_BEFORE = int(load("battery")["last_year_before_title_42"].value)
"""A study that ends with this year sees neither Title 42 nor the towers of the Nation's land."""

BINS = tuple(load("battery")["variant_bins"].value)
SHORTEST = int(load("battery")["shortest_window_years"].value)
"""Years that a shortened study keeps, at least."""
COMPONENTS = {
    "R5.slope_only": "slope",
    "R5.energy_only": "energy",
    "R5.remoteness_only": "remoteness",
    "R5.temperature": "water lost in heat",
}
"""Row of one component of hardness = its name in words."""
WITHOUT_WATCHED = "zones.without_watched_before"
"""Row that asks the headline without corridors which cameras older than the study's watched."""


def watched_before(coverage: pd.DataFrame) -> list[str]:
    """Return the corridors that older cameras watched, by the registered share of movement."""
    least = float(load("visibility")["zone_watched_before_share"].value)
    return sorted(coverage.loc[coverage["watched_before"] >= least, "corridor"].unique())


def left_out(panel: Panel, parents: str = "") -> Estimate:
    """Say which corridors do not enter and why, without a count that a study could shift."""
    rows = panel.left_out
    total = len(rows) + len(panel.corridors)
    said = f"{len(panel.corridors)} of {total} corridors enter"
    for reason, names in rows.groupby("reason")["corridor"]:
        said += f"; {', '.join(names)} {'does' if len(names) == 1 else 'do'} not: {reason}"
    row = Estimate(
        "corridors.entered", "corridors that enter the headline", float(len(panel.corridors)),
        parents=parents, level="L0",
    )  # fmt: skip
    return row.says(f"{said}.")


def by_component(rows: Iterable[Estimate], parents: str = "") -> list[Estimate]:
    """Say on which side of one the headline lies by each component of hardness (R5)."""
    sides: dict[str, list[str]] = {"above one": [], "below one": []}
    for row in rows:
        if row.analysis in COMPONENTS and row.estimate is not None:
            sides["above one" if row.estimate > 1.0 else "below one"].append(
                COMPONENTS[row.analysis]
            )
    said = [f"{side} by {enumerated(names)}" for side, names in sides.items() if names]
    if not said:
        return []
    agree = "the components agree" if len(said) == 1 else "the sign depends on the component"
    row = Estimate(
        "R5.sign_by_component", "side of one on which the ratio of rate ratios lies, by component "
        "of hardness", parents=parents, level="L0",
    )  # fmt: skip
    return [row.says(f"By component of hardness the ratio lies {', '.join(said)}: {agree}.")]


def panels(task: Task) -> dict[str, Panel]:
    """Panels by the name of their row: R3 to R7, R13, windows and land."""
    out, own = _records(task), task.inputs
    placed = place_records(own.deaths, own.ground)
    for bins in (3, 10):
        ground, cut_anew = recut(own.ground, placed, bins)
        out[f"R5.bins_{bins}"] = task.build(Variant(ground=ground, placed=cut_anew))
    out |= _windows(task) | _land(task)
    return out | {name: _exchanged(task, v) for name, v in task.inputs.variants.items()}


def noted(rows: Iterable[Estimate], task: Task) -> list[Estimate]:
    """Say before the sentence of a row what was exchanged, and name its further inputs."""
    out = []
    for row in rows:
        own = task.inputs.variants.get(row.analysis, Variant())
        parents = f"{task.parents} {own.parents}".strip() if own.parents else row.parents
        out.append(replace(row, sentence=f"{own.note} {row.sentence}".strip(), parents=parents))
    return out


def specifications(inputs: Inputs, options: PanelOptions) -> dict[str, Panel]:
    """Build the panels of the specification curve: every defensible combination of choices."""
    every = tuple(inputs.years)
    windows = {
        "all years": every,
        f"to {LAST_BEFORE}": tuple(y for y in every if y <= LAST_BEFORE),
        f"without {_FIRST}-{_LAST}": every,
        "later half": every[len(every) // 4 :],
    }
    precisions = {"placed": options.precision, "precise": ("gps", "address"), "gps": ("gps",)}
    causes = {"walking causes": options.without_causes, "all causes": ()}
    recovered = {"any interval": (), "under 3 months": (*FRESH, "3-weeks", "5-weeks", "3-months"),
                 "under a week": FRESH}  # fmt: skip
    choices = {
        f"{precision}, {cause}, {interval}": replace(
            options, precision=classes, without_causes=without, pmi=pmi, min_records_before=0
        )
        for precision, classes in precisions.items()
        for cause, without in causes.items()
        for interval, pmi in recovered.items()
    }
    entered = build_panel(inputs.deaths, inputs.ground, inputs.dose, every, options).corridors
    out: dict[str, Panel] = {}
    as_cut = place_records(inputs.deaths, inputs.ground)
    for bins in BINS:
        ground, placed = recut(inputs.ground, as_cut, bins)
        used = {n: records_used(inputs.deaths, placed, every, o) for n, o in choices.items()}
        for window, years in windows.items():
            if len(years) < SHORTEST:
                continue
            everyone = replace(options, min_records_before=0)
            base = build_panel(inputs.deaths, ground, inputs.dose, years, everyone, placed)
            inside = placed["year"].between(years[0], years[-1]).to_numpy(bool)
            for name, records in used.items():
                counts = count_records(inputs.deaths, placed, ground, years, records & inside)
                data = base.data.assign(deaths=(base.data["deaths"].dims, counts))
                panel = Panel(data.sel(corridor=entered), base.left_out, base.flow)
                if window.startswith("without"):
                    panel = cut(panel, TITLE_42)
                out[f"{bins} bins, {window}, {name}"] = panel
    return out


def cut(panel: Panel, years: Iterable[int]) -> Panel:
    """Take the records of some years out, keeping the years."""
    kept = ~panel.data["year"].isin(list(years))
    counts = panel.data["deaths"].where(kept, 0.0)
    return Panel(panel.data.assign(deaths=counts), panel.left_out, panel.flow)


def _records(task: Task) -> dict[str, Panel]:
    options = task.options
    chosen = {
        "R3.negative_control_causes": replace(
            options, only_causes=CONTROL_CAUSES, without_causes=()
        ),
        "R3.fresh": replace(options, pmi=FRESH),
        "R3.skeletal": replace(options, pmi=SKELETAL),
        "R3.all_causes": replace(options, without_causes=()),
        "R4.gps": replace(options, precision=("gps",)),
    }
    return {name: task.build(Variant(), o) for name, o in chosen.items()}


def _windows(task: Task) -> dict[str, Panel]:
    every = task.inputs.years
    until = tuple(y for y in every if y <= LAST_BEFORE)
    if not SHORTEST <= len(until) < len(every):
        return {}
    windows = {"window.to_2019": task.build(Variant(), years=until)}
    if every[-1] > _LAST:  # else to leave these years out is to end before them
        windows["window.without_title_42"] = cut(task.panel, TITLE_42)
    return windows


def _land(task: Task) -> dict[str, Panel]:
    deaths: gpd.GeoDataFrame = task.inputs.deaths
    manager = deaths["land_manager"].astype("string").fillna("")
    out = {}
    for name, word in task.inputs.land.items():
        inside = manager.str.contains(word, regex=False).to_numpy(bool)
        if inside.any() and not inside.all():
            out[f"land.{name}"] = task.build(Variant(deaths=deaths[inside]))
            out[f"land.outside_{name}"] = task.build(Variant(deaths=deaths[~inside]))
    return out


def _exchanged(task: Task, variant: Variant) -> Panel:
    """Build the panel of a variant; units finer than corridors enter with their corridor."""
    if not variant.clusters:
        return task.build(variant)
    options = replace(task.options, min_records_before=0, clusters=dict(variant.clusters))
    built = task.build(variant, options)
    home = [variant.clusters.get(c, c) for c in built.corridors]
    entered = np.isin(home, task.panel.corridors)
    data: xr.Dataset = built.data.isel(corridor=np.flatnonzero(entered))
    return Panel(data, built.left_out, built.flow)
