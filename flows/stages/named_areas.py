"""Named areas of the map: read where it is drawn, since no result needs them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from flows.core.stage import Input, RunSpec
from flows.stages.ingest import counted, read_fitted
from geo.records import AREAS, COUNTS, QUARANTINE
from geo.sources import Reading

ROLE = "areas"


def named_areas(question: RunSpec) -> list[tuple[Input, Reading]]:
    """Return what was read of every source of that role."""
    return [(given, read_fitted(question.study, given)) for given in question.of(ROLE)]


def tables_of(
    areas: list[tuple[Input, Reading]], told: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the areas, and what became of their rows beside what is told of the other sources.

    Parameters
    ----------
    areas
        From `named_areas`.
    told
        `counts` and `quarantine` of the sources that the first step read.
    """
    if not areas:
        return {AREAS.name: AREAS.empty()}
    readings = [reading for _, reading in areas]
    aside = [told[QUARANTINE.name], *(r.quarantine for r in readings)]
    return {
        AREAS.name: pd.concat([r.records for r in readings], ignore_index=True),
        COUNTS.name: pd.concat([told[COUNTS.name], counted(areas)], ignore_index=True),
        QUARANTINE.name: pd.concat([q for q in aside if len(q)] or aside[:1], ignore_index=True),
    }


def absent(question: RunSpec) -> dict[str, tuple[str, ...]]:
    """Return the sources of places, roads and areas that are not there, by role, as titles."""
    study, here = question.study, {given.source_id for given in question.inputs}
    replaced = {s.stands_in_for for s in study.sources if s.id in here}
    found = {}
    for role in ("places", "roads", ROLE):
        gone = [s.id for s in study.sources if s.role == role and s.id not in here | replaced]
        found[role] = tuple(dict.fromkeys(question.titles.get(s, s) for s in gone))
    return found
