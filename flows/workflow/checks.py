"""Everything that can be known to be wrong before work starts."""

from __future__ import annotations

from pathlib import Path

from odc.geo.geobox import GeoBox

from flows.core.stage import Input, RunSpec
from flows.workflow.crossing_check import examine_crossings
from flows.workflow.foreseen import Foreseen
from flows.workflow.readings import corridor_names, dated_towers
from geo import climate, sources, terrain, visibility
from geo.errors import FunnelError, InputProblems, Problem
from geo.records import SURFACE_CELL_M
from geo.study import Study, study_grid

RASTER_ROLES = ("elevation", "landcover")


def scores(question: RunSpec) -> list[str]:
    """Return how complete each tower file is: what share of its towers has what a dose needs."""
    said = []
    for given, reading in dated_towers(question):
        shares = sources.completeness(reading.records).dropna()
        words = ", ".join(f"{str(k).replace('_', ' ')} {v:.0%}" for k, v in shares.items())
        said.append(f"{given.source_id}: {len(reading.records)} towers; of those built {words}")
        said += [*_set_aside(reading), *reading.warnings, _dated(question, given, reading)]
        said += _out_of_range(question, given, reading)
    return said


def _out_of_range(question: RunSpec, given: Input, reading: sources.Reading) -> list[str]:
    """Say where no tower of a file can see any of the area: their coordinates may be wrong."""
    table = visibility.with_defaults(reading.records)
    around = study_grid(question.study).boundingbox.polygon.geom
    places = table.geometry.to_crs(question.study.crs)
    if table.empty or (places.distance(around) <= table["range_m"]).any():
        return []
    said = "none of its towers lies within its range of the area, so that none is counted"
    return [f"{given.source_id}: {said}; are latitude and longitude right?"]


def towers_in_words(question: RunSpec) -> list[str]:
    """Return what dates the towers of each file; nothing where one cannot be read."""
    try:
        return [_dated(question, *found) for found in dated_towers(question)]
    except (FunnelError, OSError):
        return []  # the check that follows says what is wrong


def _dated(question: RunSpec, given: Input, reading: sources.Reading) -> str:
    counts = sources.dating(reading.records, question.study.tower_dates)
    return f"{given.source_id}: {sources.sentence(counts)}"


def _set_aside(reading: sources.Reading) -> list[str]:
    """Say how many rows, and how many single fields, of a file were set aside, and why."""
    said = []
    for whole, what in ((True, "row(s)"), (False, "field(s) of rows that stay")):
        faults = reading.quarantine[reading.quarantine["scope"].isna() == whole]
        if len(faults):
            why = "; ".join(f"{r} ({n})" for r, n in faults["reason"].value_counts().items())
            count = faults["source_row"].nunique() if whole else len(faults)
            said.append(f"  {count} {what} set aside: {why}")
    return said


def examine(question: RunSpec) -> list[str]:
    """Look at every input of a run.

    Returns
    -------
    list of str
        What a user should know before work: what is converted or taken as void in rasters,
        corridors, and how records are placed.

    Raises
    ------
    InputProblems
        With every problem of every input.
    """
    study = question.study
    problems: list[Problem] = []
    known = {(s.id, str(s.role)): s for s in study.sources}
    places = {s.id: s.place for s in study.sources}
    for given in question.inputs:
        if given.role == "climate":
            problems += _weather(given, places[given.source_id])
        elif given.role not in RASTER_ROLES:
            own = known[given.source_id, given.role]
            problems += sources.check(
                given.path,
                given.role,
                as_of=study.as_of,
                plausible=study.bounds_lonlat,
                where=given.label,
                hints=sources.Hints.of(own),
            )
    problems += _rules(question, problems)
    grid = study_grid(study)
    said = []
    for role in RASTER_ROLES:
        found = _rasters(question, role, grid)
        problems += found.problems
        said += found.said
    if not question.of("elevation"):
        problems.append(
            Problem(
                study.name,
                "the study has no elevation",
                "Give --elevation FILE, a raster that covers the area, or `funnel fetch` it",
                field="sources",
            )
        )
    problems += _published_cells(question.study)
    if problems:
        raise InputProblems(problems)
    # only files that can be read can be looked at together
    together = Foreseen(question)
    crossings, notes = examine_crossings(question, together.polygons)
    problems += [*together.problems(), *crossings]
    if problems:
        raise InputProblems(problems)
    return [*said, *together.lines(), *notes]


def _published_cells(study: Study) -> list[Problem]:
    """Return what is wrong where the area holds no two rows or columns of published cells."""
    cell_m = study.privacy.surface_cell_m
    grid = study_grid(study)
    sides = [float(n) * study.grid.resolution_m for n in grid.shape]
    if cell_m <= SURFACE_CELL_M or min(sides) >= 2 * cell_m:
        return []
    width, height = (f"{side / 1e3:.0f}" for side in sides[::-1])
    what = (
        f"surfaces would be published on cells of {cell_m / 1e3:g} km, and the area is {width} by "
        f"{height} km"
    )
    remedy = "Make the published cells smaller, or the area wider"
    return [Problem(study.name, what, remedy, field="privacy.surface_cell_m")]


def _rules(question: RunSpec, before: list[Problem]) -> list[Problem]:
    """Return what is wrong with dating rules, and with programmes of towers that would be seen."""
    study = question.study
    if before or not question.of("towers"):
        return []
    asked = any(rule.corridor is not None for rule in study.tower_dates)
    named = corridor_names(question) if asked else ()
    problems = [
        Problem(
            study.name,
            f"the rule {rule.label} names the corridor {rule.corridor!r}, which has no polygon",
            f"Use one of {', '.join(named) or 'the corridors of a source'}, or a box",
            field=f"tower_dates.{n}.corridor",
        )
        for n, rule in enumerate(study.tower_dates)
        if rule.corridor is not None and rule.corridor not in named
    ]
    for given, reading in dated_towers(question):
        problems += sources.unknown_programmes(reading.records, given.label)
    return problems


def _rasters(question: RunSpec, role: str, grid: GeoBox) -> terrain.Inspection:
    """Read the rasters of a role once, in the study's area."""
    given = question.of(role)
    paths, names = [i.path for i in given], [_named(i) for i in given]
    if role == "elevation":
        return terrain.inspect_elevation(paths, grid, names)
    source = question.study.source("landcover")
    return terrain.inspect_landcover(paths, grid, names, None if source is None else source.legend)


def _named(given: Input) -> str:
    """Return a raster as its user named it; a tile of a folder by the tile."""
    return given.label if Path(given.label).suffix else given.path.name


def _weather(given: Input, place: tuple[float, float, float] | None) -> list[Problem]:
    try:
        climate.read(given.path, None if place is None else climate.Place(*place))
    except (FunnelError, OSError, ValueError) as error:
        remedy = "Give a file in a known layout, or leave the source out: litres are then skipped"
        return [Problem(given.label, str(error), remedy, field=given.source_id)]
    return []
