"""The frozen study: one TOML file that says everything a result depends on.

A study names its area, grid, dates, periods, sources, walkers, seed and privacy settings. It is
validated as a whole (unknown keys are refused), resolved once (`extends`, then overrides) and
from then on immutable; its fingerprint goes into every run id.
"""

from __future__ import annotations

from geo.study.derived import add_months, closed_periods, stream, study_grid, study_years
from geo.study.extent import KM, crossing_depth_m, smaller_extent_km
from geo.study.model import Study
from geo.study.sections import (
    COMPARED,
    Component,
    CorridorRules,
    GridSpec,
    Inference,
    Movement,
    Period,
    Planted,
    Privacy,
    Role,
    Source,
    StoryNote,
    Synthetic,
)
from geo.study.toml_file import parse

__all__ = [
    "COMPARED",
    "KM",
    "Component",
    "CorridorRules",
    "GridSpec",
    "Inference",
    "Movement",
    "Period",
    "Planted",
    "Privacy",
    "Role",
    "Source",
    "StoryNote",
    "Study",
    "Synthetic",
    "add_months",
    "closed_periods",
    "crossing_depth_m",
    "parse",
    "smaller_extent_km",
    "stream",
    "study_grid",
    "study_years",
]
