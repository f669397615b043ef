"""What else changed: agents, barriers, checkpoints, by corridor and study year, in one layout.

No publisher has these by corridor: whoever makes the table says in `citation` where each number
stands and how it was brought to corridors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from geo import records
from geo.sources import cells
from geo.sources.layouts import Layout
from geo.sources.reading import Reading, RowValidator, finish

LAYOUT = Layout(
    "covariates",
    needs={n: n for n in ("corridor", "year", "name", "value", "citation")},
)
UNKNOWN = "not a covariate of the registered plan"
BLANK = "a cell that may not be empty is"
TWICE = "corridor, year and name stand in an earlier row"
NO_YEAR = "not a year"
REMEDIES = {
    **cells.REMEDIES,
    UNKNOWN: f"Use one of {', '.join(records.COVARIATE_NAMES)}",
    BLANK: "Fill it; say under citation where the number stands",
    TWICE: "Leave one of the rows",
    NO_YEAR: "Give the study year, a calendar year such as 2012",
}


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,  # noqa: ARG001 - the form of every reader
) -> Reading:
    """Read a table of covariates into contract `covariates`; see `geo.sources.read`.

    Years after `as_of` are set aside; `plausible` is not asked, as there are no places.
    """
    chosen, _ = LAYOUT.resolve(list(table.columns), where, columns)
    raw = {name: table[column].astype(str).str.strip() for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    year = cells.numbers(raw["year"], chosen["year"], validator)
    value = cells.numbers(raw["value"], chosen["value"], validator)
    for name, text in raw.items():
        validator.drop(text == "", chosen[name], BLANK)
    whole = np.isfinite(year) & (year == np.floor(year)) & (np.abs(year - 2000) <= 200)
    validator.drop(np.isfinite(year) & ~whole, chosen["year"], NO_YEAR, raw["year"])
    validator.drop(~raw["name"].isin(["", *records.COVARIATE_NAMES]), chosen["name"], UNKNOWN)
    if as_of is not None:
        late = whole & (year > as_of.year)
        validator.drop(late, chosen["year"], cells.FUTURE, raw["year"])
    frame = pd.DataFrame(
        {
            "source_id": source_id,
            "source_row": table.index,
            "corridor": raw["corridor"],
            "year": np.where(whole, year, 0).astype(np.int64),
            "name": raw["name"],
            "value": value,
            "citation": raw["citation"],
        },
        index=table.index,
    )
    again = frame.duplicated(["corridor", "year", "name"]) & validator.kept
    validator.drop(again, chosen["corridor"], TWICE)
    return finish(records.COVARIATES, frame, validator, LAYOUT.reader, remedies=REMEDIES)
