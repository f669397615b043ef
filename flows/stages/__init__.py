"""The steps in the order of the walk: what each needs, reads and depends on.

The work of a step stands in the module of its name and is imported when it runs, so that a
finished run answers without loading the science.
"""

from __future__ import annotations

from flows.core.stage import Stage

VECTOR_ROLES = (
    "deaths",
    "vintage",
    "towers",
    "zones",
    "infrastructure",
    "border",
    "roads",
    "places",
    "corridors",
    "covariates",
    "crosscheck",
)
STAGES: tuple[Stage, ...] = (
    Stage(
        name="ingest",
        title="Reading the sources",
        rooms=(
            "geo/sources",
            "geo/records.py",
            "geo/contract.py",
            "geo/tower_dates.py",
            "geo/spans.py",
            "geo/funnel/corridors.py",
            "geo/funnel/border_line.py",
            "geo/funnel/border_sides.py",
            "flows/stages/corridors.py",
            "data/parameters",
            "data/withdrawn.toml",
        ),
        settings=(
            *("bounds_lonlat", "periods", "as_of", "crs", "grid"),
            *("corridors", "privacy", "pre_tower", "tower_dates"),
        ),
        roles=VECTOR_ROLES,
    ),
    Stage(
        name="terrain",
        title="Laying the land on the grid",
        rooms=("geo/terrain", "geo/grid.py", "geo/locomotion", "data/parameters"),
        settings=("bounds_lonlat", "crs", "grid", "privacy", "sources"),
        roles=("elevation", "landcover"),
    ),
    Stage(
        name="movement",
        title="Walking the land",
        needs=("ingest", "terrain"),
        rooms=(
            "geo/leastcost",
            "geo/locomotion",
            "geo/climate",
            "geo/hardship",
            "geo/funnel/marks.py",
            "geo/grid.py",
            "data/parameters",
            "flows/stages/climate.py",
        ),
        settings=("movement", "walkers"),
        roles=("climate",),
    ),
    Stage(
        name="visibility",
        title="Looking out from the towers",
        needs=("ingest", "terrain"),
        rooms=("geo/visibility", "geo/grid.py", "data/parameters", "flows/stages/zones.py"),
        settings=("periods", "pre_tower"),
    ),
    Stage(
        name="funnel",
        title="Spreading the crossings",
        needs=("ingest", "terrain", "movement", "visibility"),
        rooms=(
            "geo/funnel",
            "geo/leastcost",
            "geo/locomotion",
            "geo/climate",
            "geo/hardship",
            "geo/grid.py",
            "data/parameters",
            "flows/stages/movement.py",
            "flows/stages/climate.py",
            "flows/stages/catchments.py",
            "flows/stages/ensemble.py",
        ),
        settings=("movement", "walkers", "periods", "privacy", "as_of", "seed", "grid"),
        roles=("climate",),
    ),
    Stage(
        name="hardship",
        title="What each recorded place demanded",
        needs=("ingest", "terrain", "movement", "visibility", "funnel"),
        rooms=("geo/grid.py", "geo/records.py", "geo/study.py"),
        settings=("periods", "crs"),
    ),
    Stage(
        name="inference",
        title="Testing",
        needs=("ingest", "terrain", "movement", "visibility", "funnel"),
        rooms=(
            "geo/inference",
            "geo/visibility",
            "geo/funnel",
            "geo/locomotion",
            "geo/grid.py",
            "data/parameters",
            "flows/stages/covariates.py",
            "flows/stages/exposures.py",
            "flows/stages/zones.py",
            "flows/stages/ground.py",
            "flows/stages/funnel.py",
            "flows/stages/movement.py",
            "flows/stages/vintages.py",
            "geo/sources/revisions.py",
        ),
        settings=(
            "seed",
            "inference",
            "periods",
            "pre_tower",
            "privacy",
            "crs",
            "as_of",
            "movement",
            "walkers",
        ),
    ),
    Stage(
        name="publish",
        title="Writing tables, map and bundle",
        needs=("ingest", "terrain", "movement", "visibility", "funnel", "hardship", "inference"),
        rooms=(
            "geo/evidence",
            "maps",
            "geo/records.py",
            "flows/stages/environment.py",
            "validation/results",
        ),
        settings=("name", "title", "language", "as_of", "privacy", "periods", "synthetic"),
    ),
)
"""Every step in order; a step's `needs` stand before it."""
