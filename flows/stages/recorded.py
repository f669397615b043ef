"""The deaths of a study: those recorded, or those planted in their place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from flows.stages.corridors import corridor_labels
from flows.stages.route_judgement import judge, weighed
from geo import sources
from geo.errors import ContractError
from geo.records import COUNTS, DEATHS, QUARANTINE, SNAPSHOTS
from geo.study import Study, stream
from geo.synthetic.planted import plant
from geo.synthetic.planted_intensity import Planting, usable

NOTE = (
    "SYNTHETIC: no record of this source is counted here. Records were made up at its smoothed "
    "intensity before the first tower."
)


def recorded(step: StageContext) -> gpd.GeoDataFrame:
    """Return the deaths that the walk after the funnel step counts (contract `deaths`)."""
    deaths: gpd.GeoDataFrame = read_table(step.done["ingest"], DEATHS.name)
    if step.study.planted is None:
        return deaths
    if usable(deaths).empty:
        raise ContractError(
            "no recorded death can be placed and dated, so none can be made up like it; give "
            "another source of role deaths, or leave [planted] out"
        )
    source_id = str(deaths["source_id"].iloc[0])
    return plant(deaths, planting(step, source_id), generator(step.study))


def planting(step: StageContext, source_id: str) -> Planting:
    """Return the land, the exposure and the effect that a study plants its records on."""
    study, ratio = step.study, step.study.planted
    hardness = read_raster(step.done["funnel"], "hardness")
    assert hardness is not None and ratio is not None  # noqa: S101, PT018 - written; asked before
    _, dose = weighed(step, judge(step))
    return Planting(
        hardness.load(),
        corridor_labels(step),
        study.inference.bins,
        dose[["corridor", "year", "dose"]],
        study.years,
        (pd.Timestamp(study.pre_tower[0]), pd.Timestamp(study.pre_tower[1])),
        ratio.rate_ratio,
        pd.Timestamp(study.window[1]) - pd.Timedelta(days=1),
        source_id,
    )


def generator(study: Study) -> np.random.Generator:
    """Return the random stream of the made-up records."""
    assert study.planted is not None  # noqa: S101 - asked before
    own = study.planted.seed
    return stream(study.seed if own is None else own, "planted")


def accounts(
    step: StageContext, deaths: gpd.GeoDataFrame, snapshots: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return `deaths`, `counts`, `quarantine` and `snapshots` as a bundle tells of them.

    Of planted records none says what became of a row of a publisher: made-up records are counted
    in their place, and the snapshot's note says so. It keeps its id, which is part of the run's.
    """
    ingest = step.done["ingest"]
    counts = read_table(ingest, COUNTS.name)
    aside = read_table(ingest, QUARANTINE.name)
    if step.study.planted is not None:
        real = {s.id for s in step.study.sources if s.role == "deaths"}
        mine = snapshots["source_id"].isin(real)
        counts = counts[~counts["source_id"].isin(real)]
        aside = aside[~aside["source_id"].isin(real)]
        reading = sources.Reading(
            DEATHS.name, deaths, QUARANTINE.empty(), {"read": len(deaths)}, "planted"
        )
        own = sources.tally(reading).assign(parents=" ".join(snapshots.loc[mine, "sha256"]))
        own["row_id"] = "count:" + own["source_id"] + ":" + own["step"] + ":" + own["reason"]
        counts = pd.concat([counts, own], ignore_index=True)
        snapshots = snapshots.copy()
        snapshots.loc[mine, "note"] = NOTE
    return {
        DEATHS.name: deaths,
        COUNTS.name: counts,
        QUARANTINE.name: aside,
        SNAPSHOTS.name: snapshots,
    }
