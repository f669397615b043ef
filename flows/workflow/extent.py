"""How large a question is, in the quantities that its cost grows with; nothing is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from flows.core.stage import RunSpec
from flows.stages import VECTOR_ROLES
from flows.workflow.readings import dated_towers
from geo.errors import FunnelError
from geo.funnel import WINDOWED_CELLS, length_of
from geo.funnel.loading import KEPT
from geo.funnel.windows import HELD_CELLS, MARGIN
from geo.strips import WIDE_CELLS
from geo.study import Study, closed_periods, study_grid
from geo.visibility import enters_dose, programmes

START = "start"
"""What a step costs however small it is."""
METRES_PER_DEGREE = 111_320.0
BYTES_PER_RECORD = 120
"""Of a table that is not plain text: no more is needed than how many, roughly."""


@dataclass(frozen=True)
class Extent:
    """The size of a question.

    Attributes
    ----------
    study
        As resolved.
    cell_m, cells, coarse_cells
        Side of the study's cells, their number, and that of the ensemble's.
    ranges_m
        Range of every tower that may enter.
    zones
        Whether programme zones stand in where there are no towers.
    records, vector_mb
        Rows of recorded deaths; size of everything that is read as a table.
    """

    study: Study
    cell_m: float
    cells: float
    coarse_cells: float
    ranges_m: tuple[float, ...]
    zones: bool
    records: int
    vector_mb: float

    def quantities(self, step: str) -> dict[str, float]:
        """Return the quantities that a step's cost grows with, as `rates.yaml` names them."""
        rate = rates()[step]
        names = {*rate["cpu_seconds"], *rate["memory_mb"], *rate.get("memory_mb_a_worker", {})}
        return {n: float(getattr(self, n)) for n in sorted(names - {START})}

    @property
    def exposed(self) -> bool:
        """Whether anything is tested."""
        return bool(self.ranges_m) or self.zones

    @property
    def held_cells(self) -> float:
        """Cells of a land whose rasters are held whole."""
        return min(self.cells, float(WIDE_CELLS))

    @property
    def wide_cells(self) -> float:
        """Cells beyond those, which are read in strips."""
        return self.cells - self.held_cells

    @property
    def viewed(self) -> float:
        """Cells within range of towers, tower by tower, once for periods and once for years."""
        around = (min(math.pi * (r / self.cell_m) ** 2, self.cells) for r in self.ranges_m)
        return 2 * sum(around)

    @property
    def layers(self) -> float:
        """Cells of all layers of coverage: a layer a period and one a year."""
        each = len(self.study.periods) + len(self.study.years)
        return self.cells * each if self.ranges_m else 0.0

    @cached_property
    def ends(self) -> tuple[int, int]:
        """Origins on the border and destinations behind it."""
        west, south, east, north = self.study.bounds_lonlat
        width = (east - west) * METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2))
        # the border may run either way through the area
        long = max(width, (north - south) * METRES_PER_DEGREE)
        names = ("segment_length_m", "destination_width_m")
        segments, goals = (max(1, round(long / length_of(name))) for name in names)
        return segments, goals

    @property
    def spreads(self) -> int:
        """How often crossings are spread in one version of the route model."""
        dear = sum(1 for a in self.study.movement.avoidance if a > 0)
        later = dear * len(closed_periods(self.study)) if self.ranges_m else 0
        return 1 + later if self.exposed else 0

    @cached_property
    def window(self) -> tuple[float, float]:
        """Share of the land in one origin's window, and destinations in it (`geo.funnel.windows`).

        Ways that take a share stay within an ellipse about the border and the destination, as far
        as walking costs the same everywhere.
        """
        origins, goals = self.ends
        if self.cells <= WINDOWED_CELLS:
            return 1.0, float(goals)
        movement = self.study.movement
        longer = MARGIN * (1.0 + KEPT * movement.theta)
        aside_m = movement.crossing_depth_m * math.sqrt(longer**2 - 1.0)
        wide_m = length_of("segment_length_m") + aside_m
        long_m = origins * length_of("segment_length_m")
        across_m = self.cells * self.cell_m**2 / long_m
        deep = min(1.0, longer * movement.crossing_depth_m / across_m)
        share = min(1.0, wide_m / long_m) * deep
        return share, min(float(goals), 1.0 + wide_m / length_of("destination_width_m"))

    @property
    def surfaces(self) -> float:
        """Accumulated surfaces of one spread, in lands: every end's own or, narrower, by window."""
        share, goals = self.window
        return min(float(sum(self.ends)), self.ends[0] * share * (1.0 + goals))

    @property
    def labels(self) -> float:
        """Cells of all accumulated surfaces of the study's own route model."""
        return self.cells * self.surfaces * self.spreads

    @property
    def pairs(self) -> float:
        """Cells of all origins times the destinations in their windows, of the own route model."""
        share, goals = self.window
        return self.cells * share * self.ends[0] * goals * self.spreads

    @property
    def members(self) -> int:
        """Versions of the route model behind every band."""
        count = self.study.movement.members
        return count if count > 1 and self.ranges_m else 0

    @property
    def member_labels(self) -> float:
        """As `labels`, of all members at their resolution."""
        return self.members * self.coarse_cells * sum(self.ends) * self.spreads

    @property
    def member_pairs(self) -> float:
        """As `pairs`, of all members at their resolution."""
        return self.members * self.coarse_cells * math.prod(self.ends) * self.spreads

    @property
    def held_labels(self) -> float:
        """Cells of the surfaces held at once: those without towers and those of one period."""
        share, goals = self.window
        held = self.cells * self.surfaces
        if share < 1.0:  # windows are joined as long as they can be held
            held = max(self.cells * share * (1.0 + goals), min(held, float(HELD_CELLS)))
        return held * min(self.spreads, 2)

    @property
    def member_held(self) -> float:
        """As `held_labels`, of one member."""
        return self.coarse_cells * sum(self.ends) * min(self.spreads, 2) if self.members else 0.0

    @property
    def imputed(self) -> float:
        """Panels that are imputed and tested."""
        return float(self.study.inference.imputations) if self.exposed else 0.0

    @property
    def drawn(self) -> float:
        """Draws of the permutation test over the panel's corridors and years."""
        return self.study.inference.permutations * self._panel

    @property
    def imputed_records(self) -> float:
        """Records placed anew in every imputation."""
        return self.imputed * self.records

    @property
    def drawn_imputed(self) -> float:
        """Draws of the permutation test in every imputation."""
        return self.imputed * self.drawn

    @property
    def shown(self) -> float:
        """Published cells of all surfaces."""
        share = (self.cell_m / max(self.study.privacy.surface_cell_m, self.cell_m)) ** 2
        layers = 2 + 2 * len(closed_periods(self.study)) * bool(self.ranges_m)
        return self.cells * share * layers

    @property
    def _panel(self) -> float:
        return len(self.study.years) * self.ends[0] if self.exposed else 0.0


