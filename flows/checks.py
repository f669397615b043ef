"""Everything that can be known to be wrong before work starts."""

from __future__ import annotations

from flows.stage import Question
from geo import sources, terrain
from geo.errors import InputProblems, Problem
from geo.grid import make_grid

RASTER_ROLES = ("elevation", "landcover")


def examine(question: Question) -> None:
    """Look at every input of a run.

    Raises
    ------
    InputProblems
        With every problem of every input.
    """
    study = question.study
    problems: list[Problem] = []
    columns = {(s.id, str(s.role)): dict(s.columns) for s in study.sources}
    for given in question.inputs:
        if given.role not in RASTER_ROLES:
            own = columns[given.source_id, given.role]
            problems += sources.check(
                given.path,
                given.role,
                own,
                as_of=study.as_of,
                plausible=study.bounds_lonlat,
            )
    elevation = [i.path for i in question.of("elevation")]
    if elevation:
        native = max(terrain.native_resolution_m(p) for p in elevation)
        step = max(native, study.grid.resolution_m)
        problems += terrain.check(elevation, make_grid(study.bounds_lonlat, study.crs, step))
    else:
        problems.append(
            Problem(
                study.name,
                "the study has no elevation",
                "Give --elevation FILE, a raster that covers the area, or `funnel fetch` it",
                field="sources",
            )
        )
    if problems:
        raise InputProblems(problems)
