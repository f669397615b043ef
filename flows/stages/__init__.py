"""The steps in the order of the walk: what each needs, reads and depends on.

The work of a step stands in the module of its name and is imported when it runs, so that a
finished run answers without loading the science. The code of a step is that module's import
closure (`flows.core.fingerprint`); nothing of it is listed here. What a step reads of its study
and of the vault is declared here, and refused where it is not.
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
PLANTED = ("planted", "seed", "inference", "pre_tower", "periods", "crs", "bounds_lonlat")
"""Settings on which made-up records depend, besides the least side of a published cell."""
STAGES: tuple[Stage, ...] = (
    Stage(
        name="ingest",
        title="Reading the sources",
        settings=(
            *("bounds_lonlat", "periods", "as_of", "crs", "grid"),
            *("corridors", "privacy", "pre_tower", "tower_dates"),
        ),
        roles=VECTOR_ROLES,
    ),
    Stage(
        name="terrain",
        title="Laying the land on the grid",
        settings=("bounds_lonlat", "crs", "grid.resolution_m", "privacy.surface_cell_m"),
        roles=("elevation", "landcover"),
    ),
    Stage(
        name="movement",
        title="Walking the land",
        needs=("ingest", "terrain"),
        settings=("movement", "walkers"),
        roles=("climate",),
    ),
    Stage(
        name="visibility",
        title="What towers or zones covered",
        needs=("ingest", "terrain"),
        settings=("periods", "pre_tower", "grid.resolution_m", "grid.exact"),
    ),
    Stage(
        name="funnel",
        title="Spreading the crossings",
        needs=("ingest", "terrain", "movement", "visibility"),
        settings=(
            "movement",
            "walkers",
            "periods",
            "privacy",
            "as_of",
            "seed",
            "grid",
            "bounds_lonlat",
        ),
        roles=("climate",),
    ),
    Stage(
        name="hardship",
        title="What each recorded place demanded",
        needs=("ingest", "terrain", "movement", "visibility", "funnel"),
        settings=(*PLANTED, "privacy.surface_cell_m"),
    ),
    Stage(
        name="inference",
        title="Testing",
        needs=("ingest", "terrain", "movement", "visibility", "funnel"),
        settings=(
            *PLANTED,
            "privacy",
            "as_of",
            "movement",
            "walkers",
        ),
        roles=("deaths", "vintage"),
    ),
    Stage(
        name="publish",
        title="Writing tables, map and bundle",
        needs=("ingest", "terrain", "movement", "visibility", "funnel", "hardship", "inference"),
        whole=True,
    ),
)
"""Every step in order; a step's `needs` stand before it."""
