"""Every mistake of a user ends with exit 2, every problem listed, no traceback, before work."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from geo.synthetic.death_file import HEADER

STUDY = """
extends = "tiny"
name = "mine"
"""


@pytest.fixture(scope="module")
def funnel(make_funnel):
    return make_funnel("bad")


def refused(funnel, *words: str) -> str:
    done = funnel(*words, code=2)
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    return text


def write(funnel, name: str, text: str) -> str:
    path = Path(funnel.folder) / name
    path.write_text(text)
    return name


def test_unknown_study_is_refused_with_a_suggestion(funnel):
    assert "sample" in refused(funnel, "run", "sampel")


def test_unknown_option_and_command_are_refused(funnel):
    assert "--offlin" in refused(funnel, "run", "tiny", "--offlin")
    refused(funnel, "rnu")


def test_all_faults_of_a_study_come_at_once(funnel):
    text = STUDY + 'sed = 4\ncrs = "EPSG:4326"\nas_of = 2999-01-01\n'
    said = refused(funnel, "run", write(funnel, "faulty.toml", text))
    assert "Did you mean seed?" in said
    assert "EPSG:4326" in said


def test_a_future_as_of_is_refused(funnel):
    said = refused(funnel, "run", write(funnel, "future.toml", STUDY + "as_of = 2999-01-01\n"))
    assert "future" in said


def test_a_missing_file_is_refused(funnel):
    assert "nowhere.csv" in refused(funnel, "run", "tiny", "--deaths", "nowhere.csv")


def deaths_file(funnel, name: str, rows: list[dict[str, str]], header=HEADER) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return write(funnel, name, out.getvalue())


def row(number: int, **changes: str) -> dict[str, str]:
    return {
        "ML Number": f"01-{number:05d}",
        "Name": "Unidentified",
        "Reporting Date": "2005-06-01",
        "Location Precision": "GPS Coordinate (precise to within ca. 300ft./100m)",
        "Latitude": "14.0",
        "Longitude": "-111.0",
        **changes,
    }


@pytest.mark.parametrize(
    ("name", "rows", "header", "says"),
    [
        ("column.csv", [row(1)], [h for h in HEADER if h != "Latitude"], "Latitude"),
        ("empty.csv", [], HEADER, "row"),
        ("swapped.csv", [row(n, Latitude="-111.0", Longitude="14.0") for n in range(9)], HEADER,
         "swapped"),
        ("positive.csv", [row(n, Longitude="111.0") for n in range(9)], HEADER, "ongitude"),
        ("dates.csv", [row(n, **{"Reporting Date": f"{n + 1}.13.05x"}) for n in range(9)], HEADER,
         "Reporting Date"),
    ],
)  # fmt: skip
def test_a_broken_file_of_deaths_is_refused_and_named(funnel, name, rows, header, says):
    said = refused(funnel, "run", "tiny", "--deaths", deaths_file(funnel, name, rows, header))
    assert says in said


def test_elevation_that_does_not_cover_the_area_is_refused(funnel, tmp_path):
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    path = tmp_path / "elsewhere.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=10, height=10, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(20, 50, 0.01, 0.01),
    ) as out:  # fmt: skip
        out.write(np.ones((10, 10), "float32"), 1)
    assert "elsewhere" in refused(funnel, "run", "tiny", "--elevation", str(path))


def test_check_says_the_same_without_running(funnel):
    refused(funnel, "check", "tiny", "--deaths", deaths_file(funnel, "none.csv", []))
    assert not (funnel.out / "tiny").exists()