def rates() -> Mapping[str, Any]:
    """Return the rates of every step."""
    found: Mapping[str, Any] = _measurements()["steps"]
    return found


def most_cells() -> float:
    """Return the cells of the largest study on which rates were measured."""
    return float(_measurements()["measured"]["most_cells"])


def most_off() -> int:
    """Return within which factor the rates are right of the studies they were measured on."""
    ratios = _measurements()["measured"]["worst_ratio"].values()
    return math.ceil(max(r for step in ratios for r in step.values()))


@cache
def _measurements() -> Mapping[str, Any]:
    text = resources.files("flows.workflow").joinpath("rates.yaml").read_text("utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def extent(question: RunSpec) -> Extent:
    """Measure a question by its study, the heads of its rasters and the sizes of its tables."""
    if not (_measured and _measured[-1][0] is question):
        _measured[:] = [(question, _measure(question))]
    return _measured[-1][1]


_measured: list[tuple[RunSpec, Extent]] = []
"""The question measured last: every step of a run asks for the same one, and towers are read."""


def _measure(question: RunSpec) -> Extent:
    study = question.study
    cell_m = study.grid.resolution_m
    grid = study_grid(study)
    cells = float(grid.shape[0] * grid.shape[1])
    side = max(study.grid.ensemble_m, cell_m)
    tables = question.of(*VECTOR_ROLES)
    return Extent(
        study=study,
        cell_m=cell_m,
        cells=cells,
        coarse_cells=cells * (cell_m / side) ** 2,
        ranges_m=_ranges_m(question),
        zones=bool(question.of("zones")),
        records=sum(_rows(i.path) for i in question.of("deaths")),
        vector_mb=sum(i.path.stat().st_size for i in tables) / 1e6,
    )


def _ranges_m(question: RunSpec) -> tuple[float, ...]:
    """Range of each tower that the visibility step will take."""
    usual = {name: float(p.range_m.value) for name, p in programmes().items()}
    found: list[float] = []
    try:
        readings = dated_towers(question)
    except FunnelError:
        return ()  # the check before the run names what is wrong with it
    for _, reading in readings:
        towers = reading.records[enters_dose(reading.records)]
        ranges = towers["range_m"].astype(float).fillna(towers["programme"].map(usual))
        found += ranges.dropna().tolist()
    return tuple(found)


def _rows(path: Path) -> int:
    if path.suffix.lower() not in {".csv", ".txt", ".geojson", ".json"}:
        return path.stat().st_size // BYTES_PER_RECORD
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
