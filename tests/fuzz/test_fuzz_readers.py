"""No file, however damaged, ends in anything but records and quarantine, or an error for people.

The guard around readers turns every exception into an error; one of a kind that nobody foresaw
still fails here, so that its cause gets a message of its own. `make fuzz` looks at new cases.
"""

from __future__ import annotations

import os
import warnings
import zipfile

import numpy as np
import pytest
import xarray as xr

from fuzz import layouts, mutations, reading
from geo.errors import FunnelError, InputProblems, LayoutError, UnforeseenError
from geo.guard import guarded
from geo.study import parse

CASES = 2_000 if os.environ.get("FUNNEL_HYPOTHESIS") == "fuzz" else 3
FIRST = int(os.environ.get("FUNNEL_FUZZ_FIRST", "0"))
"""Seed of the first case; another one means cases that nobody has seen."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return layouts.every(tmp_path_factory.mktemp("layouts"))


def ended(made, folder, name, content):
    layout = next(one for one in made if one.name == name)
    path = folder / name
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what libraries mumble about damage is not the result
        try:
            reading.read(path, layout.role, layout.columns)
        except UnforeseenError as error:
            raise AssertionError(f"{name}: {error!r}") from error.__cause__
        except FunnelError as error:
            return str(error)
    return ""


@pytest.mark.slow
@pytest.mark.hypothesis
def test_mutated_files_end_in_records_or_in_an_error_for_people(made, tmp_path):
    for layout in made:
        assert ended(made, tmp_path, layout.name, layout.content) == ""
        for seed in range(FIRST, FIRST + CASES):
            changed = mutations.mutate(layout.name, layout.content, seed)
            try:
                ended(made, tmp_path, layout.name, changed)
            except Exception as error:
                error.add_note(f"{layout.name}, seed {seed}")
                raise


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("mapped.csv", b"2012-03-01", b"1677-03-01", ""),
        ("mapped.csv", b"2012-03-01", b"2263-03-01", ""),
        ("mapped.csv", b"2012-03-01", b"0001-01-01", ""),
        ("iom_deaths.csv", b"August 01, 2015", b"August 01, 2815", ""),
        ("mapped.csv", b"-111.1,1", b"-111.1,inf", ""),
        ("mapped.csv", b"-111.1,1", b"-111.1,1e300", ""),
        ("iom.csv", b",1,Exposure", b",inf,Exposure", ""),
        ("iom.csv", b",1,Exposure", b",1e300,Exposure", ""),
        ("iom.json", b'"source_quality": 3', b'"source_quality": 1e999', ""),
        ("airport.csv", b"2014-3-1,63", b"2014-3-1,warm", "row 3, actual_min_temp"),
        ("daymet.csv", b"Elev: 700", b"Elev: 7.0.0", "no Daymet preamble"),
        ("towers.kml", b"UTF-8", b"true", "KML cannot be read"),
    ],
)
def test_what_was_found_stays_mended(made, tmp_path, name, old, new, said):
    content = next(one.content for one in made if one.name == name)
    assert old in content
    answer = ended(made, tmp_path, name, content.replace(old, new, 1))
    assert said in answer
    assert bool(said) == bool(answer)


def test_an_archive_without_a_file_or_with_one_without_a_name_is_refused(tmp_path):
    for name, members in (("none.zip", []), ("unnamed.zip", [""])):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in members:
                archive.writestr(zipfile.ZipInfo(member), b"a,b\n1,2\n")
        with pytest.raises(LayoutError, match="holds no file"):
            reading.read(tmp_path / name, "deaths", {})


def test_heights_on_axes_that_are_none_are_refused(tmp_path):
    for lon in ([-111.0, -112.0], [-111.0, float("nan")], [-111.0, -111.0]):
        path = tmp_path / "gridmet.nc"
        values = xr.Variable(("lat", "lon"), np.ones((2, 2), "i2"), {"units": "meters"})
        axes = {"lat": [32.0, 31.0], "lon": lon}
        xr.Dataset({"elevation": values}, axes).to_netcdf(path, engine="netcdf4")
        with pytest.raises(LayoutError, match="no rows of degrees"):
            reading.read(path, "raster", {})


WRONG = (
    "extends = 5",
    "extends = []",
    "a = " + "[" * 5_000,
    "sources = 1",
    "a = " + "9" * 5_000,
    "bounds_lonlat = 'x'",
    "[periods]\na = 1",
)


@pytest.mark.parametrize("text", WRONG)
def test_a_study_of_the_wrong_shape_is_a_list_of_problems(text):
    with pytest.raises(InputProblems, match=r"mine\.toml"):
        parse(text, "mine.toml")


def test_the_guard_names_the_file_and_never_quotes_it():
    said = r"mine\.csv: this table cannot be read"
    with pytest.raises(UnforeseenError, match=said) as caught, guarded("mine.csv", "table"):
        raise KeyError("Jane Doe")
    assert "Doe" not in str(caught.value)
    with pytest.raises(LayoutError, match="damaged") as known, guarded("mine.zip", "archive"):
        raise EOFError
    assert not isinstance(known.value, UnforeseenError)
