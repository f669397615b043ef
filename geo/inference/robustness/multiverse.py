"""R12: the specification curve and its joint test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words, tails
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import RRR, question, refusal
from geo.typing import Array


@dataclass(frozen=True)
class SpecificationCurve:
    """Specification curve: one line per specification, and the joint test."""

    estimate: Estimate
    names: tuple[str, ...]
    ratios: Array
    statistics: Array


def specification_curve(
    panels: Mapping[str, Panel],
    rng: np.random.Generator,
    *,
    draws: int | None = None,
    parents: str = "",
) -> SpecificationCurve:
    """R12: every defensible specification, tested jointly (Simonsohn, Simmons & Nelson 2020).

    The same exchanges of dose paths are applied to all specifications at once; the joint p is that
    of the median studentised score. Specifications are brought to the corridors all of them share.
    """
    row = Estimate("R12.specification_curve", RRR + ", median of specifications", parents=parents)
    shared = [c for c in _first(panels).corridors if all(c in p.corridors for p in panels.values())]
    trimmed = {
        name: Panel(p.data.sel(corridor=shared), p.left_out, p.flow) for name, p in panels.items()
    }
    names, ratios, scores = [], [], []
    assignments = None
    for name, panel in trimmed.items():
        try:
            asked = replace(question(panel), clusters=None)
            if assignments is None:
                assignments = permutation.admissible(panel.dose, panel.strata, rng, draws)
            design = asked.design()
            ratios.append(math.exp(float(fit(design).beta[0])))
            scores.append(permutation.scores(design, panel.dose, panel.slope, assignments))
            names.append(name)
        except IdentificationError:
            continue
    if assignments is None or not names:
        return SpecificationCurve(
            refusal(row, "no specification can be estimated"), (), np.array([]), np.array([])
        )
    values, table = np.array(ratios), np.array(scores)
    reference = f"{assignments.words}, median over {len(names)} specifications"
    filled = replace(row, reference_set=reference, clusters=len(shared))
    return SpecificationCurve(_judged(filled, values, table), tuple(names), values, table[:, 0])


def _judged(row: Estimate, values: Array, table: Array) -> Estimate:
    """Return the joint test of (specification,) ratios and (specification, assignment) scores."""
    median = np.median(table, axis=0)
    p = permutation.p_value(median)
    low, high = (float(v) for v in np.quantile(values, tails()))
    own = np.array([permutation.p_value(s) for s in table])
    share = float(((own <= alpha()) & (np.sign(table[:, 0]) == np.sign(median[0]))).mean())
    filled = replace(row, estimate=float(np.median(values)), low=low, high=high, p=p)
    return filled.says(
        f"Over {len(values)} specifications the median ratio is "
        f"{ratio_words(float(np.median(values)))} (95 % of them {ratio_words(low)} to "
        f"{ratio_words(high)}; joint {p_words(p)}); "
        f"{share:.0%} are of the same sign and significant by themselves."
    )


def _first(panels: Mapping[str, Panel]) -> Panel:
    return next(iter(panels.values()))
