"""The contract of every table and raster that crosses a wall between rooms.

Validation and the data dictionary both come from here. The floors of what may be published are
constants of this module; a study may raise them and nothing may lower them.
"""

from __future__ import annotations

from geo.contract import Column, Raster, Table

DEATH_H3 = 5
"""Safeguard: resolution of the H3 cells on which deaths are published, of every study; finer ones
never are.

Two resolutions together would narrow small counts (a cell less its children leaves the rest).
"""
BLOCK_YEARS = 5
"""Safeguard: calendar years of the blocks in which deaths are published: 2000-04, 2005-09, ..."""
DEATH_CELL_M = 5_000.0
"""Safeguard: side of the cells in which the analysis may speak of places, at least [m]."""
DEATH_CELL_MOST_M = 11_000.0
"""Safeguard: what the public cells measure in any case (square root of the smallest one's area)
[m]."""
SURFACE_CELL_M = 1_000.0
"""Safeguard: side of the cells of a published surface, at least [m]."""
CLOSED_MONTHS = 24
"""Safeguard: a period is published as a surface only this long after it ended, at least [months].
"""
MIN_GROUP = 5
"""Safeguard: a group that carries an attribute of persons is published only from this size on."""
COUNT_CLASSES = ((1, "1-4"), (5, "5-9"), (10, "10-19"), (20, "20+"))
"""Safeguard: lower bound and label of the classes in which public counts stand; zero is "0"."""

PRECISION = ("gps", "address", "directions", "vague", "moved", "none", "placeholder")
"""How well the place of recovery is known, best first."""
PMI = ("day", "week", "3-weeks", "5-weeks", "3-months", "8-months", "longer", "unknown")
"""Post-mortem interval at recovery, shortest first (upper bound of the class)."""
CAUSES = (
    "exposure",
    "skeletal",
    "undetermined",
    "vehicle",
    "homicide",
    "drowning",
    "hospital",
    "other",
    "unknown",
)
"""Cause of death, grouped."""
STATUS = ("deployed", "planned", "cancelled", "replaced", "test")
"""What became of a tower site."""
ZONE_KM = 10.0
"""Safeguard: a programme zone is at least this wide along the border and from it [km]."""
ZONE_SIDES = ("north", "south", "east", "west", "both")
"""Side of the border on which a zone lies."""
ZONE_EXTENTS = ("span", "area", "replaced")
"""A span of border and a depth; a drawn area of responsibility; the ground of the zone replaced."""
EXPOSURE_KINDS = ("view", "range", "zones")
"""What a dose counts: movement in view of towers; movement within their range, thinned by a share
(range, not viewshed); or movement inside programme zones."""
WINDOWS = ("before", "end")
"""Windows between which the hardness of recorded places is compared, corridor by corridor."""
CLAIMS = ("L0", "L1", "L2", "L3")
"""Claim ladder, weakest first (docs: statistics)."""


def count_class(n: int) -> str:
    """Return the public class of a count: "0", "1-4", "5-9", "10-19" or "20+"."""
    label = "0"
    for floor, name in COUNT_CLASSES:
        if n >= floor:
            label = name
    return label


def class_span(label: str) -> tuple[int, int | None]:
    """Return the least and the most that a class holds; None where it has no upper end."""
    floors = [low for low, _ in COUNT_CLASSES]
    for i, (low, name) in enumerate(COUNT_CLASSES):
        if name == label:
            return low, floors[i + 1] - 1 if i + 1 < len(floors) else None
    return 0, 0


def rounded(n: int) -> int | None:
    """Return a number of records that a study selects, as it is published.

    To the nearest 10, and None for fewer than 5: whether it is none or a few stays open.
    """
    return None if n < MIN_GROUP else (n + 5) // 10 * 10


def rounded_class(n: int) -> str:
    """Return the numbers that `rounded` may stand for: "0-4", "5-14", "15-24", ..."""
    near = rounded(n)
    return f"0-{MIN_GROUP - 1}" if near is None else f"{near - 5}-{near + 4}"


