"""The coverage that was reached, the ratio at it, and whether these records can tell.

A ratio per unit dose compares coverage of all pre-tower movement with none. Where coverage reached
a tenth, nobody saw that comparison: the headline is quoted at the coverage that was reached, and
not at all where interval or power are too wide to mean anything at either dose.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np

from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate, p_words, ratio_words
from geo.inference.panel.eligibility import TOWERS
from geo.inference.panel.panel import Panel
from geo.inference.registered.phrases import PHRASES, Language, in_language, written
from geo.parameters import load

UNIT = str(PHRASES["en"]["unit"])

SHORT = "Cannot tell: "
"""Display: how a sentence begins that `shortened` made."""


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
        return self._dose("en")

    def where(self, language: Language = "en") -> str:
        """Say at which coverage a ratio is quoted."""
        return str(PHRASES[language]["reached"].format(dose=self._dose(language)))

    def _dose(self, language: Language) -> str:
        say = PHRASES[language]
        many = say["many"].format(count=self.corridors) if self.corridors > 1 else say["one"]
        return str(say["dose"].format(dose=written(f"{self.dose:.2f}", language), many=many))


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
        estimand=row.estimand.replace(UNIT, own.where()),
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
    language: Language = "en",
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
        What the row's ratio refers to, in English.
    language
        Of the words and of the way in which numbers are written.
    """
    say = PHRASES[language]
    scale = 1.0 if own is None else own.dose
    shown = row if own is None else at_reached(row, own)
    per = say["unit"] if unit == UNIT else unit
    where = per if own is None else own.where(language)
    test = f"{say['tests'][_tested(row)]} {written(p_words(_value(row.p)), language)}"
    parts = [say["interval"].format(between=_between(shown, language)), test]
    if bounds is not None:
        low, high = (_ratio(math.exp(scale * b), language) for b in bounds)
        parts[-1] += say["inversion"].format(between=say["between"].format(low=low, high=high))
    if power:
        parts.append(say["power"].format(mde=_ratio(_value(shown.mde), language)))
    if own is not None:
        middle = _ratio(_value(row.estimate), language)
        parts.append(
            say["per_dose"].format(unit=say["unit"], ratio=middle, between=_between(row, language))
        )
    ratio = say["ratio"].format(ratio=_ratio(_value(shown.estimate), language), where=where)
    return f"{ratio}; {'; '.join(parts)}"


def cannot_tell(
    row: Estimate,
    own: Reached | None = None,
    unit: str = UNIT,
    coverage: str = TOWERS,
    language: Language = "en",
) -> str:
    """Say that the records cannot tell, and how far they are from telling; no ratio is quoted."""
    say = PHRASES[language]
    span, ratio = (written(f"{v:g}", language) for v in _limits())
    asked = [(say["unit"] if unit == UNIT else unit, row)]
    if own is not None:
        asked.insert(0, (own.where(language), at_reached(row, own)))
    said = [
        say["spans"].format(
            where=where, span=_large(_span(r), language), mde=_large(_detectable(r), language)
        )
        for where, r in asked
    ]
    return str(
        say["cannot_tell"].format(
            coverage=in_language(coverage, language), said="; ".join(said), span=span, ratio=ratio
        )
    )


def telling() -> str:
    """Say, once for many rows, what `shortened` leaves out of a sentence of `cannot_tell`.

    Example
    -------
    >>> telling()[:40]
    'Cannot tell: whether recorded deaths mov'
    """
    span, ratio = _limits()
    return (
        f"{SHORT}whether recorded deaths moved to harder or to easier ground, because the 95 % "
        f"interval spans a factor of more than {span:g} or the smallest ratio that would have been "
        f"found with 80 % power is above {ratio:g}; that is evidence neither of a shift nor of its "
        "absence."
    )


def shortened(text: str) -> str:
    """Return a sentence with what `telling` says of all rows left out of it.

    Example
    -------
    >>> shortened("By bins of three. Whatever else.")
    'By bins of three. Whatever else.'
    """
    blanks = re.sub(r"\\{\w+\\}", "(.+?)", re.escape(PHRASES["en"]["cannot_tell"]))
    return re.sub(blanks, lambda found: f"{SHORT}{found[2]}.", text)


def _limits() -> tuple[float, float]:
    settings = load("inference")
    return float(settings["largest_span"].value), float(settings["largest_detectable"].value)


def _span(row: Estimate) -> float:
    low, high = _value(row.low), _value(row.high)
    return high / low if low > 0 else math.inf


def _detectable(row: Estimate) -> float:
    return _value(row.mde)


def _between(row: Estimate, language: Language) -> str:
    low, high = (_ratio(_value(v), language) for v in (row.low, row.high))
    return str(PHRASES[language]["between"].format(low=low, high=high))


def _tested(row: Estimate) -> str:
    """Name the test: doses of units finer than corridors are not exchanged."""
    return "jackknife" if (row.reference_set or "").startswith("t distribution") else "permutation"


def _ratio(value: float, language: Language) -> str:
    """Write a ratio as `ratio_words` does, in a language."""
    if not math.isfinite(value):
        return str(PHRASES[language]["unbounded"])
    return written(ratio_words(value), language)


def _large(value: float, language: Language) -> str:
    if not math.isfinite(value):
        return str(PHRASES[language]["any_size"])
    return _ratio(value, language)


def _value(number: float | None) -> float:
    return math.nan if number is None else number
