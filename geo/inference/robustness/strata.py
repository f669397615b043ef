"""Record systems as strata: what each can tell, what each says alone, and whether they agree.

The headline has one coefficient and, for every record system, its own place effects, totals and
drift. What each system could find is worked out from its doses and margins before any ratio.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation.fixed_effects import residualise
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.poisson import SEPARATED, fit
from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words
from geo.inference.estimation.uncertainty import detectable
from geo.inference.panel.panel import Panel
from geo.inference.panel.systems import NO_SYSTEM
from geo.inference.registered.gates import enumerated
from geo.inference.registered.headline import RRR, Headline, primary, question, refusal
from geo.inference.registered.inputs import Task
from geo.inference.registered.phrases import PHRASES, Language
from geo.inference.registered.reached import reached
from geo.typing import Array

POWER = "smallest ratio of rate ratios, per unit dose, that could be found with 80 % power"
SHARED = "share of the variation between record systems' log ratios that is more than chance, 1"
READS = {
    "search_did_not_tilt": "pmi_class",
    "detection_bound": "pmi_class",
    "sign_gps_only": "precision_class",
    "precision": "precision_class",
}
"""Gate = column of the records that a system must hold for it to be run on all of them."""
HELD = {
    "pmi_class": ("day", "week", "3-weeks", "5-weeks", "3-months", "8-months", "longer"),
    "precision_class": ("gps",),
}
"""Column = words of it without which nothing is known."""
LACKS = {
    "pmi_class": "{names} state no interval between death and recovery",
    "precision_class": "no record of {names} is placed by GPS",
}
FEW_SYSTEMS = "fewer than two record systems can be estimated by themselves"


def of_systems(panel: Panel, names: Sequence[str]) -> Panel:
    """Return the panel of some of its record systems."""
    kept = np.isin(panel.data["system"].values.astype(str), list(names))
    return Panel(panel.data.isel(corridor=np.flatnonzero(kept)), panel.left_out, panel.flow)


def rows(task: Task) -> list[Estimate]:
    """Return every row of the strata; none where one record system holds all corridors.

    First what each system could tell, from doses and margins alone; then each by itself, all
    without each, and whether they differ more than chance.
    """
    panel, draws, parents = task.panel, task.draws, task.parents
    if "system" not in panel.data:
        return []
    found = [power_row(task, name) for name in _all_systems(task)]
    alone: dict[str, Headline] = {}
    for name in panel.systems:
        stream = task.stream(f"stratum {name}")
        alone[name] = primary(
            of_systems(panel, [name]), stream, analysis=f"strata.alone.{name}", draws=draws,
            invert=False, at_dose=False, parents=parents,
        )  # fmt: skip
        others = [s for s in panel.systems if s != name]
        without = Estimate(f"strata.without.{name}", RRR, parents=parents)
        found.append(alone[name].estimate)
        found.append(
            primary(
                of_systems(panel, others), stream, analysis=without.analysis, draws=draws,
                invert=False, at_dose=False, parents=parents,
            ).estimate
            if others
            else refusal(without, f"{name} is the only record system that enters")
        )  # fmt: skip
    return [*found, heterogeneity(alone, parents)]


def power_row(task: Task, system: str) -> Estimate:
    """Say how many corridors of a system enter, which dose they reach and what they could find.

    The standard error is that of the null model's information with the effects taken out: it uses
    doses and margins and no outcome beyond them, and is smaller than the jackknife's.
    """
    row = Estimate(f"strata.power.{system}", POWER, level="L0", parents=task.parents)
    panel = task.panel
    names = list(task.inputs.ground.attrs["systems"])
    total = names.count(system)
    if system not in panel.systems:
        return replace(row, refused=(why := _why_not(panel, system, total, task))).says(
            f"Record system {system} is described, not compared: {why}."
        )
    own = of_systems(panel, [system])
    covered = reached(own)
    dose = "no dose in the last year" if covered is None else covered.words
    said = (
        f"Record system {system}: {len(own.corridors)} of {total} corridors enter; they reach "
        f"{dose}"
    )
    smallest = _smallest(own)
    if smallest is None:
        return replace(row, refused="its doses do not vary once levels are out").says(
            f"{said}; its doses do not vary once levels and drift are taken out."
        )
    if smallest > SEPARATED:
        return replace(row, refused="it could find no finite ratio").says(
            f"{said}; by itself it could find no ratio per unit dose, however large."
        )
    ratio, at = float(np.exp(smallest)), ""
    if covered is not None:
        at = f", {ratio_words(ratio**covered.dose)} at the dose reached"
    return replace(row, estimate=ratio, clusters=len(own.corridors)).says(
        f"{said}; by itself it could find a ratio of {ratio_words(ratio)} per unit dose{at}, "
        "from doses and margins alone."
    )


def heterogeneity(alone: Mapping[str, Headline], parents: str = "") -> Estimate:
    r"""Test whether record systems differ more than chance lets them.

    Parameters
    ----------
    alone
        Record system to its headline.
    parents
        Identifiers of the inputs.

    Notes
    -----
    $$Q = \sum_s w_s (b_s - \bar b)^2, \quad I^2 = \max(0, (Q - k + 1) / Q)$$

    with b the log ratios, w the inverse of their jackknife variances, k their number; p from
    chi-squared with k - 1 degrees of freedom (Cochran 1954; Higgins & Thompson 2002).

    Examples
    --------
    >>> from geo import examples
    >>> row = heterogeneity({"one": examples.headline(), "two": examples.headline()})
    >>> row.estimate, round(row.p, 2)
    (0.0, 1.0)
    """
    row = Estimate("strata.heterogeneity", SHARED, level="L0", parents=parents)
    known = [h.answer.interval for h in alone.values() if h.answer is not None]
    beta = np.array([i.beta[0] for i in known])
    se = np.array([i.se for i in known])
    if len(known) < 2 or not (se > 0).all():
        return refusal(row, FEW_SYSTEMS)
    weight = 1.0 / se**2
    q = float((weight * (beta - (weight * beta).sum() / weight.sum()) ** 2).sum())
    df = len(known) - 1
    p = float(stats.chi2.sf(q, df))
    share = max(0.0, (q - df) / q) if q > 0 else 0.0
    verdict = "differ" if p <= alpha() else "were not found to differ"
    return replace(
        row, estimate=share, p=p, clusters=len(known),
        reference_set=f"chi-squared with {df} degrees of freedom",
    ).says(
        f"Record systems by themselves {verdict} by more than chance: Q = {q:.2f} on {df} degrees "
        f"of freedom ({p_words(p)}), I2 = {share:.0%}; {len(known)} systems give it little power."
    )  # fmt: skip


def named(panel: Panel, language: Language = "en") -> str:
    """Say which record systems are compared; empty where a study has only one."""
    if "system" not in panel.data:
        return ""
    own, say = panel.data["system"].values.astype(str), PHRASES[language]
    if not panel.systems:
        return str(say["no_system"])
    corridors = say["system"]
    each = [corridors.format(name=s, count=(own == s).sum()) for s in panel.systems]
    return str(say["systems"][len(each) > 1].format(each=enumerated(each, say["and"])))


def lacking(task: Task, column: str) -> list[str]:
    """Return the record systems that enter and hold no known word of a column."""
    if "system" not in task.panel.data:
        return []
    known = task.inputs.deaths[column].isin(HELD[column])
    home = task.inputs.deaths["source_id"].map(dict(task.options.sources))
    having = set(home[known & task.placed()["used"]].dropna())
    return [s for s in task.panel.systems if s not in having]


def told(task: Task, gates: Mapping[str, Outcome]) -> dict[str, Outcome]:
    """Return the gates, those that a system of the headline lacks the records for as not run.

    One that failed on the systems that have them has failed all the same.
    """
    out = dict(gates)
    for name, column in READS.items():
        without = lacking(task, column)
        if without and out[name].passed is not False:
            out[name] = Outcome(None, LACKS[column].format(names=enumerated(without)))
    return out


def _all_systems(task: Task) -> list[str]:
    """Return the systems whose ground the study has, those that enter first."""
    every = [s for s in dict.fromkeys(task.inputs.ground.attrs["systems"]) if s]
    return sorted(every, key=lambda s: s not in task.panel.systems)


def _why_not(panel: Panel, system: str, total: int, task: Task) -> str:
    if system in task.options.described:
        return task.options.described[system]
    names = np.array(task.inputs.ground.attrs["units"])
    own = set(names[np.array(task.inputs.ground.attrs["systems"]) == system])
    left = panel.left_out[panel.left_out["corridor"].isin(own)]
    counts = left["reason"].value_counts()
    return "; ".join(f"{n} of {total} corridors: {why}" for why, n in counts.items()) or NO_SYSTEM


def _smallest(panel: Panel) -> float | None:
    """Log ratio that the null model's information would find with the registered power."""
    design = question(panel).design()
    try:
        mu: Array = fit(design.with_x(design.x[:0])).mu
    except IdentificationError:
        return None
    residual = residualise(design, design.x, mu)[0][0]
    information = float((mu * residual**2).sum())
    df = len(panel.corridors) - 1
    if not information > 0 or df < 1:
        return None
    return detectable(1.0 / np.sqrt(information), df)
