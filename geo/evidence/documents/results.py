"""What the tables say, in sentences: every number is read from a row, none is computed."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo.evidence.tables.identifiers import each
from geo.inference import GATES
from geo.inference.estimation.outcomes import read
from geo.inference.registered.adverse import HEADLINE, adverse, unpowered
from geo.inference.robustness.variants import WITHOUT_WATCHED, watched_before
from geo.parameters import load

_SHARE = load("visibility")["range_share"]
RANGE_NOTE = (
    "Range, not viewshed: the land's cells are wider than "
    f"{load('visibility')['viewshed_cell_m'].value:g} m, too coarse for lines of sight, so what a "
    f"tower saw is its range disc thinned to {_SHARE.value:.0%} ({_SHARE.low:.0%} to "
    f"{_SHARE.high:.0%} in the draws), the share that a maker's own figures give. Which ground in "
    "range was in view is not known, analyses that ask it are not run, and the claim stops at L1."
)
"""What stands wherever exposure is by range."""
LEVELS = {
    "L0": "descriptive: where recorded recoveries were located",
    "L1": "association: what greater coverage was accompanied by",
    "L2": "consistent with displacement",
    "L3": "causal interpretation under stated assumptions",
}
LIMITS = (
    (
        "The data are recorded recoveries: a lower bound of deaths. Where few people look, few are "
        "found."
    ),
    (
        "Places are where people were found, not where they walked or died; dates are dates of the "
        "report unless a table says otherwise."
    ),
    "Location precision and search effort changed over time; both can look like a shift of deaths.",
    "Towers were sited where crossings were expected; a tower near a death is not a cause.",
    (
        "Modelled movement is an illustration of cost, not a record of routes; shown only for "
        "periods closed for 24 months and never finer than 1 km."
    ),
)


def exposure_note(tables: Mapping[str, pd.DataFrame]) -> str:
    """Say what exposure was where it was not a view of towers; empty where it was, or is none."""
    coverage = tables["coverage_by_corridor_year"]
    names = watched_before(coverage)
    older = (
        f" Cameras older than the study's towers watched {', '.join(names)} before: they are "
        f"baseline and no dose, and the row {WITHOUT_WATCHED} asks without these corridors."
        if names
        else ""
    )
    if (coverage["exposure"] == "range").any():
        return f"{RANGE_NOTE}{older}"
    if not (coverage["exposure"] == "zones").any():
        return older.strip()
    return (
        "Programme zones, not towers: exposure is the share of modelled movement before towers "
        "inside spans of border where a programme worked, with bounds on span, depth and dates; by "
        "land alone it stands in the row R7.area_weighted. "
        "What could be seen from where is not known, analyses that ask it are not run, and the "
        f"claim stops at L1.{older}"
    )


def against(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return everything in the estimates that speaks against the headline or its hypothesis.

    `geo.inference.registered.adverse` decides; reason and sentence stand side by side. Checks that
    stayed silent without the power to speak follow.
    """
    rows = list(each(tables["estimates"]))
    own = next((r for r in rows if r.analysis == HEADLINE), None)
    said = [
        f"{row.analysis}: {'; '.join(why)}. {row.sentence}"
        for row in rows
        if (why := adverse(row, own))
    ]
    return said + [f"{text}." for text in unpowered(rows)]


def open_gates(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the headline's gates that did not pass, in words: failed, or not run and why."""
    estimates = tables["estimates"]
    rows = estimates[estimates["analysis"] == HEADLINE]
    said = []
    for text in rows["gates"]:
        for name, (passed, why) in read(text).items():
            if not passed:
                state = "failed" if passed is False else f"not run{f' ({why})' if why else ''}"
                said.append(f"{GATES[name].asks}: {state}")
    return said
