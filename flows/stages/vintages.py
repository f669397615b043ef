"""Earlier states of the recorded deaths, so that the headline can be asked of them (R13)."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from flows.core.stage import StageContext
from flows.core.store import read_table
from flows.stages.ground import Again
from geo import inference, sources
from geo.errors import ContractError
from geo.parameters import load
from geo.records import VINTAGES, count_class

SAME = float(load("battery")["vintage_known_share"].value)
"""Share of a vintage's records that today's must know for the one to be a state of the other."""
ROW = "R13.vintages"


def vintages(step: StageContext, now: gpd.GeoDataFrame) -> Again:
    """Return R13 for every vintage of the study, or why it cannot be asked."""
    table = read_table(step.done["ingest"], VINTAGES.name)
    again = Again({}, {})
    for given in step.question.of("vintage"):
        source = next(
            s for s in step.study.sources if (s.id, s.role) == (given.source_id, "vintage")
        )
        current = step.study.current(source)
        then, today = (f[f["source_id"] == i] for f, i in ((table, source.id), (now, current)))
        everyone = pd.concat([then, now[now["source_id"] != current]], ignore_index=True)
        snapshot = f"snapshot:{given.sha256[:16]}"
        try:
            changed = _changed(then, today, current)
            again.known.update(
                inference.vintage(source.id, everyone, step.study.years, changed, snapshot)
            )
        except ContractError as error:
            again.refused[f"R13.{source.id}"] = str(error)
    if not again.known and not again.refused:
        again.refused[ROW] = (
            "the study has one state of its records; give an earlier file of them as a source of "
            "role vintage"
        )
    return again


def _changed(then: gpd.GeoDataFrame, today: gpd.GeoDataFrame, current: str) -> str:
    """Say in classes what became of the records of a vintage."""
    if not (sources.keyed(then, current) and sources.keyed(today, current)):
        return "Its records have no keys, so what changed since is not counted."
    if then["death_id"].isin(today["death_id"]).mean() < SAME:
        raise ContractError(
            f"most of its records are unknown to {current}; give an earlier file of the same source"
        )
    found = sources.revision(then, today)
    counts = {
        "reported before its last day were added": found.added_late,
        "are gone": found.removed,
        "have another place": found.moved,
        "another date": found.redated,
        "another class": found.reclassified,
    }
    return (
        "Since then, of all its source's records, "
        + ", ".join(f"{count_class(n)} {what}" for what, n in counts.items())
        + "."
    )
