"""Named areas reach the map without a result that knows of them; absent ones are told by title."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely.geometry import box

from flows.core.stage import Input
from flows.stages import STAGES
from flows.stages.named_areas import absent, named_areas, tables_of
from flows.workflow.runner import make_run_spec
from flows.workflow.studies import locate
from geo.records import COUNTS, QUARANTINE
from geo.study import Source


def test_only_the_last_step_reads_areas_and_absent_sources_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.geojson"
    frame = gpd.GeoDataFrame(
        {"name": ["Park", "Range"], "kind": ["protected", "military"]},
        geometry=[box(-112, 31, -111, 32), box(-111, 31, -110, 32)], crs=4326,
    )  # fmt: skip
    frame.to_file(path)
    given = (
        Source(id="mine", role="areas", file=str(path)),
        Source(id="padus", role="areas", required=False),
        Source(id="tiger-places", role="places", required=False),
        Source(id="towns", role="places", stands_in_for="tiger-places", required=False),
    )
    study = locate("tiny").study.model_copy(update={"sources": given})
    inputs = tuple(
        Input(path, role, name, {"sha256": "0"})
        for name, role in (("mine", "areas"), ("towns", "places"))
    )
    question = make_run_spec(study, inputs, (), tmp_path)
    told = {"counts": COUNTS.empty(), "quarantine": QUARANTINE.empty()}
    tables = tables_of(named_areas(question), told)
    assert list(tables["areas"]["name"]) == ["Park"]
    assert list(tables["quarantine"]["source_row"]) == [2]
    rows = tables["counts"].groupby("step")["records"].sum()
    assert rows["read"] == 2 == rows["used"] + rows["quarantined"]
    assert tables_of([], told)["areas"].empty
    gone = absent(question)
    assert gone["areas"] == ("Protected Areas Database of the United States",)
    assert gone["places"] == (), "what stands in for a source is there"
    assert [s.name for s in STAGES if "areas" in s.roles] == []
