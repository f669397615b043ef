"""The headline: whether recorded deaths moved to harder ground where coverage grew.

    E[Y_cqt] = exp(a_cq + d_ct + k_qt + b D_ct H_q)

exp(b) is the ratio of rate ratios: how the ratio of recorded deaths on ground one standard
deviation harder to that on average ground changes when coverage of pre-tower movement goes from
none to all, against the concurrent change in less covered corridors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.compare import Compared, Comparison, ask
from geo.inference.estimation.fixed_effects import Design
from geo.inference.estimation.poisson import Fit, fit, live_cells
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.eligibility import TOWERS
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline_words import EMPTY, refused_words, sentence
from geo.inference.registered.reached import Reached, informative, reached
from geo.typing import Array

RRR = (
    "ratio of rate ratios: change, per unit dose, in the ratio of recorded deaths on ground one "
    "standard deviation harder to that on average ground, against less covered corridors"
)

NOT_QUOTED = "Not quoted: these records cannot tell whether there was a shift."
"""What stands in place of numbers made from a headline that is not quoted."""


@dataclass(frozen=True)
class Headline:
    """The headline and everything it was made of.

    Attributes
    ----------
    estimate
        Row of `estimates`.
    answer
        Coefficient, jackknife interval, reference set; None where it could not be estimated.
    permutation_bounds
        Interval from inverting the permutation test, log scale; None where not asked for.
    dropped
        Cells without information, which the fit leaves out.
    refused
        Why there is no estimate; empty where there is one.
    reached
        The coverage at which it is quoted; None where no corridor is covered at the end.
    coverage
        What the dose is the growth of, in words.
    """

    estimate: Estimate
    answer: Compared | None = None
    permutation_bounds: tuple[float, float] | None = None
    dropped: int = 0
    refused: str = ""
    reached: Reached | None = None
    coverage: str = TOWERS

    @property
    def told(self) -> bool:
        """Whether its ratio is quoted: False where the records cannot tell."""
        return informative(self.estimate, self.reached).passed is not False

    @property
    def supported(self) -> bool:
        """Whether permutation p and jackknife interval both exclude no effect."""
        return self.estimate.significant


def primary(
    panel: Panel,
    rng: np.random.Generator,
    *,
    analysis: str = "headline",
    draws: int | None = None,
    invert: bool = True,
    at_dose: bool = True,
    parents: str = "",
) -> Headline:
    r"""Estimate the headline.

    Parameters
    ----------
    panel
        From `build_panel`.
    rng
        Stream of this analysis, for random permutations.
    analysis
        Registered name of the row.
    draws
        Permutations where not all assignments can be listed; the registered number if None.
    invert
        Also invert the permutation test into an interval.
    at_dose
        Quote it at the coverage reached; else per unit dose, as variants stand beside each other.
    parents
        Identifiers of the inputs.

    Returns
    -------
    Headline
        Where the records cannot carry the estimate, a row without numbers that says why.

    Notes
    -----
    $$E[Y_{cqt}] = \exp(a_{cq} + d_{ct} + k_{qt} + b\,D_{ct} H_q)$$

    with c corridor, q hardness bin, t study year, D the dose and H the bin's hardness; conditional
    Poisson, interval from the leave-one-corridor-out jackknife, p from exchanging whole dose paths.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> found = inference.primary(
    ...     examples.panel(), np.random.default_rng(0), draws=99, invert=False
    ... )
    >>> row = found.estimate
    >>> round(row.estimate, 1), round(row.low, 1), round(row.high, 1)
    (3.3, 2.2, 4.9)
    """
    row = Estimate(analysis, RRR, n=int(panel.deaths.sum()), parents=parents)
    try:
        _require(panel)
        return _estimate(panel, rng, row, draws=draws, invert=invert, at_dose=at_dose)
    except IdentificationError as error:
        reason = str(error)
        return Headline(refusal(row, reason), refused=reason, coverage=panel.coverage)


def refusal(row: Estimate, reason: str) -> Estimate:
    """Return a row that says why there is no number."""
    return replace(row, level="L0", refused=reason).says(refused_words(reason))


def question(panel: Panel) -> Comparison:
    """Return the headline's comparison: dose x hardness within corridor-years."""
    bins = np.arange(panel.slope.shape[1])
    return Comparison(
        panel.deaths, panel.dose, panel.slope, panel.strata, bins, clusters=panel.clusters,
        system=panel.system,
    )  # fmt: skip


def _estimate(
    panel: Panel,
    rng: np.random.Generator,
    row: Estimate,
    *,
    draws: int | None,
    invert: bool,
    at_dose: bool,
) -> Headline:
    asked = question(panel)
    answer = ask(asked, rng, draws)
    bounds = None
    if invert and answer.assignments is not None:
        reach = max(1.5 * answer.interval.se, 0.05)
        guess = (float(answer.interval.beta[0]), reach)
        table = (asked.design(), panel.dose, panel.slope)
        bounds = permutation.interval([table], answer.assignments, guess)
    row = answer.row(row)
    dropped = int((~live_cells(asked.design())).sum())
    own = reached(panel) if at_dose else None
    if informative(row, own).passed is False:
        row = replace(row, level="L0")
    said = sentence(row, bounds, own, panel.coverage)
    return Headline(row.says(said), answer, bounds, dropped, "", own, panel.coverage)


