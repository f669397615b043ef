"""The coverage that was reached, the ratio at it, and whether these records can tell.

A ratio per unit dose compares coverage of all pre-tower movement with none. Where coverage reached
a tenth, nobody saw that comparison: the headline is quoted at the coverage that was reached, and
not at all where interval or power are too wide to mean anything at either dose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate, p_words, ratio_words
from geo.inference.panel.panel import TOWERS, Panel
from geo.parameters import load

UNIT = "per unit dose"

WHOLE = 100
"""Display: ratios from here on are told without decimals."""


@dataclass(frozen=True)
class Reached:
    """The coverage that was reached.

    Attributes
    ----------
    dose
        Median dose of the last study year over the corridors covered in it, 0 to 1.
    corridors
        Their number.
    pooled
        Ratio, bounds and smallest detectable ratio where every imputation was taken at its own
        dose; None where the ratio per unit dose is taken to the power of `dose`.
    """

    dose: float
    corridors: int
    pooled: tuple[float, float, float, float] | None = None

    @property
    def words(self) -> str:
        """The dose with its definition."""
        many = f"the median of {self.corridors} covered corridors"
        return f"a dose of {self.dose:.2f}, {many if self.corridors > 1 else 'in one corridor'}"


def reached(panel: Panel) -> Reached | None:
    """Return the coverage that a panel's corridors reached (`reached_dose` of the parameters).

    Returns
    -------
    Reached or None
        None where no corridor is covered in the last study year.
    """
    final = panel.dose[:, -1] if panel.dose.size else np.zeros(0)
    covered = final[final > 0]
    return Reached(float(np.median(covered)), len(covered)) if len(covered) else None


def at_reached(row: Estimate, own: Reached) -> Estimate:
    """Return a row per unit dose as one at the coverage reached: every ratio to the power dose.

    Example
    -------
    >>> row = Estimate("headline", "ratio: change, per unit dose", 4.0, 1.0, 16.0)
    >>> at_reached(row, Reached(0.5, 3)).estimate
    2.0
    """

    def powered(ratio: float | None) -> float | None:
        return None if ratio is None else ratio**own.dose

    shown = own.pooled or tuple(map(powered, (row.estimate, row.low, row.high, row.mde)))
    estimate, low, high, mde = shown
    return replace(
        row, analysis=f"{row.analysis}.at_reached_dose",
        estimand=row.estimand.replace(UNIT, f"at the coverage reached ({own.words})"),
        estimate=estimate, low=low, high=high, mde=mde,
    )  # fmt: skip


def informative(row: Estimate, own: Reached | None) -> Outcome:
    """Say whether interval and power are narrow enough, per unit dose and at the dose reached."""
    asked = [row, *([] if own is None else [at_reached(row, own)])]
    if any(r.low is None or r.high is None or r.mde is None for r in asked):
        return Outcome(None, "no interval or no smallest detectable ratio was computed")
    span, ratio = _limits()
    return Outcome(all(_span(r) <= span and _detectable(r) <= ratio for r in asked))


def numbers(
    row: Estimate,
    own: Reached | None = None,
    bounds: tuple[float, float] | None = None,
    *,
    power: bool = True,
    unit: str = UNIT,
) -> str:
    """Word a ratio at the coverage reached, per unit dose beside it; else per unit dose alone.

    Parameters
    ----------
    row
        Ratio per unit dose.
    own
        The coverage reached.
    bounds
        Interval by inverting the permutation test, log ratio per unit dose.
    power
        Also give the smallest ratio that could be found.
    unit
        What the row's ratio refers to.
    """
    scale = 1.0 if own is None else own.dose
    shown = row if own is None else at_reached(row, own)
    where = unit if own is None else f"at the coverage reached ({own.words})"
    parts = [f"95 % interval {_between(shown)}", f"{_tested(row)} {p_words(_value(row.p))}"]
    if bounds is not None:
        low, high = (ratio_words(math.exp(scale * b)) for b in bounds)
        parts[-1] += f", by inversion {low} to {high}"
    if power:
        found = ratio_words(_value(shown.mde))
        parts.append(f"smallest ratio this could find with 80 % power {found}")
    if own is not None:
        parts.append(f"{UNIT} {ratio_words(_value(row.estimate))}, {_between(row)}")
    return f"ratio of rate ratios {ratio_words(_value(shown.estimate))} {where}; {'; '.join(parts)}"


def cannot_tell(
    row: Estimate, own: Reached | None = None, unit: str = UNIT, coverage: str = TOWERS
) -> str:
    """Say that the records cannot tell, and how far they are from telling; no ratio is quoted."""
    span, ratio = _limits()
    asked = [(unit, row)]
    if own is not None:
        asked.insert(0, (f"at the coverage reached ({own.words})", at_reached(row, own)))
    said = [
        f"{where} the 95 % interval spans a factor of {_large(_span(r))} and the smallest ratio "
        f"that would have been found with 80 % power is {_large(_detectable(r))}"
        for where, r in asked
    ]
    return (
        "These records cannot tell whether recorded deaths moved to harder or to easier ground as "
        f"{coverage} grew: {'; '.join(said)}. A ratio is quoted only where these are at most "
        f"{span:g} and {ratio:g}. This is evidence neither of a shift nor of its absence."
    )


def _limits() -> tuple[float, float]:
    settings = load("inference")
    return float(settings["largest_span"].value), float(settings["largest_detectable"].value)


def _span(row: Estimate) -> float:
    low, high = _value(row.low), _value(row.high)
    return high / low if low > 0 else math.inf


def _detectable(row: Estimate) -> float:
    return _value(row.mde)


def _between(row: Estimate) -> str:
    return f"{ratio_words(_value(row.low))} to {ratio_words(_value(row.high))}"


def _tested(row: Estimate) -> str:
    """Name the test: doses of units finer than corridors are not exchanged."""
    return "jackknife" if (row.reference_set or "").startswith("t distribution") else "permutation"


def _large(value: float) -> str:
    if not math.isfinite(value):
        return "any size"
    return f"{value:,.0f}" if value >= WHOLE else ratio_words(value)


def _value(number: float | None) -> float:
    return math.nan if number is None else number
