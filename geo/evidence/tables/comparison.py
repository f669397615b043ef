"""Hardness before and at the end by corridor, by what came to be exposed: rows and sentences.

Figure, brief and workbook say the same words and numbers; all are read from public tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geo import parameters
from geo.evidence.tables.identifiers import each
from geo.inference.estimation.outcomes import read
from geo.inference.estimation.rows import ratio_words
from geo.inference.registered.gates import barring

WORDS = {
    "view": ("EARLIER ROUTES SEEN", "seen", "towers came to see the earlier routes", "towers"),
    "range": (
        "EARLIER ROUTES IN RANGE", "in range",
        "the earlier routes came within range of towers (range, not viewshed)", "towers",
    ),
    "zones": (
        "EARLIER ROUTES INSIDE ZONES", "inside",
        "programme zones, not towers, came to cover the earlier routes", "programme zones",
    ),
}  # fmt: skip
"""Kind of exposure = heading of the rows, of the bars, what happened, and by what."""


MEANS = "(arrowhead)"
"""How the sentence of what is drawn ends, before the mean changes."""


@dataclass(frozen=True)
class Row:
    """A corridor: hardness before and at the end with its interval, share of routes exposed."""

    corridor: str
    before: float
    end: float
    low: float
    high: float
    dose: float


@dataclass(frozen=True)
class HardnessComparison:
    """What the figure compares.

    Attributes
    ----------
    exposed, aside
        Corridors by share of earlier routes exposed, those under `hardly_exposed_dose` aside.
    untold
        Corridors left out because a window holds fewer than 20 records.
    years
        First and last year of both windows, as printed.
    kind
        View, range or zones; empty where nothing was exposed.
    """

    exposed: tuple[Row, ...]
    aside: tuple[Row, ...]
    untold: int
    years: tuple[str, str]
    kind: str


def comparison(tables: Mapping[str, pd.DataFrame]) -> HardnessComparison | None:
    """Read the comparison from the public tables; None where no corridor can be told."""
    table = tables["hardness_by_corridor"]
    told = table[table["value"].notna()]
    if told.empty:
        return None
    first, last = (told[told["window"] == w].set_index("corridor") for w in ("before", "end"))
    rows = [
        Row(
            str(row.corridor),
            float(first.loc[row.corridor, "value"]),
            float(row.value),
            float(row.low),
            float(row.high),
            float(row.dose) if pd.notna(row.dose) else 0.0,
        )
        for row in each(last.reset_index())
    ]
    rows.sort(key=lambda r: (-r.dose, r.corridor))
    least = float(parameters.load("inference")["hardly_exposed_dose"].value)
    exposed = tuple(r for r in rows if r.dose >= least)
    kinds = list(tables["coverage_by_corridor_year"]["exposure"].unique())
    return HardnessComparison(
        exposed,
        tuple(r for r in rows if r.dose < least),
        table["corridor"].nunique() - len(rows),
        (_years(first), _years(last)),
        str(kinds[0]) if exposed else "",
    )


def sentences(
    found: HardnessComparison, tables: Mapping[str, pd.DataFrame]
) -> tuple[str, str, str]:
    """Return title, what is drawn with the mean changes, and how sure."""
    estimates = tables["estimates"]
    rows = estimates[(estimates["analysis"] == "headline") & estimates["estimate"].notna()]
    change, anyway = mean_change(found.exposed), mean_change(found.aside)
    drawn = (
        f"Mean hardness of the ground where people were found dead, {found.years[0]} (ring) and "
        f"{found.years[1]} {MEANS}."
    )
    if not found.exposed or rows.empty:
        became = _became(mean_change((*found.exposed, *found.aside)))
        title = f"Where people were found dead, the ground {became}"
        lack = "the headline could not be estimated"
        if not found.exposed:
            lack = "no corridor was much exposed to towers or zones of known date"
        return title, drawn, f"Nothing can be said about why: {lack}."
    row = next(each(rows))
    what = WORDS[found.kind][2]
    drawn += (
        f" {change:+.0f} points on average where {WORDS[found.kind][3]} covered the earlier routes"
    )
    drawn += f"; {anyway:+.0f} where they hardly did." if anyway is not None else "."
    passed = {name: outcome[0] for name, outcome in read(str(row.gates)).items()}
    side = "harder" if row.estimate > 1 else "easier"
    if passed.get("informative") is False:
        title = f"These records cannot tell whether deaths shifted to harder ground as {what}"
    elif all(passed.get(g) for g in barring("support")):
        title = f"As {what}, recorded deaths shifted to {side} ground, more than elsewhere"
    elif passed.get("permutation") and passed.get("interval"):
        title = f"A shift of recorded deaths to {side} ground as {what} did not hold in every check"
    else:
        title = f"No difference could be shown between corridors where {what} and the others"
    sure = f"How sure: p = {row.p:.2g} over random exchanges of which corridor was covered when"
    if pd.notna(row.mde):
        sure += (
            f"; smallest ratio these records could have shown {ratio_words(row.mde)} per unit dose"
        )
    return title, drawn, f"{sure}. Claim level {row.claim_level} of L0 to L3."


def mean_change(rows: tuple[Row, ...]) -> float | None:
    """Return the mean change over corridors, each counted once."""
    return sum(r.end - r.before for r in rows) / len(rows) if rows else None


def _became(change: float | None) -> str:
    points = 0 if change is None else round(change)
    if not points:
        return "became neither harder nor easier"
    return f"became {'harder' if points > 0 else 'easier'} by {abs(points)} points"


def _years(rows: pd.DataFrame) -> str:
    return f"{int(rows['first_year'].iloc[0])}-{int(rows['last_year'].iloc[0])}"
