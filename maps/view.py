"""What the page says, in words and tables, before any of it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
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
from geo.evidence.tables.answer import points
from geo.evidence.tables.comparison import HardnessComparison, Row, comparison
from geo.evidence.tables.finding import ANALYSIS
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.plain_words import WORDS
from geo.evidence.tables.told import told_in_numbers
from geo.records import CLASS_LABELS, DEATH_H3
from geo.study import Period
from maps.inputs import MapInputs
from maps.shapes import Features
from maps.words import words

_SHOWN = (
    (
        "estimates",
        "estimates",
        "analysis estimand estimate low high p reference_set n mde claim_level sentence",
    ),
    ("deaths_by_year", "years", "source_id year deaths_class deaths"),
    (
        "deaths_by_corridor_block",
        "corridors",
        "corridor first_year last_year cells deaths_at_least deaths_at_most",
    ),
    ("coverage_by_corridor_year", "coverage", "corridor year area_share dose"),
    (
        "hardship_by_block",
        "hardship",
        "first_year last_year group component statistic value low high unit records_class",
    ),
    (
        "funnel_measures",
        "funnel",
        "period_id segment avoidance measure value low high unit definition",
    ),
    ("counts", "counts", "source_id step reason records"),
)
"""Table = the name of its words, and the columns a reader sees (all are in the bundle)."""
WHOLE = "all"
"""Definition: segment of the measures of modelled movement that is the whole border."""
_ANSWERED = (
    "hardness_by_corridor",
    "hardness_fifths",
    "coverage_by_corridor_year",
    "estimates",
)
"""Tables that the answer in plain words is read from."""


@dataclass(frozen=True)
class TextTable:
    """A table for readers and for the download; cells are text already."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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


def central_table(inputs: MapInputs) -> TextTable:
    """Return values and intervals of the central figure, and the corridors it leaves out."""
    say, found = words(inputs.language), compared(inputs)
    rows = []
    told: set[str] = set()
    if found is not None:
        for group, own in ((say["covered"], found.exposed), (say["hardly"], found.aside)):
            rows += [_central_row(r, group, inputs) for r in own]
        told = {r.corridor for r in (*found.exposed, *found.aside)}
    names = inputs.table("hardness_by_corridor")["corridor"].unique()
    rows += [
        (str(n), say["left_out"], *[say["no_value"]] * 6) for n in sorted(names) if n not in told
    ]
    title, columns = say["table_central"], tuple(say["columns_central"])
    return TextTable("central", title, columns, tuple(rows))


def _central_row(row: Row, group: str, inputs: MapInputs) -> tuple[str, ...]:
    say = words(inputs.language)
    return (
        row.corridor,
        group,
        f"{row.before:.0f}",
        f"{row.end:.0f}",
        say["from_to"].format(low=f"{row.low:.0f}", high=f"{row.high:.0f}"),
        points(row.end - row.before),
        percent(row.dose),
        percent(row.land),
    )


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


def tables(inputs: MapInputs, facts: Sequence[PeriodFacts]) -> list[TextTable]:
    """Return every table of the page; one without rows is left out."""
    say = words(inputs.language)
    found = [_blocks(inputs, facts), _periods(inputs)]
    for name, key, columns in _SHOWN:
        frame = inputs.table(name)
        if name == "funnel_measures":  # thousands of rows by segment; the bundle's table has them
            frame = frame[frame["segment"] == WHOLE]
        rows = tuple(
            tuple(_cell(v, say) for v in row)
            for row in _named(frame, say, inputs)[columns.split()].itertuples(index=False)
        )
        title = say[f"table_{key}"]
        if name == "coverage_by_corridor_year":
            kinds = (f"table_coverage_{kind}" for kind in sorted(set(frame["exposure"])))
            title = next((say[kind] for kind in kinds if kind in say), title)
        found.append(TextTable(key, title, tuple(say[f"columns_{key}"]), rows))
    return [t for t in found if t.rows]


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
            for row, sentence in zip(each(table), _told(inputs), strict=True)
        ]
    return [
        {
            "name": heading(str(row["analysis"])),
            "level": str(row["claim_level"]),
            "sentence": str(row["sentence"]),
            "numbers": "; ".join(
                say["finding"][part].format(**{str(k): _cell(v, say) for k, v in row.items()})
                for part, needed in (("estimate", "estimate"), ("p", "p"), ("mde", "mde"))
                if pd.notna(row[needed])
            ),
        }
        for _, row in table.iterrows()
    ]


def _told(inputs: MapInputs) -> list[str]:
    """Return the sentence of every analysis in a language that is not that of the table."""
    rows = list(each(inputs.table("estimates")))
    own = next((r for r in rows if r.analysis == ANALYSIS), None)
    return [
        str(r.sentence_es) if pd.notna(r.sentence_es) else told_in_numbers(r, own, inputs.language)
        for r in rows
    ]


def _named(frame: pd.DataFrame, say: dict[str, Any], inputs: MapInputs) -> pd.DataFrame:
    """Return a table for readers of another language: names in place of codes and sentences."""
    if inputs.language == "en":
        return frame
    frame = frame.copy()
    for column, names in (("component", say["components"]), ("statistic", say["statistics"])):
        if column in frame:
            frame[column] = frame[column].map(lambda v, names=names: names.get(v, v))
    if "estimand" in frame:
        names = frame["analysis"].map(lambda name: heading(str(name), inputs.language))
        frame = frame.assign(estimand=names, sentence=_told(inputs))
    return frame


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


def _blocks(inputs: MapInputs, facts: Sequence[PeriodFacts]) -> TextTable:
    say = words(inputs.language)
    *before, towers, view, reason = say["columns_blocks"]
    shown = []
    if len(inputs.table("towers")):
        shown = [towers, view]
    elif len(inputs.table("zones")):
        shown = [say["column_zones"]]
    rows = []
    for block, fact in zip(inputs.blocks, facts, strict=True):
        period = inputs.period_in(block)
        seen = say["no_value"] if fact.in_view is None else percent(fact.in_view)
        exposed = {towers: _stood(fact.towers), view: seen, say["column_zones"]: _stood(fact.zones)}
        rows.append(
            (
                block.label,
                *(str(n) for n in fact.classes[1:]),
                *(exposed[name] for name in shown),
                say["no_value"] if period is None else period.label,
            )
        )
    columns = (*before, *shown, reason)
    return TextTable("blocks", say["table_blocks"], columns, tuple(rows))


def _stood(counts: tuple[int, int]) -> str:
    sure, maybe = counts
    return f"{sure} (+{maybe})" if maybe else str(sure)


def _periods(inputs: MapInputs) -> TextTable:
    say = words(inputs.language)
    rows = tuple(
        (p.label, p.start.isoformat(), last_day(p).isoformat(), p.reason)
        for p in inputs.study.periods
    )
    return TextTable("periods", say["table_periods"], tuple(say["columns_periods"]), rows)


def _cell(value: Any, say: dict[str, Any]) -> str:
    if pd.isna(value):
        return str(say["no_value"])
    return (
        say["decimal"].join(f"{value:.4g}".split(".")) if isinstance(value, float) else str(value)
    )
