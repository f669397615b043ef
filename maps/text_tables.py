"""Tables of the page for readers and for the download, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.evidence.documents.results import heading
from geo.evidence.tables.answer import points
from geo.evidence.tables.comparison import Row
from maps.inputs import MapInputs
from maps.view import PeriodFacts, as_text, compared, last_day, percent, sentences
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


@dataclass(frozen=True)
class TextTable:
    """A table for readers and for the download; cells are text already."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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


def tables(inputs: MapInputs, facts: Sequence[PeriodFacts]) -> list[TextTable]:
    """Return every table of the page; one without rows is left out."""
    say = words(inputs.language)
    found = [_blocks(inputs, facts), _periods(inputs)]
    for name, key, columns in _SHOWN:
        frame = inputs.table(name)
        if name == "funnel_measures":  # thousands of rows by segment; the bundle's table has them
            frame = frame[frame["segment"] == WHOLE]
        rows = tuple(
            tuple(as_text(v, say) for v in row)
            for row in _named(frame, say, inputs)[columns.split()].itertuples(index=False)
        )
        title = say[f"table_{key}"]
        if name == "coverage_by_corridor_year":
            kinds = (f"table_coverage_{kind}" for kind in sorted(set(frame["exposure"])))
            title = next((say[kind] for kind in kinds if kind in say), title)
        found.append(TextTable(key, title, tuple(say[f"columns_{key}"]), rows))
    return [t for t in found if t.rows]


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
        frame = frame.assign(estimand=names, sentence=sentences(inputs))
    return frame


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