def block_name(year: int) -> str:
    """Return the block of a calendar year: 2000-04 for 2000 to 2004."""
    first = year - year % BLOCK_YEARS
    return f"{first}-{(first + BLOCK_YEARS - 1) % 100:02d}"


def block_years(name: str) -> tuple[int, int]:
    """Return the first and the last calendar year of a block."""
    first = int(name[:4])
    return first, first + BLOCK_YEARS - 1


CLASS_LABELS = ("0", *(name for _, name in COUNT_CLASSES))
C = Column
ROW = (
    C("row_id", "string", "Identifier of this row, for `funnel explain`"),
    C("parents", "string", "Identifiers this row was computed from, separated by spaces"),
)
SOURCE = (
    C("source_id", "string", "Source, as in the catalogue or the study"),
    C("source_row", "integer", "Row of the source file; 1 is the first data row", "1"),
)

DEATHS = Table(
    "deaths",
    "Recorded deaths, one row a record",
    (
        C("death_id", "string", "Hash of source and the source's own key", person=True),
        *SOURCE,
        C("found_on", "date", "Date reported", null="not recorded", person=True),
        C("death_earliest", "date", "Earliest date of death", null="unbounded", person=True),
        C("death_latest", "date", "Latest date of death", null="not recorded", person=True),
        C("pmi_class", "string", "Post-mortem interval at recovery", values=PMI, person=True),
        C("sex", "string", "As recorded", values=("male", "female", "unknown"), person=True),
        C("age_years", "number", "Age", "years", null="not recorded or 0 or 99", person=True),
        C("cause_class", "string", "Cause of death, grouped", values=CAUSES, person=True),
        C("precision_class", "string", "How well the place is known", values=PRECISION),
        C("precision_m", "number", "Radius of that class", "m", null="unbounded"),
        C(
            "precision_basis",
            "string",
            "Assumed where the publisher states no precision",
            null="stated by the publisher",
            values=("assumed",),
        ),
        C("corridor", "string", "Corridor label of the publisher, or of the study", null="none"),
        C("land_manager", "string", "Who manages the land, as recorded", null="not recorded"),
        C("identified", "boolean", "Whether the person was identified", person=True),
        C("persons", "integer", "Number of persons in the record", "1"),
        C("place_ok", "boolean", "The place may be used: not a placeholder, known, inside"),
        C("date_ok", "boolean", "The date may be used"),
        C("cause_ok", "boolean", "The cause is recorded"),
        C("exclusion_reason", "string", "Why a row is left out of spatial work", null="used"),
    ),
    ("death_id",),
    public=False,
    crs="EPSG:4326",
)
VINTAGES = Table(
    "vintages",
    "Recorded deaths as earlier states of their source had them; compared, never added",
    DEATHS.columns,
    ("source_id", "death_id"),
    public=False,
    crs="EPSG:4326",
)
TOWERS = Table(
    "towers",
    "Surveillance towers with their dates",
    (
        C("tower_id", "string", "Hash of source and the source's own key"),
        *SOURCE,
        C("programme", "string", "Programme, as in data/parameters/tower_programmes.yaml"),
        C("status", "string", "What became of the site", values=STATUS),
        C("height_m", "number", "Height of the sensor above ground", "m", null="not sourced"),
        C("range_m", "number", "Nominal range", "m", null="not sourced"),
        C("active_from_earliest", "date", "Earliest start", null="not sourced: in no dose"),
        C("active_from_latest", "date", "Latest start", null="not sourced: in no dose"),
        C("active_to_earliest", "date", "Earliest end", null="still active at as_of"),
        C("active_to_latest", "date", "Latest end", null="still active at as_of"),
        C("dated_by", "string", "Dating rule of the study", null="dated by its source, or undated"),
        C("replaces", "string", "tower_id whose dose this one continues", null="none"),
        C("location_uncertainty_m", "number", "Radius of uncertainty", "m", null="not stated"),
        C("citation", "string", "Where location and dates come from", null="none"),
        C("verified_by", "string", "Independent confirmations", null="none"),
    ),
    ("tower_id",),
    public=True,
    crs="EPSG:4326",
)
ZONES = Table(
    "zones",
    "Programme zones: where a programme worked and when, for a study without places of towers",
    (
        C("zone_id", "string", "Hash of source and the source's own key"),
        *SOURCE,
        C("name", "string", "Name of the zone"),
        C("programme", "string", "Programme, as in data/parameters/tower_programmes.yaml"),
        C("active_from_earliest", "date", "Earliest start"),
        C("active_from_latest", "date", "Latest start", null="perhaps not within the window"),
        C("active_to_earliest", "date", "Earliest end", null="still active at as_of"),
        C("active_to_latest", "date", "Latest end", null="still active at as_of"),
        C("replaces", "string", "zone_id whose ground and dose this one continues", null="none"),
        C("span_low_km", "number", "Border watched, at least", "km", null="see extent_of"),
        C("span_high_km", "number", "Border watched, at most", "km", null="see extent_of"),
        C("depth_low_km", "number", "Reach from the border, at least", "km", null="see extent_of"),
        C("depth_high_km", "number", "Reach from the border, at most", "km", null="see extent_of"),
        C("shift_km", "number", "How far along the border the middle may lie from the place", "km"),
        C("side", "string", "Side of the border watched", values=ZONE_SIDES),
        C("extent", "string", "Where span and middle come from", values=("sourced", "assumed")),
        C("extent_of", "string", "What bounds the zone", values=ZONE_EXTENTS),
        C("citation", "string", "Where dates and span come from"),
        C("confirmations", "integer", "Sources that do not copy each other", "1"),
        C("note", "string", "What is inferred, and from what", null="none"),
    ),
    ("zone_id",),
    public=True,
    crs="EPSG:4326",
)
TOWER_DATING = Table(
    "tower_dating",
    "Towers by what dates them: their own source, a dating rule of the study, or nothing",
    (
        C("source_id", "string", "Source"),
        C("programme", "string", "Programme"),
        C("dated_by", "string", "Its own source, the name of a dating rule, or undated"),
        C("towers", "integer", "Towers that stand or stood", "1"),
        C("earliest", "date", "Earliest start", null="undated"),
        C("latest", "date", "Latest start; open ends reach beyond the window", null="undated"),
        C("citation", "string", "What the rule rests on", null="no rule"),
    ),
    ("source_id", "programme", "dated_by"),
    public=True,
)
LINES = Table(
    "lines",
    "Border, roads and other lines",
    (
        C("line_id", "string", "Hash of source and row"),
        *SOURCE,
        C("kind", "string", "What the line is", values=("border", "highway", "road", "other")),
        C("name", "string", "Name of the road or line", null="none"),
    ),
    ("line_id",),
    public=True,
    crs="EPSG:4326",
)
PLACES = Table(
    "places",
    "Settlements",
    (
        C("place_id", "string", "Hash of source and row"),
        *SOURCE,
        C("name", "string", "Name"),
        C("kind", "string", "Kind of place", values=("town", "city", "village")),
    ),
    ("place_id",),
    public=True,
    crs="EPSG:4326",
)
BASES = ("study", "labels", "strips")
"""Where corridors come from: the study's polygons, a publisher's labels, strips of the border."""
CORRIDORS = Table(
    "corridors",
    "Corridors of the study",
    (
        *SOURCE,
        C("corridor", "string", "Name, equal to that of the deaths"),
        C("basis", "string", "Where the polygon comes from", values=BASES),
    ),
    ("corridor",),
    public=True,
    crs="EPSG:4326",
)
COVARIATE_NAMES = {
    "fence": "barriers",
    "agents": "Border Patrol agents",
    "checkpoint": "checkpoints",
    "apprehensions": "apprehensions",
    "heat_days": "days of extreme heat",
}
"""Covariates of the registered plan (R9) that records cannot say themselves: name = in words."""
COVARIATES = Table(
    "covariates",
    "What else changed, by corridor and study year",
    (
        *SOURCE,
        C("corridor", "string", "Name, equal to that of the deaths"),
        C("year", "integer", "Study year: calendar year"),
        C("name", "string", "What is measured", values=tuple(COVARIATE_NAMES)),
        C("value", "number", "Amount, in a unit of which all rows of a name share one"),
        C("citation", "string", "Where the number stands and how it was brought to the corridor"),
    ),
    ("corridor", "year", "name"),
    public=True,
)
SITES = Table(
    "sites",
    "Infrastructure that is not a tower",
    (
        C("site_id", "string", "Hash of source and row"),
        *SOURCE,
        C("kind", "string", "What the record is, in the publisher's terms"),
        C("operator", "string", "Organisation that holds the licence", null="not recorded"),
        C("from_date", "date", "First day", null="not recorded"),
        C("to_date", "date", "Last day", null="not recorded"),
    ),
    ("site_id",),
    public=True,
    crs="EPSG:4326",
)
CROSSCHECK = Table(
    "crosscheck",
    "Incidents of another publisher, compared with the deaths and never added to them",
    (
        C("incident_id", "string", "Hash of source, the source's own key and row", person=True),
        *SOURCE,
        C("found_on", "date", "Date reported", null="not recorded", person=True),
        C("persons", "integer", "Dead and missing persons", "1", person=True),
        C("cause_class", "string", "Cause of death, grouped", values=CAUSES, person=True),
        C("us_mexico", "boolean", "Recorded as at the border of the United States and Mexico"),
        C("examiner", "boolean", "Reported by a county's medical examiner: the same deaths"),
        C("quality", "integer", "The publisher's grade of its source, 1 to 5", "1", null="none"),
        C("coarse", "boolean", "Coordinates cut to whole degrees"),
    ),
    ("incident_id",),
    public=False,
    crs="EPSG:4326",
)
QUARANTINE = Table(
    "quarantine",
    "Rows set aside",
    (
        *SOURCE,
        C("field", "string", "Column at fault"),
        C("reason", "string", "Why the row was set aside"),
        C("value", "string", "The value, where it cannot be personal", null="withheld or empty"),
        C("scope", "string", "What was set aside", null="the whole row"),
    ),
    ("source_id", "source_row", "field", "reason"),
    public=False,
)
COUNTS = Table(
    "counts",
    "Flow of records: how many were read, set aside, left out and used",
    (
        C("source_id", "string", "Source"),
        C("step", "string", "read, quarantined, excluded, or used"),
        C("reason", "string", "Why, for quarantined and excluded; empty for read and used"),
        C("records", "integer", "Number of rows", "1"),
        *ROW,
    ),
    ("source_id", "step", "reason"),
    public=True,
)
SNAPSHOTS = Table(
    "snapshots",
    "Sources, as they were when they were retrieved",
    (
        C("source_id", "string", "Source"),
        C("role", "string", "What it is used for"),
        C("title", "string", "Title"),
        C("publisher", "string", "Publisher"),
        C("licence", "string", "Licence"),
        C("citation", "string", "How to cite"),
        C("url", "string", "Where it was retrieved", null="local file"),
        C("retrieved_at", "string", "UTC, ISO 8601"),
        C("size", "integer", "Size", "byte"),
        C("sha256", "string", "Hash of the bytes, hex"),
        C("reader", "string", "Layout by which it was read"),
        C("note", "string", "Caution", null="none"),
        *ROW,
    ),
    ("source_id", "sha256"),
    public=True,
)
EXPOSURES = Table(
    "exposures",
    "Exact exposures, one row a record (restricted)",
    (
        C("death_id", "string", "Record", person=True),
        *SOURCE,
        C("period_id", "string", "Period of the study", null="outside every period"),
        C("year", "integer", "Study year: calendar year", "1", null="no date"),
        C("corridor", "string", "Corridor", null="none"),
        C("precision_class", "string", "How well the place is known", values=PRECISION),
        C("slope_deg", "number", "Slope", "degree", null="no terrain"),
        C("border_km", "number", "Distance to the border", "km", null="no border line"),
        C("road_km", "number", "Distance to the nearest road given", "km", null="no roads"),
        C("energy_mj", "number", "Energy from the border", "MJ", null="not reachable"),
        C("hours", "number", "Walking time from the border", "h", null="not reachable"),
        C("water_l", "number", "Water lost from the border, summer day", "L", null="no climate"),
        C("core_c", "number", "Core temperature after a summer walk", "degC", null="no climate"),
        C("hardness", "number", "Standardised rank of hardness", "1", null="no terrain"),
        C("seen", "number", "Share of the year in view of a tower", "1", null="no towers"),
        C("parents", "string", "Identifiers this row was computed from"),
    ),
    ("death_id",),
    public=False,
)


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

