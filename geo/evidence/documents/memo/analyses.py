"""Annex A: every analysis with everything that is known of it, and the means by block of years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Text
from geo.evidence.documents.results import named
from geo.evidence.tables.finding import NAMES, years_of
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.inference.registered.adverse import RANGES
from geo.inference.registered.reached import shortened, telling

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]
FAMILIES: Mapping[str, str] = {
    "headline": "The headline, and what it is made of",
    "strata": "Record systems, each by itself",
    "parts": "Displacement, and rescue or arrest",
    "between": "Shift between corridors (H3)",
    "monthly": "By month of death",
    "corridors": "Corridors that enter",
    "route_model": "The route model",
    "in_view": "Ground in view",
    "neighbours": "Neighbouring corridors",
    "zones": "Corridors watched before the first tower",
    "window": "Other spans of years",
    "land": "Jurisdictions",
    "R1": "Leaving one out",
    "R2": "Dates and places at which nothing was built",
    "R3": "Causes of death and time since death",
    "R4": "Precision of recorded places",
    "R5": "Other measures of hardness",
    "R6": "Coarser cells, and catchments",
    "R7": "Other measures of exposure",
    "R8": "Other models of the counts",
    "R9": "Trends and covariates held",
    "R10": "How far search would have to tilt",
    "R12": "Every defensible specification",
    "R13": "Earlier states of the records",
    "R14": "Other ways to exchange doses",
    "S2": "Years before and after the first dose",
    "S3": "Deaths against places drawn from modelled movement",
    "S4": "Where the pattern of records changed",
}
"""Display: families of analyses, as their names begin, in words."""
SPREADS = {
    **dict.fromkeys((*RANGES, "S3.route_models"), "range "),
    "R2.placebo_towers": "placebos ",
}
"""Display: beginning of an analysis = what its bounds are where they are no interval."""


def all_analyses(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield every analysis by family, its sentence and numbers, and the means by block."""
    del findings, pictures
    yield Heading("Annex A: all analyses")
    yield Text(
        f"{telling()} Where a row says so, its numbers stand here to be computed again, and are "
        "quoted nowhere else. Estimands stand in the table `estimates`, under the same names."
    )
    estimates = tables["estimates"]
    families = [str(a).partition(".")[0] for a in estimates["analysis"]]
    for name in dict.fromkeys(families):
        rows = estimates[[f == name for f in families]]
        yield Heading(FAMILIES.get(name) or named(rows["analysis"].iloc[0]), 2)
        yield _family(name, rows)
    yield from _means(tables)


def interval(row: Any) -> str:
    """Return an estimate with its bounds, three digits each; empty where there is none."""
    if not digits(row.estimate):
        return ""
    return digits(row.estimate) + spread(row)


def spread(row: Any) -> str:
    """Return the bounds of an estimate in brackets, and what they are where no interval."""
    kind = next((words for start, words in SPREADS.items() if row.analysis.startswith(start)), "")
    return f" ({kind}{digits(row.low)} to {digits(row.high)})" if digits(row.low) else ""


def digits(value: Any) -> str:
    """Return three significant digits; empty where there is no number."""
    return "" if pd.isna(value) else f"{value:.3g}"


def _family(family: str, estimates: pd.DataFrame) -> Grid:
    rows = []
    for r in each(estimates):
        asked = digits(r.p) and isinstance(r.reference_set, str)
        test = f"{digits(r.p)}; {r.reference_set}" if asked else ""
        size = ", ".join(
            f"{name} {int(v)}" for name, v in (("n", r.n), ("clusters", r.clusters)) if pd.notna(v)
        )
        text = shortened(r.sentence) if isinstance(r.sentence, str) else ""
        rows.append((r.analysis, text, interval(r), test, size, digits(r.mde), r.claim_level))
    return Grid(
        f"Analyses whose names begin with {family}.",
        ("Analysis", "What it says", "Estimate", "p; refers to", "Size", "Smallest", "Claim"),
        rows,
        (1.3, 2.6, 1.1, 1.8, 0.8, 0.7, 0.6),
    )


def _means(tables: Tables) -> Iterator[Block]:
    frame = tables["hardship_by_block"]
    means = frame[frame["statistic"] == "mean"]
    rows = [
        (
            NAMES.get(r.component, r.component),
            years_of(r._asdict()),
            {"all": "all records", "gps": "GPS-placed", "land": "the land"}[r.group],
            digits(r.value) or "suppressed",
            f"{digits(r.low)} to {digits(r.high)}" if digits(r.low) else "",
            "" if r.unit == "1" else r.unit,
            "" if r.group == "land" else r.records_class,
        )
        for r in each(means.sort_values(["component", "group"], kind="stable"))
    ]
    if rows:
        yield Heading("Means by block of years", 2)
        yield Grid(
            "Means by block of years, with 95 % intervals over resampled records.",
            ("What", "Years", "Group", "Mean", "Interval", "Unit", "Records"),
            rows,
            (1.8, 1.7, 1.1, 0.8, 1.2, 0.7, 0.8),
        )
