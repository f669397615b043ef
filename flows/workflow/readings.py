"""Sources of a question as a run will read them, before it runs."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from shapely.geometry.base import BaseGeometry

from flows.core.stage import Input, RunSpec
from flows.stages.ingest import corridors_of, polygons, read_fitted
from geo import sources
from geo.records import CORRIDORS
from geo.study import Study


def read_source(study: Study, given: Input) -> sources.Reading:
    """Read one input as the study says, with its user's name for it in every message."""
    own = next(s for s in study.sources if s.id == given.source_id and s.role == given.role)
    return sources.read(
        given.path,
        role=given.role,
        source_id=given.source_id,
        as_of=study.as_of,
        plausible=study.bounds_lonlat,
        where=given.label,
        hints=sources.Hints.of(own),
    )


def corridor_names(question: RunSpec) -> tuple[str, ...]:
    """Return the names of the study's corridors, drawn or made."""
    return tuple(_ground(question))


def dated_towers(question: RunSpec) -> list[tuple[Input, sources.Reading]]:
    """Read every tower file, and date its towers by the rules of the study.

    Raises
    ------
    FunnelError
        If a file cannot be read.
    """
    study = question.study
    named = any(rule.corridor is not None for rule in study.tower_dates)
    ground = _ground(question) if named else {}
    found = []
    for given in question.of("towers"):
        reading = read_source(study, given)
        ruled = sources.date_by_rules(reading.records, study.tower_dates, study.window, ground)
        found.append((given, replace(reading, records=ruled)))
    return found


def _ground(question: RunSpec) -> dict[str, BaseGeometry]:
    """Return the polygons of corridors as the run will have them."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for given in question.of("corridors", "deaths", "border"):
        reading = read_fitted(question.study, given)
        parts.setdefault(reading.table, []).append(reading.records)
    return polygons(corridors_of(question.study, parts)[CORRIDORS.name])
