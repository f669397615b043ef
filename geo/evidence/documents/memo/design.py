"""The memo's first chapters: question and finding, setting, data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from geo import records
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Points, Text
from geo.evidence.documents.results import LEVELS
from geo.evidence.tables.counts import said as number
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.inference import ALWAYS, ASSUMPTIONS

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]


def question(findings: Findings, tables: Tables, _: Pictures) -> Iterator[Block]:
    """Yield what was asked, the one sentence of answer, and the sentences that always stand."""
    said = headline(findings.study, tables)
    yield Heading("Question and finding")
    yield Text(findings.study.question or findings.study.title)
    yield Text(said.sentence, strong=True)
    row = f" It stands in row {said.row_id} of the tables." if said.row_id else ""
    yield Text(f"Claim level {said.level} on a ladder from L0 to L3: {LEVELS[said.level]}.{row}")
    yield Points(ALWAYS)
    if said.level == "L3":
        yield Text("The causal reading rests on these assumptions:")
        yield Points(ASSUMPTIONS)


def setting(findings: Findings, tables: Tables, _: Pictures) -> Iterator[Block]:
    """Yield design, area, periods, corridors and the rules of publication."""
    study = findings.study
    west, south, east, north = study.bounds_lonlat
    yield Heading("Setting")
    why = f": {study.grid.reason}" if study.grid.reason else ""
    yield Text(
        "A retrospective study of recorded deaths: doses of tower coverage that differ by place "
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
    yield Heading("What is published, and what is not", 2)
    privacy = study.privacy
    yield Points(
        (
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
    )


def data(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield sources, flow of records and the yearly series."""
    del findings
    sources, counts = tables["snapshots"], tables["counts"]
    yield Heading("Data")
    if len(sources):
        yield Grid(
            "Sources. The full hash of each stands in the preservation table.",
            ("Role", "Title and publisher", "Licence", "Retrieved (UTC)"),
            [
                (r.role, f"{r.title}. {r.publisher}", r.licence, r.retrieved_at)
                for r in each(sources)
            ],
            (1.1, 3.2, 1.6, 1.6),
        )
    notes = [f"{r.title}: {r.note}" for r in each(sources) if isinstance(r.note, str) and r.note]
    if notes:
        yield Text("Cautions of the sources:")
        yield Points(notes)
    if "flow-of-records" in pictures:
        yield pictures["flow-of-records"]
    if len(counts):
        yield Grid(
            "Flow of records, to the nearest 10: read is quarantined, excluded and used together.",
            ("Source", "Step", "Reason", "Records"),
            [(r.source_id, r.step, r.reason or "", number(r.records)) for r in each(counts)],
            (1.8, 1.2, 3.4, 0.9),
        )
    if "deaths-by-year" in pictures:
        yield pictures["deaths-by-year"]