TABLES = {
    t.name: t
    for t in (
        DEATHS, VINTAGES, TOWERS, TOWER_DATING, ZONES, LINES, PLACES, CORRIDORS, CORRIDOR_BASIS,
        CROSSING_BASIS,
        COVARIATES, SITES, CROSSCHECK, QUARANTINE, COUNTS, SNAPSHOTS,
        EXPOSURES,
        DEATHS_BY_CELL, DEATHS_BY_CORRIDOR, DEATHS_BY_YEAR, HARDSHIP, HARDNESS_BY_CORRIDOR,
        COVERAGE, FUNNEL, ESTIMATES,
    )
}  # fmt: skip
"""Every table contract by name."""

R = Raster
PERIODS = ("period", "y", "x")
RASTERS = {
    r.name: r
    for r in (
        R("elevation", "Elevation", "m", "float32"),
        R("slope", "Slope", "degree", "float32"),
        R("terrain_energy", "Terrain coefficient for energy", "1", "float32"),
        R("terrain_time", "Terrain coefficient for time", "1", "float32"),
        R("energy_from_border", "Energy from the border", "MJ", "float32"),
        R("air_temperature", "Air temperature on a summer day's walk", "degC", "float32"),
        R("water_per_walk", "Water lost in a summer day's walk", "L", "float32"),
        R("core_temperature", "Core temperature after a summer day's walk", "degC", "float32"),
        R("water_from_border", "Water lost on the way from the border", "L", "float32"),
        R("hours_from_border", "Walking time from the border", "h", "float32"),
        R("hours_to_road", "Walking time to a road or town", "h", "float32"),
        R("hardness", "Hardness: standardised rank before towers", "1", "float32"),
        R(
            "catchments",
            "Catchment: part of a corridor entered by one stretch of border",
            "1",
            "int16",
        ),
        R("in_view", "Share of the year in view of a tower", "1", "float32", PERIODS),
        R("in_view_year", "Share of the year in view of a tower", "1", "float32", PERIODS),
        R("in_zone_year", "Share of the year inside a programme zone", "1", "float32", PERIODS),
        R(
            "view_before",
            "In view of towers older than the study's",
            "1",
            "float32",
            PERIODS,
        ),
        R("zone_before", "Inside a zone older than the study's towers", "1", "float32"),
        R("density_before", "Modelled route density without towers", "1", "float32"),
        R("density", "Modelled route density", "1", "float32", PERIODS),
        R("density_mean", "Route density, mean of the ensemble", "1", "float32", PERIODS),
        R("density_low", "Route density, 5 % quantile of the ensemble", "1", "float32", PERIODS),
        R("density_high", "Route density, 95 % quantile of the ensemble", "1", "float32", PERIODS),
        R("density_agreement", "Members that agree on busy or not", "1", "float32", PERIODS),
        R("in_view_share", "Share of the land in view", "1", "float32", PERIODS, fine=False),
        R("route_density", "Modelled route density", "1/km2", "float32", PERIODS, fine=False),
        R("hardship", "Energy from the border", "MJ", "float32", fine=False),
        R("relief", "Elevation, coarse, for the map's shading", "m", "float32", fine=False),
    )
}
"""Every raster contract by name. A `fine` one never leaves the store."""
