"""One file a step, in the order of the walk; each is a short load, compute, save."""

from __future__ import annotations

from flows.stage import Stage
from flows.stages import (
    funnel,
    hardship,
    inference,
    ingest,
    movement,
    publish,
    terrain,
    visibility,
)

STAGES: tuple[Stage, ...] = (
    ingest.STAGE,
    terrain.STAGE,
    movement.STAGE,
    visibility.STAGE,
    funnel.STAGE,
    hardship.STAGE,
    inference.STAGE,
    publish.STAGE,
)
"""Every step in order; a step's `needs` stand before it."""
