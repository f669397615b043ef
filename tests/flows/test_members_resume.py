"""An ensemble that was killed goes on where it stood, to the same bands."""

from __future__ import annotations

from concurrent.futures import Future

import geopandas as gpd
import numpy as np
import pytest
import shapely

from flows.core.stage import RunSpec, StageContext
from flows.core.store import write_table
from flows.stages import ensemble
from flows.workflow.studies import locate
from geo import funnel
from geo import grid as g
from geo.leastcost import LeastCostOptions, Resources
from geo.records import CORRIDORS


class Killed(Exception):
    """The process ended."""


class Here:
    """Runs units in the calling thread, as many as its life lasts."""

    def __init__(self, life: int = 1000) -> None:
        self.life, self.done = life, 0

    def submit(self, work, *args):
        if self.done == self.life:
            raise Killed
        self.done += 1
        future = Future()
        future.set_result(work(*args))
        return future


def marked(box, rows, cols):
    cells = np.zeros(tuple(box.shape), bool)
    cells[rows, cols] = True
    return g.wrap(cells, box, "end", "1")


@pytest.fixture
def work(tmp_path):
    box = g.grid_from_bounds((0, 0, 20_000, 12_000), "EPSG:32612", 500)
    rng = np.random.default_rng(1)
    height = rng.normal(0, 20, tuple(box.shape)).cumsum(0).astype(np.float32)
    land = funnel.MovementDomain(
        g.wrap(height, box, "elevation", "m"),
        (funnel.End("segment-01", marked(box, -1, slice(None)), 1.0),),
        (funnel.End("destination-01", marked(box, 0, slice(None)), 1.0),),
        LeastCostOptions(),
        Resources(workers=0),
    )
    seen = {"first": g.wrap(marked(box, slice(8, 14), slice(0, 20)).values * 1.0, box, "seen", "1")}
    question = RunSpec(locate("tiny").study, (), (), "0" * 12, "0" * 64)

    halves = gpd.GeoDataFrame(
        {"corridor": ["west", "east"]},
        geometry=[shapely.box(0, 0, 10_000, 12_000), shapely.box(10_000, 0, 20_000, 12_000)],
        crs="EPSG:32612",
    ).to_crs(CORRIDORS.crs)
    south = shapely.LineString([(0, 250), (20_000, 250)])
    border = gpd.GeoDataFrame(geometry=[south], crs="EPSG:32612")
    line = funnel.BorderLine.of(border, box)
    source = {"source_id": "made-for-this-test", "source_row": [1, 2]}
    write_table(tmp_path, CORRIDORS.name, halves.assign(**source, basis="study"))

    def run(name, executor):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        said = []
        step = StageContext(
            question,
            folder,
            {"terrain": tmp_path, "ingest": tmp_path},
            lambda *words: said.append(words[:2]),
            executor,
            1,
            tmp_path,
        )
        member = funnel.run_member(
            funnel.Ground(land, None, seen, question.study.movement.avoidance),
            ensemble.reference_member(step),
        )
        return ensemble.bands(step, land, seen, member.values, line), said

    return run


@pytest.mark.slow
def test_a_killed_ensemble_continues_to_the_same_bands(work):
    whole, said = work("whole", Here())
    assert said[-1] == (4, 4)
    assert all(low <= high for low, high in whole.values())
    with pytest.raises(Killed):
        work("killed", Here(life=2))
    second = Here()
    assert work("killed", second)[0] == whole
    assert second.done == 2
    third = Here()
    assert work("killed", third)[0] == whole
    assert third.done == 0
