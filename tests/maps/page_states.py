"""The made-up study with everything that can lengthen a page, and the states it can be in."""

from __future__ import annotations

from typing import Any

import madeup_tables
import pandas as pd

from geo.evidence.tables.answer import REACHED
from geo.evidence.tables.fifths import BEYOND, COVERED, FIFTHS, HARDEST, HARDLY
from geo.inference.registered.gates import barring
from geo.records import block_years

ESTIMAND = (
    "ratio of rate ratios: change, per unit dose, of deaths on the harder of both halves " * 2
)
"""As long as the longest that an analysis has."""


def fifths() -> pd.DataFrame:
    """Return shares by fifths of the ground, whose comparison makes the longest sentence."""
    rows: list[dict[str, Any]] = []
    for group, shift in ((COVERED, 2), (HARDLY, 0)):
        for number, block in enumerate(madeup_tables.BLOCKS):
            tilt = 2 + shift * number
            shares = [20 + tilt * (fifth - 2) for fifth in range(FIFTHS)]
            rows += [
                {"group": group, "block": block, "fifth": name, "value": value}
                for name, value in (*enumerate(shares, 1), (HARDEST, sum(shares[-2:])))
            ]
    beyond = {"value": -8, "low": -15, "high": 15}
    rows.append({"group": BEYOND, "block": madeup_tables.BLOCKS[-1], "fifth": HARDEST} | beyond)
    for row in rows:
        first, last = block_years(row["block"])
        row |= {"first_year": first, "last_year": min(last, madeup_tables.LAST_YEAR)}
        row |= {"fifth": str(row["fifth"]), "records_class": "265-274"}
    return madeup_tables.conform("hardness_fifths", rows)


def route_changes() -> pd.DataFrame:
    """Return measures of modelled movement: what was moved, and what it cost."""
    moved = [("moved", 0.19, 0.12, 0.3), ("added_hours", 0.2, -0.04, 0.1)]
    rows = [
        {"period_id": "first", "segment": "all", "avoidance": a, "measure": m, "unit": "x",
         "value": a * v, "low": a * low, "high": a * high, "definition": "x"}
        for m, v, low, high in moved for a in (0.0, 1.0)
    ]  # fmt: skip
    return madeup_tables.conform("funnel_measures", rows)


def estimates(one: pd.DataFrame, gates: str, level: str = "L1") -> pd.DataFrame:
    """Return the headline with outcomes of gates, and the same at the coverage reached."""
    one = one.assign(gates=gates, claim_level=level, estimand=ESTIMAND)
    reached = one.assign(analysis=REACHED, estimate=1.58, low=1.29, high=1.95, mde=1.31, row_id="r")
    return pd.concat([one, reached], ignore_index=True)


def states() -> dict[str, dict[str, Any]]:
    """Return what to change of the made-up tables for every state of an answer."""
    made = madeup_tables.tables()
    one, view = made["estimates"], made["coverage_by_corridor_year"]
    passed = ";".join(f"{g}=pass" for g in barring("support"))
    long = made["hardness_by_corridor"].assign(
        corridor=lambda t: t["corridor"] + " and a name that takes a second line of letters"
    )
    told = {"hardness_fifths": fifths(), "funnel_measures": route_changes()}
    unstable = {"estimates": estimates(one, "permutation=pass;interval=pass")}
    return {
        "effect": told | {"estimates": estimates(one, passed)},
        "unstable": told | unstable,
        "null": told | {"estimates": estimates(one, "permutation=fail")},
        "cannot tell": {"estimates": estimates(one, "informative=fail", "L0")},
        "zones": {"coverage_by_corridor_year": view.assign(exposure="zones")},
        "range": {"coverage_by_corridor_year": view.assign(exposure="range")},
        "no towers": {
            "coverage_by_corridor_year": view.iloc[:0],
            "estimates": one.iloc[:0],
            "towers": made["towers"].iloc[:0],
        },
        "long names": {"hardness_by_corridor": long},
    }
