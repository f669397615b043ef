"""What the page says, in words and tables, before any of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import h3
import numpy as np
import pandas as pd

from geo.evidence import Answer, Finding
from geo.evidence import answer as plain_answer
from geo.evidence import headline as finding
from geo.evidence.documents.central import reading
from geo.evidence.documents.results import OBJECTIONS, heading, strongest
from geo.evidence.tables.comparison import HardnessComparison, comparison
from geo.evidence.tables.finding import ANALYSIS
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.plain_words import WORDS
from geo.evidence.tables.told import told_in_numbers
from geo.records import CLASS_LABELS, DEATH_H3
from geo.study import Period
from maps.inputs import MapInputs
from maps.shapes import Features
from maps.words import words

_ANSWERED = (
    "hardness_by_corridor",
    "hardness_fifths",
    "coverage_by_corridor_year",
    "estimates",
)
"""Tables that the answer in plain words is read from."""


def headline(inputs: MapInputs) -> Finding:
    """Return the run's finding, as every other page of the bundle has it."""
    return finding(inputs.study, inputs.tables, inputs.language)


def answer(inputs: MapInputs) -> Answer:
    """Return what changed or did not, compared with what, and how sure that is."""
    return plain_answer(_whole(inputs), inputs.language)


def compared(inputs: MapInputs) -> HardnessComparison | None:
    """Return the rows of the central figure; None where no corridor can be told."""
    return comparison(_whole(inputs))


def read_it(inputs: MapInputs, found: HardnessComparison) -> str:
    """Return how the central figure is read and what it leaves out."""
    caution = answer(inputs).caution
    return " ".join([*([caution] if caution else []), *reading(found, WORDS[inputs.language])])


def _whole(inputs: MapInputs) -> dict[str, pd.DataFrame]:
    return {n: inputs.table(n) for n in _ANSWERED}


def span(inputs: MapInputs) -> tuple[int, int]:
    """Return the first and the last year that a period touches."""
    periods = inputs.study.periods
    return periods[0].start.year, last_day(periods[-1]).year


def cell_size(inputs: MapInputs) -> str:
    """Return the usual area of the map's cells, km2, to the nearest 5."""
    areas = inputs.table("deaths_by_cell_block")["area_km2"]
    usual = float(areas.median()) if len(areas) else h3.average_hexagon_area(DEATH_H3, "km^2")
    return f"{5 * round(usual / 5):g}"


def last_day(period: Period) -> date:
    """Return the last day of a half-open period."""
    return date.fromordinal(period.end.toordinal() - 1)


@dataclass(frozen=True)
class PeriodFacts:
    """What one step of the slider shows, counted."""

    classes: tuple[int, ...]
    towers: tuple[int, int]
    zones: tuple[int, int]
    in_view: float | None
    shown: float | None

    def sentence(self, say: dict[str, Any]) -> str:
        """Return the facts as one line."""
        parts = [say["summary_cells"].format(cells=grouped(sum(self.classes[1:])))]
        for name, stood in (("towers", self.towers), ("zones", self.zones)):
            if any(stood):
                sure, maybe = stood
                known = f"summary_{name}" if maybe else f"summary_{name}_sure"
                parts.append(say[known].format(sure=sure, maybe=maybe))
        if self.in_view is not None:
            parts.append(say["summary_view"].format(share=percent(self.in_view)))
        if self.shown is not None:
            parts.append(say["summary_shown"].format(share=percent(self.shown)))
        return " ".join(parts)


def period_facts(
    inputs: MapInputs, cells: Features, towers: Features, zones: Features
) -> list[PeriodFacts]:
    """Count what each block shows; zones older than the study's towers are not counted."""
    counted = [f["properties"]["p"] for f in zones["features"] if not f["properties"]["older"]]
    view = inputs.rasters.get("in_view_share")
    known = set() if view is None else {str(v) for v in view["period"].values}
    out = []
    for number, block in enumerate(inputs.blocks):
        period = inputs.period_in(block)
        classes = [f["properties"]["c"][number] for f in cells["features"]]
        stood = [f["properties"]["p"][number] for f in towers["features"]]
        share = None
        if view is not None and period is not None and period.id in known:
            share = float(np.nanmean(view.sel(period=period.id).values))
        out.append(
            PeriodFacts(
                tuple(classes.count(i) for i in range(len(CLASS_LABELS))),
                (stood.count(2), stood.count(1)),
                ([p[number] for p in counted].count(2), [p[number] for p in counted].count(1)),
                share,
                inputs.shown_share.get(block.id),
            )
        )
    return out


def findings(inputs: MapInputs) -> list[dict[str, str]]:
    """Return every test's sentence, whichever way it went, with its numbers.

    Sentences of analyses are English: a Spanish page tells their numbers, and the headline's own.
    """
    say, table = words(inputs.language), inputs.table("estimates")
    if inputs.language != "en":
        return [
            {
                "name": heading(str(row.analysis), inputs.language),
                "level": str(row.claim_level),
                "sentence": sentence,
                "numbers": "",
            }
            for row, sentence in zip(each(table), sentences(inputs), strict=True)
        ]
    return [
        {
            "name": heading(str(row["analysis"])),
            "level": str(row["claim_level"]),
            "sentence": str(row["sentence"]),
            "numbers": "; ".join(
                say["finding"][part].format(**{str(k): as_text(v, say) for k, v in row.items()})
                for part, needed in (("estimate", "estimate"), ("p", "p"), ("mde", "mde"))
                if pd.notna(row[needed])
            ),
        }
        for _, row in table.iterrows()
    ]


def sentences(inputs: MapInputs) -> list[str]:
    """Return the sentence of every analysis in a language that is not that of the table."""
    rows = list(each(inputs.table("estimates")))
    own = next((r for r in rows if r.analysis == ANALYSIS), None)
    return [
        str(r.sentence_es) if pd.notna(r.sentence_es) else told_in_numbers(r, own, inputs.language)
        for r in rows
    ]


def objections(inputs: MapInputs) -> list[tuple[str, str]]:
    """Return the strongest arguments against the finding: why, and the sentence."""
    return (
        strongest(inputs.tables, inputs.language)[:OBJECTIONS]
        if len(inputs.table("estimates"))
        else []
    )


def grouped(number: int) -> str:
    """Return a number with a thin space every three digits, as both languages may write it."""
    return f"{number:,}".replace(",", "\N{THIN SPACE}")


def percent(share: float) -> str:
    """Return a share as whole percent; what is above none is never shown as none."""
    value = share * 100
    return "< 1 %" if 0 < value < 1 else f"{value:.0f} %"


def as_text(value: Any, say: dict[str, Any]) -> str:
    """Return a cell of a table as a reader of the page sees it."""
    if pd.isna(value):
        return str(say["no_value"])
    return (
        say["decimal"].join(f"{value:.4g}".split(".")) if isinstance(value, float) else str(value)
    )
