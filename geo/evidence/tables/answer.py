"""The answer in plain words: what changed or did not, compared with what, and how sure that is.

Front page, map, embed, stills and brief print these sentences. Every number in them is read from
the public tables, and every form says as much against the hypothesis as another says for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from geo.evidence.tables import fifths
from geo.evidence.tables.comparison import (
    HardnessComparison,
    comparison,
    kind_of_exposure,
    mean_change,
)
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.plain_words import WORDS
from geo.inference.estimation.outcomes import read
from geo.inference.registered.gates import barring

Language = Literal["en", "es"]
REACHED = "headline.at_reached_dose"
ESTABLISHED = ("shift", "unstable")
"""Definition: states in which the title says that there was a change."""
OF = (100, 1_000, 10_000)
"""Display: a p value is told as so many in the first of these that gives a whole number above 0."""


@dataclass(frozen=True)
class Answer:
    """The answer in plain words.

    Attributes
    ----------
    state
        shift, unstable, null, cannot tell, not estimated or no exposure.
    title
        What changed or did not.
    shown
        What the central figure draws; empty where none can be drawn.
    points
        Mean changes of hardness where covered and where hardly covered.
    change
        Compared with what: of a hundred people found dead, where they lay; else the points.
    sure
        How sure that is.
    level
        Level on the claim ladder.
    caution
        Where the count of a hundred has the other sign than the test: that it has; else empty.
    """

    state: str
    title: str
    shown: str
    points: str
    change: str
    sure: str
    level: str
    caution: str = ""


def answer(tables: Mapping[str, pd.DataFrame], language: Language = "en") -> Answer:
    """Word the answer of a run.

    Parameters
    ----------
    tables
        Public tables of the run.
    language
        Of the words and of the way in which numbers are written.

    Returns
    -------
    Answer
        Its sentences; those of a comparison that the tables do not allow say so and why.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> evidence.answer(examples.public_tables()).state
    'no exposure'
    """
    say, found = WORDS[language], comparison(tables)
    row = _row(tables, "headline")
    kind = kind_of_exposure(tables)
    lack = "" if row is not None else "estimate"
    if not kind:
        lack = "towers"
    elif found is not None and not found.exposed:
        lack = "exposed"
    if lack or row is None:
        return _described(tables, found, lack, say)
    passed = {name: outcome[0] for name, outcome in read(row.gates).items()}
    side = say["harder"] if row.estimate > 1 else say["easier"]
    state = _state(passed)
    points_said = _change(found, tables, kind, say)
    return Answer(
        state,
        say["titles"][state].format(what=say["happened"][kind], side=side),
        _shown(found, say),
        points_said,
        _hundred(found, tables, state, say) or points_said,
        _sure(row, _row(tables, REACHED), passed, say, language),
        str(row.claim_level),
        _caution(found, tables, state, float(row.estimate), say),
    )


def number(value: float, digits: int, language: Language) -> str:
    """Return a number with so many decimals, as the language writes it.

    Examples
    --------
    >>> from geo.evidence.tables.answer import number
    >>> number(2.866, 2, "en"), number(2.866, 2, "es"), number(-0.001, 2, "en")
    ('2.87', '2,87', '0.00')
    """
    rounded = round(float(value), digits) + 0.0  # no zero carries a minus sign
    return _typeset(f"{rounded:.{digits}f}", language)


def points(change: float) -> str:
    """Return a change of hardness as printed: +12, 0, or with a minus sign."""
    whole = round(change)
    return _typeset(f"{whole:+d}", "en") if whole else "0"


def _typeset(text: str, language: Language) -> str:
    text = text.replace("-", "\N{MINUS SIGN}")
    return text.replace(".", ",") if language == "es" else text


def _row(tables: Mapping[str, pd.DataFrame], analysis: str) -> Any | None:
    rows = tables["estimates"]
    return next(each(rows[(rows["analysis"] == analysis) & rows["estimate"].notna()]), None)


def _state(passed: Mapping[str, bool | None]) -> str:
    if passed.get("informative") is False:
        return "cannot tell"
    if all(passed.get(g) for g in barring("support")):
        return "shift"
    if passed.get("permutation") and passed.get("interval"):
        return "unstable"
    return "null"


def _shown(found: HardnessComparison | None, say: dict[str, Any]) -> str:
    if found is None:
        return ""
    return str(say["shown"].format(before=found.years[0], end=found.years[1]))


def _change(
    found: HardnessComparison | None,
    tables: Mapping[str, pd.DataFrame],
    kind: str,
    say: dict[str, Any],
) -> str:
    if found is None:
        return f"{_thin(tables, say)} {say['pooled']}"
    change, anyway = mean_change(found.exposed), mean_change(found.aside)
    assert change is not None  # noqa: S101 - some corridor was exposed, asked before
    covered = say["change"].format(points=points(change), by=say["by"][kind])
    rest = say["alone"] if anyway is None else say["anyway"].format(points=points(anyway))
    return f"{covered}{rest}"


def _beyond(
    found: HardnessComparison | None, tables: Mapping[str, pd.DataFrame], state: str
) -> Any | None:
    """Return the row that compares shares of the hardest ground; None where it is not told."""
    table = tables.get(fifths.NAME)
    if found is None or table is None or state == "cannot tell":
        return None
    beyond = table[(table["group"] == fifths.BEYOND) & table["value"].notna()]
    return next(each(beyond), None)


def _hundred(
    found: HardnessComparison | None,
    tables: Mapping[str, pd.DataFrame],
    state: str,
    say: dict[str, Any],
) -> str:
    """Say where people were found dead, and where they would have been; empty if not told."""
    own = _beyond(found, tables, state)
    if found is None or own is None:
        return ""
    table = tables[fifths.NAME]
    hardest = table[table["fifth"] == fifths.HARDEST].set_index(["group", "block"])
    here = float(hardest.loc[(fifths.COVERED, own.block), "value"])
    signs = (points(float(v)) for v in (own.value, own.low, own.high))
    difference = dict(zip(("value", "low", "high"), signs, strict=True))
    return str(
        say["hundred"].format(
            here=f"{here:.0f}", otherwise=f"{here - own.value:.0f}", end=found.years[1],
            before=found.years[0], **difference,
        )
    )  # fmt: skip


def _caution(
    found: HardnessComparison | None,
    tables: Mapping[str, pd.DataFrame],
    state: str,
    ratio: float,
    say: dict[str, Any],
) -> str:
    """Say where a change was established and the count of a hundred has the other sign."""
    own = _beyond(found, tables, state)
    if own is None or state not in ESTABLISHED or own.value == 0:
        return ""
    if (own.value > 0) == (ratio > 1):
        return ""
    within = say["none_within"] if own.low <= 0 <= own.high else ""
    return f"{say['other_way']}{within}."


def _thin(tables: Mapping[str, pd.DataFrame], say: dict[str, Any]) -> str:
    """Say why no corridor is told."""
    corridors = tables["hardness_by_corridor"]["corridor"].nunique()
    return str(say["thin"].format(corridors=corridors) if corridors else say["nowhere"])


def _described(
    tables: Mapping[str, pd.DataFrame],
    found: HardnessComparison | None,
    lack: str,
    say: dict[str, Any],
) -> Answer:
    """Word a run that compares nothing: what became of the ground, and why no more is said."""
    state = "not estimated" if lack == "estimate" else "no exposure"
    sure = say["why"].format(lack=say["lacks"][lack])
    if found is None:
        thin = _thin(tables, say)
        return Answer(state, say["titles"]["untold"], "", thin, thin, sure, "L0")
    rows = (*found.exposed, *found.aside)
    change = mean_change(rows)
    whole = 0 if change is None else round(change)
    became = say["became"]["neither"]
    if whole:
        became = say["became"]["harder" if whole > 0 else "easier"].format(points=abs(whole))
    title = say["titles"]["described"].format(became=became)
    count = say["corridors"].format(grew=sum(r.end > r.before for r in rows), all=len(rows))
    return Answer(state, title, _shown(found, say), count, count, sure, "L0")


def _sure(
    row: Any,
    reached: Any | None,
    passed: Mapping[str, bool | None],
    say: dict[str, Any],
    language: Language,
) -> str:
    """Say how often chance does as much, the interval, and what these records could have shown."""
    many, of = _in_so_many(float(row.p)) if pd.notna(row.p) else (0, 0)
    at = row if reached is None else reached
    where = say["per_dose"] if reached is None else say["at_reached"]
    parts = []
    if of:
        name = "chance_none" if many == 0 else "chance"
        p = _typeset(f"{row.p:.2g}", language)
        parts.append(say[name].format(many=many, of=_thousands(of), p=p))
    if passed.get("informative") is not False and pd.notna(at.low) and pd.notna(at.high):
        ratio = (number(v, 2, language) for v in (at.estimate, at.low, at.high))
        parts.append(say["ratio"].format(**dict(zip(("ratio", "low", "high"), ratio, strict=True)),
                                         where=where))  # fmt: skip
        where = ""
    if pd.notna(at.mde):
        least = number(at.mde, 2, language)
        parts.append(say["least"].format(least=least, where=f" {where}" if where else ""))
    return f"{say['sure']} {'; '.join(parts)}." if parts else str(say["unsure"])


def _in_so_many(p: float) -> tuple[int, int]:
    return next(((round(p * of), of) for of in OF if round(p * of) > 0), (0, OF[-1]))


def _thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
