"""Sources that are not there: what is skipped without them, why, and how to get them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from flows.fetch.catalogue import Entry
from geo.errors import SourceUnreachableError
from geo.study import Source

FIRST_COUNTS = ("elevation", "landcover", "climate")
"""Roles of which the first source that is there is used, and the others are not looked for."""
FLAGS = ("deaths", "towers", "elevation", "landcover")
"""Roles for which the command line takes a file."""
WHAT = {
    "deaths": "everything about recorded deaths",
    "vintage": "the headline on an earlier state of the records",
    "towers": "tower analyses: views, doses, the test of displacement",
    "zones": "exposure by programme zones, where no towers are",
    "elevation": "slope, energy, routes and views",
    "landcover": "the ground's part in energy and time",
    "climate": "litres and core temperature",
    "border": "distance from the border, routes",
    "roads": "distance to roads",
    "places": "towns as destinations",
    "areas": "states, counties, protected or tribal land on the map; no result",
    "corridors": "the study's own corridors",
    "covariates": "agents, barriers and the like held beside the headline",
    "infrastructure": "the infrastructure layer",
    "crosscheck": "the cross-check with another publisher",
}


@dataclass(frozen=True)
class Missing:
    """A source that is not there: what is skipped, why, and how to get it, without a full stop."""

    source_id: str
    role: str
    what: str
    why: str
    how: str
    unreachable: SourceUnreachableError | None = None


def second_best(gap: Missing, settled: AbstractSet[str], stand_in: str | None) -> Missing:
    """Return a gap, with what stands in for its source where something does."""
    if gap.role == "towers" and "zones" in settled:
        zones = "what towers saw; programme zones, not towers, stand in as the exposure"
        return replace(gap, what=zones)
    if stand_in is not None:
        return replace(gap, what=f"the better {gap.role}; {stand_in} stands in for it")
    if gap.role in FIRST_COUNTS and gap.role in settled:
        return replace(gap, what=f"the better {gap.role}; the study's next source stands in for it")
    return gap


def how_to_get(source: Source, entry: Entry | None, *, offline: bool) -> str:
    """Return what a person can do about a source that is not there.

    Parameters
    ----------
    source, entry
        The source, and what the catalogue says of it.
    offline
        Whether publishers were not asked.
    """
    parts = []
    if entry is not None:
        parts.append(f"{entry.publisher} publishes it: {entry.landing}")
    parts.append("name the file in the study or put it into the folder FUNNEL_LOCAL_DATA")
    if source.role in FLAGS:
        parts.append(f"or pass --{source.role} FILE")
    if offline and entry is not None and entry.fetchable:
        parts.append("or run once without --offline")
    return "; ".join(parts)