def _require(panel: Panel) -> None:
    """Raise IdentificationError with the first reason why no record or no dose is left."""
    records = dict(zip(panel.flow["step"], panel.flow["records"], strict=True))
    for step, reason in EMPTY.items():
        if records.get(step) == 0:
            raise IdentificationError(reason)
    if len(panel.corridors) and not panel.dose.any() and "covered" in panel.left_out:
        lost = sorted(panel.left_out["corridor"][panel.left_out["covered"].astype(bool)])
        if lost:
            raise IdentificationError(
                f"every covered corridor ({', '.join(lost)}) has too few records before its first "
                "dose and does not enter"
            )


def relocation(panel: Panel, headline: Headline, parents: str = "") -> list[Estimate]:
    """Express the coefficient as a shift of mean hardness and as a count.

    Mean shift: deaths-weighted difference of mean hardness from the no-tower model. Count:
    recorded deaths on harder-than-average ground in excess of that model, which relocates them and
    says nothing of what caused them. Bounds are the refits at the bounds of the coefficient.

    Parameters
    ----------
    panel
        From `build_panel`.
    headline
        From `primary`.
    parents
        Identifiers of the inputs.

    Returns
    -------
    list of Estimate
        Shift of mean hardness [SD] and relocated records; empty where the headline was refused.

    Examples
    --------
    >>> from geo import examples, inference
    >>> rows = inference.relocation(examples.panel(), examples.headline())
    >>> [r.analysis for r in rows]
    ['headline.mean_hardness', 'headline.relocated_records']
    """
    own = headline.estimate
    if own.estimate is None or own.low is None or own.high is None:
        return []
    design = panel.design()
    values = [float(np.log(v)) for v in (own.estimate, own.low, own.high)]
    shifts = [_shift(design, panel.slope, b) for b in values]
    names = (
        ("headline.mean_hardness", ("difference in mean hardness of recorded deaths in covered "
         "corridor-years from the no-tower model, standard deviations of modelled movement")),
        ("headline.relocated_records", ("recorded deaths on harder-than-average ground in excess "
         "of the no-tower model, records; a relocation, not a number of deaths caused")),
    )  # fmt: skip
    rows = []
    for index, (name, estimand) in enumerate(names):
        shape = (".2f", ",.0f")[index]  # there are no hundredths of a record
        middle, lower, upper = (s[index] for s in shifts)
        row = replace(
            headline.estimate, analysis=name, estimand=estimand, estimate=middle,
            low=min(lower, upper), high=max(lower, upper), mde=None, parents=parents,
        )  # fmt: skip
        rows.append(
            row.says(
                f"Against the no-tower model: {middle:{shape}} ({row.low:{shape}} to "
                f"{row.high:{shape}}), "
                f"{estimand.split(',')[0]}."
                if headline.told
                else NOT_QUOTED
            )
        )
    return rows


def interval_scale(headline: Headline, parents: str = "") -> list[Estimate]:
    """State the factor by which the jackknife's standard error was multiplied.

    See `geo.inference.estimation.uncertainty.reference` and `interval_scale` of inference.yaml.
    """
    if headline.answer is None:
        return []
    interval = headline.answer.interval
    row = Estimate(
        "headline.interval_scale",
        "factor on the standard error of the leave-one-corridor-out jackknife, 1",
        interval.scale,
        clusters=interval.clusters,
        level="L0",
        parents=parents,
    )
    return [
        row.says(
            f"The jackknife's standard error was multiplied by {interval.scale:.2f}, the root of "
            "the working variance of the null model over the jackknife's expectation under it; "
            f"t has {interval.df:.1f} degrees of freedom. Dose paths and margins decide both."
        )
    ]


def _shift(design: Design, slope: Array, beta: float) -> tuple[float, float]:
    """Mean hardness shift and count at a coefficient, effects refitted."""
    fixed = fit(design.with_x(design.x[:0], beta * design.x[0]))
    without = _no_tower(design, fixed, beta)
    gain = fixed.mu - without
    dosed = (np.abs(design.x[0]).sum(axis=1, keepdims=True) > 0) * np.ones_like(gain)
    total = float((fixed.mu * dosed).sum())
    mean = float((gain * slope[:, :, None] * dosed).sum()) / total if total > 0 else 0.0
    return mean, float(gain[np.broadcast_to(slope[:, :, None] > 0, gain.shape)].sum())


def _no_tower(design: Design, fixed: Fit, beta: float) -> Array:
    """Fitted counts with dose taken away and corridor-year totals kept."""
    odds = fixed.mu * np.exp(-beta * design.x[0])
    norm = np.maximum(odds.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.asarray(odds * design.y.sum(axis=1, keepdims=True) / norm)
