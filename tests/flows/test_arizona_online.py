"""`arizona` as a user with a network gets it: every publisher answers, and nothing is skipped."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from publishers_of_arizona import SEA, content, publishers, towers, vintages

from flows.cli.app import main
from flows.workflow.studies import locate
from geo import sources

ASKED = (
    "ogis-deaths", "iom-missing-migrants", "copernicus-glo30", "esa-worldcover",
    "ameriflux-us-whs", "border-line", "tiger-roads", "tiger-places", "fcc-experimental",
)  # fmt: skip
"""What comes over the network."""
PUBLISHED = (
    "humaneborders", "missingmigrants", "copernicus-dem-30m", "esa-worldcover", "PLACE",
    "VIC_sample_data", "usmx84", "PRISECROADS", "experimental-25km",
)  # fmt: skip
"""What their addresses hold."""


@pytest.fixture
def online(tmp_path, monkeypatch, capsys):
    """The command line in this process, whose network is the mirror; the files it was asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUNNEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FUNNEL_LOCAL_DATA", str(vintages(tmp_path / "earlier")))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "towers.csv").write_bytes(towers())
    with publishers(monkeypatch, locate("arizona").study) as files:

        def call(*words: str, code: int = 0) -> tuple[str, str]:
            with pytest.raises(SystemExit) as left:
                main(list(words))
            out, err = capsys.readouterr()
            assert left.value.code == code, out + err
            return out, " ".join(err.split())

        call.files = files
        yield call


@pytest.mark.slow
def test_every_source_of_arizona_is_found_retrieved_and_passes_check(online, tmp_path):
    _, said = online("check", "arizona", "--towers", "towers.csv")
    assert "not there" not in said, said
    assert "arizona: no problem found" in said
    assert "esa-worldcover" not in said.partition("read as worldcover")[2]
    assert "0 dated by source" in said, "places without a date"
    assert "by rule" in said
    assert "programme zones are not used" in said
    asked = {path for path, file in online.files.items() if file.asked}
    for part in PUBLISHED:
        assert any(part in path for path in asked), part
    west, south = -SEA[0], SEA[1]
    assert not any(f"N{south}_00_W{west}" in path for path in online.files), "a tile of the sea"


def test_a_nations_outline_is_read_by_its_full_name(tmp_path):
    (tmp_path / "n.zip").write_bytes(content("tiger-aiannh"))
    reading = sources.read(tmp_path / "n.zip", role="corridors", source_id="tiger-aiannh")
    assert list(reading.records["corridor"]) == ["MADE UP"]


@pytest.mark.attack
def test_arizona_runs_online_to_a_verified_bundle_with_nothing_skipped(online, tmp_path):
    out, _ = online("run", "arizona", "--towers", "towers.csv", "--plain", "--json")
    answer = json.loads(out)
    assert answer["skipped"] == []
    once = {path: len(file.asked) for path, file in online.files.items()}
    online("run", "arizona", "--towers", "towers.csv", "--plain", "--offline", "--quiet")
    assert once == {p: len(f.asked) for p, f in online.files.items()}, "all of it is in the vault"
    assert answer["headline"]
    assert json.loads(online("verify", "latest", "--json")[0])["problems"] == []
    (bundle,) = (tmp_path / "runs" / "arizona").iterdir()
    counts = pd.read_csv(bundle / "tables" / "counts.csv")
    assert set(ASKED) - set(counts["source_id"]) == {
        "copernicus-glo30", "esa-worldcover", "ameriflux-us-whs"
    }, "rasters and weather have no rows"  # fmt: skip
    cited = (bundle / "index.html").read_text("utf-8")
    for publisher in ("Humane Borders", "European Space Agency", "U.S. Census Bureau", "AmeriFlux"):
        assert publisher in cited, publisher
    shutil.rmtree(bundle)
