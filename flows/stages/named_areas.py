"""Named areas of the map: read where it is drawn, since no result needs them."""

from __future__ import annotations

import pandas as pd

from flows.core.stage import RunSpec
from flows.stages.ingest import read_fitted
from geo.records import AREAS

ROLE = "areas"


def named_areas(question: RunSpec) -> pd.DataFrame:
    """Return the areas of every source of their role (contract `areas`)."""
    frames = [read_fitted(question.study, given).records for given in question.of(ROLE)]
    return pd.concat(frames, ignore_index=True) if frames else AREAS.empty()


def readers(question: RunSpec) -> dict[str, str]:
    """Return the reader of every snapshot of that role, by its hash."""
    return {given.sha256: "vector" for given in question.of(ROLE)}


def absent(question: RunSpec) -> dict[str, tuple[str, ...]]:
    """Return the sources of places, roads and areas that are not there, by role, as titles."""
    study, here = question.study, {given.source_id for given in question.inputs}
    replaced = {s.stands_in_for for s in study.sources if s.id in here}
    found = {}
    for role in ("places", "roads", ROLE):
        gone = [s.id for s in study.sources if s.role == role and s.id not in here | replaced]
        found[role] = tuple(dict.fromkeys(question.titles.get(s, s) for s in gone))
    return found
