"""Everything that can be known to be wrong before work starts."""

from __future__ import annotations

from flows.core.stage import Input, Question
from flows.workflow.foreseen import Foreseen
from geo import climate, sources, terrain
from geo.errors import FunnelError, InputProblems, Problem
from geo.study import study_grid

RASTER_ROLES = ("elevation", "landcover")


def scores(question: Question) -> list[str]:
    """Return how complete each tower file is: what share of its towers has what a dose needs."""
    said = []
    for given in question.of("towers"):
        own = next(s for s in question.study.sources if s.id == given.source_id)
        reading = sources.read(
            given.path, role="towers", source_id=given.source_id, columns=dict(own.columns)
        )
        shares = sources.completeness(reading.records).dropna()
        words = ", ".join(f"{str(k).replace('_', ' ')} {v:.0%}" for k, v in shares.items())
        said.append(f"{given.source_id}: {len(reading.records)} towers; of those built {words}")
    return said


def examine(question: Question) -> list[str]:
    """Look at every input of a run.

    Returns
    -------
    list of str
        What a user should know before work: corridors, and how records are placed.

    Raises
    ------
    InputProblems
        With every problem of every input.
    """
    study = question.study
    problems: list[Problem] = []
    columns = {(s.id, str(s.role)): dict(s.columns) for s in study.sources}
    places = {s.id: s.place for s in study.sources}
    for given in question.inputs:
        if given.role == "climate":
            problems += _weather(given, places[given.source_id])
        elif given.role not in RASTER_ROLES:
            own = columns[given.source_id, given.role]
            problems += sources.check(
                given.path,
                given.role,
                own,
                as_of=study.as_of,
                plausible=study.bounds_lonlat,
                where=given.label,
            )
    grid = study_grid(study)
    for role in RASTER_ROLES:
        problems += terrain.check([i.path for i in question.of(role)], grid)
    if not question.of("elevation"):
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
    # only files that can be read can be looked at together
    together = Foreseen(question)
    problems += together.problems()
    if problems:
        raise InputProblems(problems)
    return together.lines()


def _weather(given: Input, place: tuple[float, float, float] | None) -> list[Problem]:
    try:
        climate.read(given.path, None if place is None else climate.Place(*place))
    except (FunnelError, OSError, ValueError) as error:
        remedy = "Give a file in a known layout, or leave the source out: litres are then skipped"
        return [Problem(given.label, str(error), remedy, field=given.source_id)]
    return []
