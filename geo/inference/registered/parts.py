"""Displacement or rescue, and the shift between corridors.

A ratio of rate ratios above one also arises when people in view are stopped or rescued before they
die and nobody moves. So the ratio is taken apart by ground: hard ground that no tower ever sees,
and easy ground that towers see by the end. Ground is classed once, so its composition is fixed.

*Against control ground* compares with easy ground out of view of the same corridor-year; volume and
border-wide drift drop out. *By itself* compares with the same kind of ground in less covered
corridors and divides by nothing in its own corridor. Displacement is spoken of only when the hard,
out-of-view part rises against its control ground (interval and permutation) and by itself (sign).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.errors import IdentificationError
from geo.inference.estimation.compare import Compared, Comparison, ask
from geo.inference.estimation.permutation import admissible
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import refusal
from geo.inference.registered.part_words import JOINT, NAMES, Parts, joint_row, part_words
from geo.typing import Array


def displacement_or_rescue(
    panel: Panel, rng: np.random.Generator, *, draws: int | None = None, parents: str = ""
) -> Parts:
    """Take the headline apart by ground.

    Parameters
    ----------
    panel
        From `build_panel`, with `seen` given to `classify_ground`.
    rng
        Stream of this analysis.
    draws
        Permutations where not all can be listed.
    parents
        Identifiers of the inputs.

    Returns
    -------
    Parts
        Rise on hard ground out of view, fall on easy ground in view, and what they allow.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> rng = np.random.default_rng(0)
    >>> parts = inference.displacement_or_rescue(examples.panel(), rng, draws=99)
    >>> parts.hard_rises
    True
    """
    answers: dict[str, Compared] = {}
    rows: list[Estimate] = []
    for name, question in _questions(panel).items():
        row = Estimate(name, NAMES[name], n=int(question.y.sum()), parents=parents)
        try:
            answers[name] = ask(question, rng, draws)
            row = answers[name].row(row)
            rows.append(row.says(part_words(row)))
        except IdentificationError as error:
            rows.append(refusal(row, str(error)))
    by_name = {r.analysis: r for r in rows}
    hard, easy = by_name["parts.hard_out_of_view"], by_name["parts.easy_in_view"]
    alone = by_name["parts.hard_out_of_view.by_itself"]
    rises = _rises(hard, alone)
    falls = _only_falls(easy, rises=rises)
    covariance, joint = _joint(panel, answers, rng, draws)
    rows.append(joint_row(joint, len(panel.corridors), parents))
    return Parts(rows, rises, falls, covariance, joint)


def not_told_apart(reason: str, parents: str = "") -> Parts:
    """Return the parts as not run, where exposure does not tell ground apart by view."""
    names = {**NAMES, "parts.joint": JOINT}
    rows = [refusal(Estimate(n, words, parents=parents), reason) for n, words in names.items()]
    return Parts(rows, None, None, None, None)


def between_corridors(
    panel: Panel, rng: np.random.Generator, *, draws: int | None = None, parents: str = ""
) -> list[Estimate]:
    r"""Ask whether deaths moved between corridors, which the headline conditions out.

    Parameters
    ----------
    panel
        From `build_panel`.
    rng
        Stream of this analysis.
    draws
        Permutations where not all can be listed.
    parents
        Identifiers of the inputs.

    Returns
    -------
    list of Estimate
        Change of a corridor's share of all deaths per unit dose [1], and recorded deaths that this
        moved out of (below zero) or into (above) covered corridor-years, yearly totals kept.

    Notes
    -----
    $$E[Y_{ct}] = \exp(a_c + l_t + g D_{ct})$$

    exp(g) is the change, per unit dose, of a corridor's share of the total of all corridors.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> rows = inference.between_corridors(examples.panel(), np.random.default_rng(0), draws=99)
    >>> [r.analysis for r in rows]
    ['between.share', 'between.relocated_records']
    """
    y = panel.deaths.sum(axis=1, keepdims=True)
    row = Estimate(
        "between.share",
        "ratio: change per unit dose in a corridor's share of all recorded deaths of the year",
        n=int(y.sum()),
        parents=parents,
    )
    question = _single(panel, y)
    try:
        answer = ask(question, rng, draws)
    except IdentificationError as error:
        return [refusal(row, str(error))]
    row = answer.row(row)
    bounds = answer.interval.bounds()
    moved = [_moved(question, b) for b in (float(answer.interval.beta[0]), *bounds)]
    count = replace(
        row,
        analysis="between.relocated_records",
        estimand="recorded deaths in covered corridor-years in excess of the no-tower model, "
        "yearly totals kept, records; a relocation, not a number of deaths caused",
        estimate=moved[0],
        low=min(moved[1:]),
        high=max(moved[1:]),
        mde=None,
    )
    return [
        row.says(part_words(row)),
        count.says(
            f"Recorded deaths in covered corridor-years in excess of the no-tower model: "
            f"{moved[0]:.0f} ({count.low:.0f} to {count.high:.0f})."
        ),
    ]


def _questions(panel: Panel) -> dict[str, Comparison]:
    out_of_view = np.asarray(panel.data["deaths"].values[:, :, 0], float)
    in_view = np.asarray(panel.data["deaths"].values[:, :, 1], float)
    slope = panel.slope
    hard, easy = slope > 0, slope < 0

    def total(counts: Array, bins: Array) -> Array:
        return np.asarray((counts * bins[:, :, None]).sum(axis=1))

    hard_out, easy_out = total(out_of_view, hard), total(out_of_view, easy)
    easy_in = total(in_view, easy)
    ever = panel.dose.max(axis=1) > 0
    control = np.where(ever[:, None], easy_in, easy_out + easy_in)
    pair = np.tile([0.0, 1.0], (len(ever), 1))
    return {
        "parts.hard_out_of_view": Comparison(
            np.stack([easy_out, hard_out], axis=1),
            panel.dose,
            pair,
            panel.strata,
            np.arange(2),
            system=panel.system,
        ),
        "parts.easy_in_view": Comparison(
            np.stack([easy_out, easy_in], axis=1),
            panel.dose,
            pair,
            panel.strata,
            np.zeros(2),
            system=panel.system,
        ).units(easy_in.sum(axis=1) > 0),
        "parts.hard_out_of_view.by_itself": _single(panel, hard_out[:, None]),
        "parts.easy_in_view.by_itself": _single(panel, control[:, None]),
    }


def _single(panel: Panel, y: Array) -> Comparison:
    return Comparison(
        y, panel.dose, np.ones((len(y), 1)), panel.strata, np.zeros(1), condition=False,
        system=panel.system,
    )  # fmt: skip


def _rises(hard: Estimate, alone: Estimate) -> bool | None:
    if hard.estimate is None or alone.estimate is None:
        return None
    return hard.significant and hard.estimate > 1.0 and alone.estimate > 1.0


def _only_falls(easy: Estimate, *, rises: bool | None) -> bool | None:
    """Whether only the easy part changes, downwards; None where that was not estimated."""
    if rises:
        return False
    return None if rises is None or easy.high is None else easy.high < 1.0


def _joint(
    panel: Panel, answers: dict[str, Compared], rng: np.random.Generator, draws: int | None
) -> tuple[Array | None, float | None]:
    """Joint covariance and joint permutation p of the two parts by themselves."""
    names = ("parts.hard_out_of_view.by_itself", "parts.easy_in_view.by_itself")
    if any(n not in answers for n in names):
        return None, None
    pair = [answers[n] for n in names]
    count = pair[0].interval.clusters
    spread = np.stack([a.interval.leave_one_out[:, 0] - a.interval.beta[0] for a in pair])
    covariance = (count - 1) / count * spread @ spread.T
    shared = admissible(panel.dose, panel.strata, rng, draws)
    questions = _questions(panel)
    scores = []
    for name in names:
        answer = ask(questions[name], rng, draws, shared)
        assert answer.statistics is not None  # noqa: S101 - units are corridors here
        scores.append(answer.statistics)
    both = np.stack(scores)
    weight = np.linalg.pinv(both @ both.T / both.shape[1])
    wald = np.einsum("ib,ij,jb->b", both, weight, both)
    return covariance, float((wald >= wald[0] * (1.0 - 1e-9)).mean())


def _moved(question: Comparison, gamma: float) -> float:
    """Deaths in dosed unit-years above the no-tower model with yearly totals kept."""
    design = question.design()
    fixed = fit(design.with_x(design.x[:0], gamma * design.x[0]))
    without = fixed.mu * np.exp(-gamma * design.x[0])
    without *= fixed.mu.sum(axis=0) / np.maximum(without.sum(axis=0), np.finfo(float).tiny)
    dosed = question.dose[:, None, :] > 0
    return float((fixed.mu - without)[dosed].sum())
