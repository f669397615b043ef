"""Contracts of the tables of a bundle."""

from __future__ import annotations

from geo.contract import Column, Table
from geo.records.floors import CLASS_LABELS
from geo.records.vocabulary import CLAIMS, EXPOSURE_KINDS, ROW, WINDOWS, C


def _public(name: str, title: str, *columns: Column, key: tuple[str, ...]) -> Table:
    return Table(name, title, (*columns, *ROW), key, public=True)


PERIOD = C("period_id", "string", "Period of the study")
CLASS = C("deaths_class", "string", "Recorded deaths, classed", values=CLASS_LABELS)
VALUE = (
    C("value", "number", "Value, in the unit of its row", "see unit", null="fewer than 5 records"),
    C("low", "number", "Lower bound of the 95 % interval or 5 % quantile", "see unit", null="none"),
    C("high", "number", "Upper bound, likewise", "see unit", null="none"),
    C("unit", "string", "Unit of value, low and high"),
)
BLOCK = (
    C("block", "string", "Five calendar years, the same for every study: 2000-04, 2005-09, ..."),
    C("first_year", "integer", "First calendar year of the block", "1"),
    C("last_year", "integer", "Last calendar year the records cover whole", "1"),
)
DEATHS_BY_CELL = Table(
    "deaths_by_cell_block",
    "Recorded deaths by cell and block of years",
    (
        C("source_id", "string", "Source, counted whole"),
        C("cell_id", "string", "H3 index of the cell, resolution 5"),
        *BLOCK,
        C("area_km2", "number", "Area of the cell", "km2"),
        CLASS,
        *ROW,
    ),
    ("source_id", "cell_id", "block"),
    public=True,
    crs="EPSG:4326",
)
DEATHS_BY_CORRIDOR = _public(
    "deaths_by_corridor_block",
    "Recorded deaths by corridor and block of years, summed from the classes of whole cells",
    C("source_id", "string", "Source, counted whole"),
    C("corridor", "string", "Corridor in which the centre of the cells lies"),
    *BLOCK,
    C("cells", "integer", "Cells with a record", "1"),
    C("deaths_at_least", "integer", "Sum of the least of each cell's class", "1"),
    C("deaths_at_most", "integer", "Sum of the most", "1", null="a cell holds 20 or more"),
    key=("source_id", "corridor", "block"),
)
DEATHS_BY_YEAR = _public(
    "deaths_by_year",
    "Recorded deaths by whole calendar year, all records of the source",
    C("source_id", "string", "Source"),
    C("year", "integer", "Calendar year of the report", "1"),
    CLASS,
    C(
        "deaths",
        "integer",
        "Number, where it is 20 or more",
        "1",
        null="fewer than 20, or a sum would tell: see class",
    ),
    key=("source_id", "year"),
)
HARDSHIP = _public(
    "hardship_by_block",
    "Hardship and setting of recorded places by block of years",
    *BLOCK,
    C("group", "string", "Which records", values=("all", "gps", "land")),
    C("component", "string", "What is measured"),
    C("statistic", "string", "mean, median, q05, q95, share"),
    *VALUE,
    C("records_class", "string", "Numbers of records it may be: the nearest 10, or 0-4"),
    key=("block", "group", "component", "statistic"),
)
COVERAGE = _public(
    "coverage_by_corridor_year",
    "Share of land and of modelled movement in view or in zones, by corridor and year",
    C("corridor", "string", "Corridor"),
    C("year", "integer", "Study year", "1"),
    C(
        "exposure",
        "string",
        "View of towers, their range (not viewshed), or zones",
        values=EXPOSURE_KINDS,
    ),
    C("area_share", "number", "Share of the corridor's land exposed", "1"),
    C("dose", "number", "Share of pre-tower route density exposed", "1", null="no route model"),
    C(
        "watched_before",
        "number",
        "Share of pre-tower route density inside zones older than the study's towers: no dose",
        "1",
        null="exposure is by view, or no such zone is known",
    ),
    key=("corridor", "year"),
)
FUNNEL = _public(
    "funnel_measures",
    "Measures of modelled movement by period",
    PERIOD,
    C("segment", "string", "Segment of the border, or all"),
    C("avoidance", "number", "Avoidance parameter", "1"),
    C("measure", "string", "What is measured"),
    *VALUE,
    C("definition", "string", "Definition and reference"),
    key=("period_id", "segment", "avoidance", "measure"),
)
ESTIMATES = _public(
    "estimates",
    "Estimates and tests",
    C("analysis", "string", "Name of the analysis, as registered"),
    C("estimand", "string", "What is estimated, in words"),
    C("estimate", "number", "Estimate", "see estimand", null="not estimable"),
    C("low", "number", "Lower bound of the 95 % interval", "see estimand", null="none"),
    C("high", "number", "Upper bound of the 95 % interval", "see estimand", null="none"),
    C("p", "number", "p value", "1", null="no test"),
    C("reference_set", "string", "What the p value refers to, in words", null="no test"),
    C("n", "integer", "Records used, in public to the nearest 10", "1", null="none, or under 5"),
    C("clusters", "integer", "Clusters", "1", null="none"),
    C("mde", "number", "Minimum detectable effect at 80 % power", "see estimand", null="none"),
    C("gates", "string", "Gates: name=pass;name=fail;name=not run (why)", null="none"),
    C("parameters_hash", "string", "Hash of the parameters used"),
    C("claim_level", "string", "Level on the claim ladder", values=CLAIMS),
    C("sentence", "string", "The one sentence this analysis earns"),
    C(
        "sentence_es",
        "string",
        "The same in Spanish, from the same numbers",
        null="only the headline has one",
    ),
    key=("analysis",),
)
HARDNESS_BY_CORRIDOR = _public(
    "hardness_by_corridor",
    "Hardness of recorded places by corridor, before towers and at the end",
    C("corridor", "string", "Corridor"),
    C("window", "string", "Blocks of years before towers, or the last one", values=WINDOWS),
    C("first_year", "integer", "First calendar year of the window", "1"),
    C("last_year", "integer", "Last calendar year that the records cover whole", "1"),
    C(
        "value",
        "number",
        "Mean hardness of the ground, 0 to 100 within its corridor (50: half of it is harder)",
        "1",
        null="fewer than 20 records in one of the windows",
    ),
    C("low", "number", "Lower bound of the 95 % interval", "1", null="no value"),
    C("high", "number", "Upper bound", "1", null="no value"),
    C("records_class", "string", "Numbers of records it may be: the nearest 10, or 0-4"),
    C("dose", "number", "Share of pre-tower route density exposed at the end", "1",
      null="no route model or no exposure"),
    C("area_share", "number", "Share of the corridor's land exposed at the end", "1",
      null="no exposure"),
    key=("corridor", "window"),
)  # fmt: skip
HARDNESS_FIFTHS = _public(
    "hardness_fifths",
    "Recorded deaths by fifths of the ground within their corridor, by coverage and block of years",
    C("group", "string", "Corridors covered at the end or hardly, or how much more those changed"),
    *BLOCK,
    C("fifth", "string", "1 (easiest) to 5 (hardest), or 4-5 together"),
    C(
        "value",
        "number",
        "Share of the group's records, or difference between the groups' changes",
        "percent",
        null="fewer than 100 records, than 20 in a corridor, or than 5 in a fifth",
    ),
    C(
        "low",
        "number",
        "Lower bound of the 95 % interval over corridors",
        "percent",
        null="a share",
    ),
    C("high", "number", "Upper bound", "percent", null="a share"),
    C("records_class", "string", "Numbers of records it may be: the nearest 10, or 0-4"),
    key=("group", "block", "fifth"),
)
CORRIDOR_BASIS = _public(
    "corridor_basis",
    "Where the corridors come from, and how well they are known",
    C("aspect", "string", "What is said of them"),
    C(
        "value",
        "number",
        "Number or share; counts of records to the nearest 10",
        "see unit",
        null="none",
    ),
    C("unit", "string", "Unit of the value"),
    C("sentence", "string", "The same in words"),
    key=("aspect",),
)
CROSSING_BASIS = _public(
    "crossing_basis",
    "Where modelled crossings start and end, and what was left out of them",
    C("aspect", "string", "What is said of them; a segment of the border by its name"),
    C("value", "number", "Number or length", "see unit", null="none"),
    C("unit", "string", "Unit of the value"),
    C("sentence", "string", "The same in words"),
    key=("aspect",),
)
