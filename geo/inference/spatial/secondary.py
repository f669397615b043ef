"""S2 to S4, further permutation schemes (R14), and deaths in view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.inference.estimation.rows import Estimate, ratio_words
from geo.inference.registered.headline import refusal
from geo.inference.registered.inputs import Task
from geo.inference.robustness.controls import FRESH
from geo.inference.spatial import where
from geo.inference.spatial.casecontrol import case_control
from geo.inference.spatial.dates import cyclic_shifts, event_study, random_dates
from geo.inference.spatial.expectations import in_view_deaths, locate

ONE_BASELINE = (
    "it takes one baseline for all records, and this study has several record systems: ask it of "
    "each by itself"
)


def rows(task: Task) -> list[Estimate]:
    """Return every secondary row, as far as its inputs are there.

    Of several record systems, those that would take one baseline for all records are refused.
    """
    parents = task.parents
    several = "system" in task.panel.data

    def alone(name: str) -> list[Estimate]:
        return [refusal(Estimate(name, "ratio", parents=parents), ONE_BASELINE)]

    return [
        *event_study(task.panel, parents=parents),
        cyclic_shifts(task.panel, task.stream("shifts"), parents=parents),
        random_dates(task.panel, task.stream("random dates"), parents=parents),
        *(alone("S3.route_models") if several else _case_controls(task)),
        *where.rows(task),
        *(alone("in_view.all") if several else _in_view(task)),
    ]


def _case_controls(task: Task) -> list[Estimate]:
    """S3 with the study's route model, and its range over the further ones."""
    own = task.inputs
    if own.density is None:
        return []
    placed = task.placed()
    kept = placed[placed["used"]]
    first = case_control(
        kept, own.ground, own.density, own.dose, task.stream("case-control"), parents=task.parents
    )
    found = [
        case_control(kept, own.ground, density, own.dose, task.stream(f"case-control {name}"))
        for name, density in own.densities.items()
    ]
    ratios = [r.estimate for r in found if r.estimate is not None]
    if first.estimate is None or not ratios:
        return [first]
    low, high = min(*ratios, first.estimate), max(*ratios, first.estimate)
    row = replace(first, analysis="S3.route_models", low=low, high=high, p=None, reference_set=None)
    said = (
        f"Over {len(ratios)} further route models the ratio against modelled movement runs from "
        f"{ratio_words(low)} to {ratio_words(high)}."
    )
    return [first, row.says(said)]


def _in_view(task: Task) -> list[Estimate]:
    """Deaths in view, of records placed by GPS and found within a week of death."""
    own = task.inputs
    if not own.in_view:
        return []
    placed = task.placed()
    sure = own.deaths["precision_class"].eq("gps") & own.deaths["pmi_class"].isin(FRESH)
    keep = sure.to_numpy(bool)
    return in_view_deaths(
        locate(own.deaths[keep], placed[keep], own.years),
        {name: view.of(keep) for name, view in own.in_view.items()},
        placebos=None if own.placebos is None else np.asarray(own.placebos)[..., keep],
        parents=task.parents,
    )
