"""Hardness before and at the end by corridor, by what came to be exposed.

Figure, pages, brief and workbook show the same rows; all are read from public tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geo import parameters
from geo.evidence.tables.identifiers import each


@dataclass(frozen=True)
class Row:
    """A corridor before towers and at the end.

    Attributes
    ----------
    corridor
        Its name.
    before, end, low, high
        Mean hardness in both windows, 0 to 100, and the interval of the later one.
    dose, land
        Share of the earlier routes and of the land exposed at the end; none is 0.
    row_id
        Row of the later window.
    """

    corridor: str
    before: float
    end: float
    low: float
    high: float
    dose: float
    land: float = 0.0
    row_id: str = ""

    @property
    def land_not_routes(self) -> bool:
        """Whether land and routes exposed differ by more than half of the larger, land ahead."""
        return self.land >= _least() and self.dose < self.land / 2


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
            float(row.area_share) if pd.notna(row.area_share) else 0.0,
            str(row.row_id),
        )
        for row in each(last.reset_index())
    ]
    rows.sort(key=lambda r: (-r.dose, r.corridor))
    least = _least()
    exposed = tuple(r for r in rows if r.dose >= least)
    return HardnessComparison(
        exposed,
        tuple(r for r in rows if r.dose < least),
        table["corridor"].nunique() - len(rows),
        (_years(first), _years(last)),
        kind_of_exposure(tables) if exposed else "",
    )


def mean_change(rows: tuple[Row, ...]) -> float | None:
    """Return the mean change over corridors, each counted once."""
    return sum(r.end - r.before for r in rows) / len(rows) if rows else None


def span(found: HardnessComparison) -> tuple[float, float]:
    """Return the ends of the axis of hardness, in steps of ten: all rows lie within."""
    rows = (*found.exposed, *found.aside)
    ends = [v for r in rows for v in (r.before, r.low, r.high)]
    return min(ends) // 10 * 10, -(-max(ends) // 10) * 10


def kind_of_exposure(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return view, range or zones; empty where nothing was exposed at any time."""
    kinds = list(tables["coverage_by_corridor_year"]["exposure"].unique())
    return str(kinds[0]) if kinds else ""


def _least() -> float:
    return float(parameters.load("inference")["hardly_exposed_dose"].value)


def _years(rows: pd.DataFrame) -> str:
    return f"{int(rows['first_year'].iloc[0])}-{int(rows['last_year'].iloc[0])}"
