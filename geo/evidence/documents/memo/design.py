"""The memo's first chapters: question and finding, setting, data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Text
from geo.evidence.documents.results import LEVELS
from geo.evidence.tables.comparison import kind_of_exposure
from geo.evidence.tables.counts import said as number
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import key_numbers, printed
from geo.inference import ALWAYS, ASSUMPTIONS

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]
CITED = 170
"""Display: characters of a citation in the chronology."""


def question(findings: Findings, tables: Tables, _: Pictures) -> Iterator[Block]:
    """Yield what was asked, the one sentence of answer, and the sentences that always stand."""
    said = headline(findings.study, tables)
    yield Heading("Question and finding")
    yield Text(findings.study.question or findings.study.title)
    yield Text(said.sentence, strong=True)
    row = f" It stands in row {said.row_id} of the tables." if said.row_id else ""
    yield Text(f"Claim level {said.level} on a ladder from L0 to L3: {LEVELS[said.level]}.{row}")
    yield Text(" ".join(ALWAYS))
    if said.level == "L3":
        yield Text(f"The causal reading rests on these assumptions: {' '.join(ASSUMPTIONS)}")
    yield Grid(
        "The six numbers of this run, the same in brief, annex and workbook.",
        ("", "What", "Value", "Stands in"),
        list(printed(key_numbers(tables))),
        (0.35, 2.0, 3.4, 1.7),
    )


def setting(findings: Findings, tables: Tables, _: Pictures) -> Iterator[Block]:
    """Yield design, area, periods, corridors and the rules of publication."""
    study = findings.study
    west, south, east, north = study.bounds_lonlat
    yield Heading("Setting")
    why = f": {study.grid.reason}" if study.grid.reason else ""
    by = "programme zones" if kind_of_exposure(tables) == "zones" else "towers"
    yield Text(
        f"A retrospective study of recorded deaths: doses of coverage by {by} that differ by place "
        "and date are set against where on the ground recorded deaths lie, with border-wide "
        "change absorbed by concurrent controls. "
        f"The area is {west:g} to {east:g} degrees east and {south:g} to {north:g} degrees north, "
        f"on a grid of {study.grid.resolution_m:g} m cells in {study.crs}{why}. Nothing later than "
        f"{study.as_of.isoformat()} was used. The time before the first tower is "
        f"{study.pre_tower[0].isoformat()} to {study.pre_tower[1].isoformat()}, last day excluded."
    )
    yield Grid(
        "Periods, half-open: the first day belongs to a period, the last does not.",
        ("Period", "From", "To", "Reason"),
        [(p.label, p.start.isoformat(), p.end.isoformat(), p.reason) for p in study.periods],
        (1.6, 1, 1, 3),
    )
    corridors = tables["corridor_basis"]
    if len(corridors):
        yield Text(" ".join(corridors["sentence"]))
    yield from _chronology(tables)
    yield Heading("What is published, and what is not", 2)
    privacy = study.privacy
    said = (
        (
            "Deaths: counts on H3 cells of resolution 5 (about 250 to 300 km2) and blocks of "
            "five calendar years, the same in every study, from the whole file before area, "
            "periods or corridors select, in the classes 1-4, 5-9, 10-19 and 20+. Corridors "
            "are sums of those classes; numbers that the study selects stand to the nearest "
            "10. No attribute of a person, no name, no point."
        ),
        (
            f"Statistics of places: groups of at least {privacy.min_group} records whose "
            "complement within a published group is not smaller; a quantile only where that "
            "many records lie on each side of it; three significant digits."
        ),
        (
            f"Surfaces: cells of at least {privacy.surface_cell_m / 1000:g} km, and only of "
            f"periods closed {privacy.closed_months} months before the study's date."
        ),
        (
            "Records withheld on request of families or publishers: "
            f"{records.rounded_class(findings.withdrawn)}."
        ),
    )
    yield Text(" ".join(said))


def _chronology(tables: Tables) -> Iterator[Block]:
    """Yield when each programme worked, with the document that says so."""
    rows = [
        (r.name, _span(r.active_from_earliest, r.active_from_latest), r.extent, _short(r.citation))
        for r in each(tables["zones"].sort_values("active_from_earliest", kind="stable"))
    ]
    if not rows:
        towers = tables["towers"]
        towers = towers[towers["active_from_earliest"].notna()]
        rows = [
            (
                str(programme).replace("_", " "),
                _span(own["active_from_earliest"].min(), own["active_from_latest"].max()),
                f"{len(own)} towers",
                _short("; ".join(dict.fromkeys(own["citation"].dropna().astype(str)))),
            )
            for programme, own in towers.groupby("programme", sort=True)
        ]
    if rows:
        yield Heading("Chronology of programmes", 2)
        yield Grid(
            "When what was built began to work: earliest and latest start by the document.",
            ("What", "Start", "Extent", "Document"),
            sorted(rows, key=lambda r: str(r[1])),
            (1.6, 1.3, 0.9, 3.6),
        )


def _span(first: Any, last: Any) -> str:
    days = [str(d)[:10] if pd.notna(d) else "open" for d in (first, last)]
    return days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"


def _short(text: Any) -> str:
    """Return a citation as the report prints it; whole it stands in the table."""
    words = str(text) if isinstance(text, str) else ""
    return words if len(words) <= CITED else f"{words[: CITED - 4]} ..."


def data(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield sources, flow of records and the yearly series."""
    del findings
    sources, counts = tables["snapshots"], tables["counts"]
    yield Heading("Data")
    if len(sources):
        yield Grid(
            "Sources; hash, address and cautions of each stand in the annex.",
            ("Role", "Title and publisher", "Licence"),
            list(dict.fromkeys(_source(r) for r in each(sources))),
            (1, 4.2, 1.6),
        )
    if "flow-of-records" in pictures:
        yield pictures["flow-of-records"]
    if len(counts):
        yield Grid(
            "Flow of records, to the nearest 10; reasons stand in the annex.",
            ("Source", "Read", "Used", "Excluded", "Quarantined"),
            list(_flow(counts)),
            (2.4, 0.9, 0.9, 0.9, 1.1),
        )
    if "deaths-by-year" in pictures:
        yield pictures["deaths-by-year"]


def _source(row: Any) -> tuple[str, str, str]:
    """Return a source as the report prints it: a source of many files is one line."""
    return row.role, f"{row.title}. {row.publisher}", row.licence


def _flow(counts: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for source, own in counts.groupby("source_id", sort=False):
        numbers = []
        for step in ("read", "used", "excluded", "quarantined"):
            rows = own[own["step"] == step]["records"]
            small = rows.isna().any()
            total = rows.sum()
            text = number(total) if total or not small else number(None)
            numbers.append(f"{text} and some" if small and total else text)
        yield str(source), *numbers
