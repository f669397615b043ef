from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from geo import records, scale, study
from geo.errors import ContractError, InputProblems
from geo.grid import make_grid

STUDY = """
name = "small"
title = "Small"
as_of = 2026-01-01
seed = 1
crs = "EPSG:32612"
bounds_lonlat = [-111.0, 31.4, -110.5, 31.8]
pre_tower = [2001-01-01, 2007-01-01]
[grid]
resolution_m = 500
[[periods]]
id = "before"
label = "Before"
start = 2001-01-01
end = 2007-01-01
[[periods]]
id = "after"
label = "After"
start = 2007-01-01
end = 2024-06-01
"""


def test_every_public_table_is_free_of_personal_columns():
    for table in records.TABLES.values():
        if table.public:
            assert not [c.name for c in table.columns if c.person], table.name
            assert set(table.key) <= set(table.names)


def test_empty_tables_conform_and_describe_themselves():
    for table in records.TABLES.values():
        frame = table.empty()
        table.validate(frame)
        assert list(table.dictionary()["column"]) == list(table.names)


def test_a_wrong_value_is_named_with_its_column():
    towers = gpd.GeoDataFrame(
        {
            "tower_id": ["a", "a"],
            "source_id": "x",
            "source_row": [1, 2],
            "programme": "ift",
            "status": ["deployed", "broken"],
        },
        geometry=[Point(-111, 31), Point(-111, 32)],
        crs="EPSG:4326",
    )
    with pytest.raises(ContractError, match=r"status.*isin") as error:
        records.TOWERS.conform(towers)
    assert "tower_id" in str(error.value)
    with pytest.raises(ContractError, match="unknown column nom"):
        records.COUNTS.conform(pd.DataFrame({"nom": [1]}))


def test_an_empty_cell_is_one_thing_however_it_was_written():
    texts = [c.name for c in records.SNAPSHOTS.columns if c.dtype == "string"]
    row = dict.fromkeys(texts, "said") | {"size": 1, "note": ""}
    assert records.SNAPSHOTS.conform(pd.DataFrame([row]))["note"].isna().all()


@pytest.mark.parametrize(
    ("n", "label"),
    [(0, "0"), (1, "1-4"), (4, "1-4"), (5, "5-9"), (19, "10-19"), (20, "20+"), (999, "20+")],
)
def test_counts_are_classed(n, label):
    assert records.count_class(n) == label


def test_a_study_reads_back_from_its_own_toml():
    first = study.parse(STUDY, "small.toml")
    again = study.parse(first.toml(), "study.toml")
    assert first == again
    assert first.fingerprint() == again.fingerprint()
    assert first.years == tuple(range(2001, 2025))


def test_a_period_that_ends_with_the_calendar_year_opens_no_new_one():
    ends = study.parse(STUDY.replace("2024-06-01", "2024-01-01"), "s")
    assert ends.years == tuple(range(2001, 2024))


def test_only_periods_closed_for_24_months_are_published():
    assert [p.id for p in study.closed_periods(study.parse(STUDY, "s"))] == ["before"]


def test_all_faults_of_a_study_are_listed_at_once():
    text = STUDY.replace("seed = 1", "sed = 1").replace("-111.0, 31.4", "31.4, -111.0")
    with pytest.raises(InputProblems) as error:
        study.parse(text, "small.toml")
    fields = {p.field for p in error.value.problems}
    assert {"seed", "sed", "bounds_lonlat"} <= fields
    assert "Did you mean seed?" in str(error.value)


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ('"EPSG:3857"', "use EPSG:32612"),
        ('"EPSG:32614"', "use EPSG:32612"),
        ('"+proj=tmerc +lat_0=0 +lon_0=-111 +k=20 +datum=WGS84 +units=m"', "EPSG:32612"),
        ('"ESRI:102003"', "EPSG:32612"),
    ],
)
def test_a_crs_that_bends_the_ground_is_refused_with_one_that_would_do(change, remedy):
    with pytest.raises(InputProblems, match="ground") as error:
        study.parse(STUDY.replace('"EPSG:32612"', change), "s")
    assert remedy in str(error.value)


def test_scale_is_that_of_the_projection_and_areas_of_nine_degrees_have_a_crs():
    # Snyder 1987, eq. 8-11 on the sphere: k = 0.9996 / sqrt(1 - B^2), B = cos(lat) sin(lon - lon0)
    expected = 0.9996 / np.sqrt(1 - np.sin(np.radians(4.0)) ** 2) - 1
    assert scale.scale_error("EPSG:32612", (-111, -1, -107, 1)) == pytest.approx(expected, rel=0.03)
    wide = (-106.6, 25.8, -97.0, 31.0)
    found = scale.fitting_crs(wide)
    assert found is not None
    assert scale.scale_error(found, wide) <= scale.scale_limit()
    assert scale.fitting_crs((-117.2, 25.8, -97.0, 33.0)) is None


def test_cells_are_measured_on_ground_whatever_their_crs_says():
    box = (-114.9, 31.2, -109.0, 33.0)
    assert scale.ground_side(make_grid(box, "EPSG:32612", 1000)) == pytest.approx(1000, rel=2e-3)
    assert scale.below(make_grid(box, "EPSG:3857", 1000), 1000)
    assert not scale.below(make_grid(box, "EPSG:32612", 1000), 1000)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_numbers_without_a_value_are_refused_everywhere_in_a_study(value):
    for line in (
        f"[movement]\ntheta = {value}",
        f"[movement]\navoidance = [0.0, {value}]",
        f"[privacy]\nsurface_cell_m = {value}",
        f'[[sources]]\nid = "x"\nrole = "climate"\nplace = [{value}, 31.0, 0.0]',
    ):
        with pytest.raises(InputProblems, match="finite"):
            study.parse(f"{STUDY}\n{line}\n", "s")
    for old in ("-111.0, 31.4", "resolution_m = 500"):
        bad = old.replace("-111.0", value).replace("500", value)
        with pytest.raises(InputProblems, match="finite"):
            study.parse(STUDY.replace(old, bad), "s")


def test_floors_can_be_raised_and_never_lowered():
    raised = study.parse(STUDY + "\n[privacy]\ndeath_cell_m = 10000\n", "s")
    assert raised.privacy.death_cell_m == 10_000
    with pytest.raises(InputProblems, match="floor"):
        study.parse(STUDY + "\n[privacy]\ndeath_cell_m = 1000\n", "s")


def test_extends_merges_and_overrides_win():
    child = 'extends = "small"\nname = "child"\n[grid]\nensemble_m = 240\n'
    built = study.parse(child, "child", base=lambda _: STUDY, overrides={"seed": 9})
    assert (built.name, built.grid.resolution_m, built.grid.ensemble_m) == ("child", 500, 240)
    assert built.seed == 9


def test_streams_are_named_and_independent():
    one = study.stream(7, "imputation").random(4)
    assert (one == study.stream(7, "imputation").random(4)).all()
    assert (one != study.stream(7, "placebo").random(4)).all()


def test_months_are_added_like_a_calendar():
    assert study.add_months(date(2022, 8, 31), 18) == date(2024, 2, 29)
