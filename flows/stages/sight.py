"""How a study's views are told: lines of sight, or range where cells are too coarse for them."""

from __future__ import annotations

import json
from pathlib import Path

from geo.study import Study
from geo.visibility import LINES, Sight, sight_on

FILE = "sight.json"
NO_VIEW = (
    "exposure is by range, not viewshed: on cells this coarse it is not known which ground within "
    "a tower's range was in view"
)
"""Why ground and records are not told apart by view where no line of sight was drawn."""
COVERAGE_WORDS = "coverage by range of towers (not viewshed)"
"""What sentences of the analyses call it."""
CAP_REASON = (
    "exposure is by range, not viewshed: the land's cells are too coarse for lines of sight, so "
    "what a tower saw is its range thinned by a share"
)
"""Why a claim from ranges stops at L1."""
NOT_RUN = {"in_view.all": NO_VIEW}
"""Analyses that ask what a tower saw = why they are not run where exposure is by range."""


def sight(study: Study) -> Sight:
    """Return how views are told on the study's grid."""
    return sight_on(study.grid.resolution_m, exact=study.grid.exact)


def write_sight(folder: Path, told: Sight) -> None:
    """Write beside the coverage how its views are told, for the steps that read it."""
    (folder / FILE).write_text(json.dumps({"share": told.share}), "utf-8")


def read_sight(folder: Path) -> Sight:
    """Read how the views of a finished step are told; lines of sight where it wrote none."""
    path = folder / FILE
    return Sight(json.loads(path.read_text("utf-8"))["share"]) if path.is_file() else LINES
