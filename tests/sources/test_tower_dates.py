"""Dating rules: which towers they date, within which bounds, and that they date no other."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from geo import sources, visibility
from geo.records import TOWERS
from geo.study import parse
from geo.tower_dates import TowerDates
from geo.visibility.dating import enters_dose

WINDOW = (date(2000, 10, 1), date(2024, 10, 1))


def towers(*rows):
    """Rows: programme, longitude, latitude, own year or None."""
    return gpd.GeoDataFrame(
        TOWERS.conform(
            gpd.GeoDataFrame(
                {
                    "tower_id": [f"t{n}" for n in range(len(rows))],
                    "source_id": "own-towers",
                    "source_row": range(1, len(rows) + 1),
                    "programme": [r[0] for r in rows],
                    "status": [r[4] if len(r) > 4 else "deployed" for r in rows],
                    "active_from_earliest": [f"{r[3]}-01-01" if r[3] else None for r in rows],
                    "active_from_latest": [f"{r[3]}-12-31" if r[3] else None for r in rows],
                },
                geometry=[Point(r[1], r[2]) for r in rows],
                crs="EPSG:4326",
            )
        )
    )


def rule(**fields):
    given = {"programme": "ift", "interval": "2015-08/2015-12", "citation": "made up", **fields}
    return TowerDates.model_validate(given)


def test_the_first_rule_that_fits_dates_and_a_date_of_ones_own_stays():
    made = towers(
        ("ift", -110.9, 31.4, None), ("ift", -110.9, 31.4, 2017), ("rvss", -110.9, 31.4, None),
        ("ift", -109.5, 31.4, None), ("ift", -110.9, 31.4, None, "planned"),
    )  # fmt: skip
    rules = (
        rule(area="Nogales"),
        rule(box=(-112, 31, -110, 33), interval="2019", name="wide"),
        rule(corridor="east", interval="2016-12/2017-07"),
    )
    done = sources.date_by_rules(made, rules, WINDOW, {"east": box(-110, 31, -109, 33)})
    label = done["dated_by"].astype(object).where(done["dated_by"].notna(), None)
    assert list(label) == [
        "ift, Nogales: 2015-08/2015-12", None, None, "ift, east: 2016-12/2017-07", None
    ]  # fmt: skip
    assert str(done["active_from_earliest"][0].date()) == "2015-08-01"
    assert str(done["active_from_latest"][3].date()) == "2017-07-31"
    assert str(done["active_from_latest"][1].date()) == "2017-12-31"
    assert list(enters_dose(done)) == [True, True, False, True, False]
    counts = sources.dating(done, rules)
    assert sources.sentence(counts) == "1 dated by source, 2 by rule, 1 undated"


def test_every_draw_falls_within_the_bounds_and_open_ends_reach_beyond_the_window():
    rules = (
        rule(area="Nogales"),
        rule(area="Casa Grande", interval="2020-01/"),
        rule(programme="rvss", area="Nogales", interval="/2010-09-30"),
    )
    made = towers(
        ("ift", -110.9, 31.4, None), ("ift", -112, 31.8, None), ("rvss", -111, 31.4, None)
    )
    done = sources.date_by_rules(made, rules, WINDOW)
    rng = np.random.default_rng(5)
    drawn = np.array(
        [
            visibility.dated(done, "draw", rng)["active_from_latest"].to_numpy("datetime64[D]")
            for _ in range(80)
        ]
    )
    for column, (first, last) in enumerate(
        zip(done["active_from_earliest"], done["active_from_latest"], strict=True)
    ):
        assert (drawn[:, column] >= first).all()
        assert (drawn[:, column] <= last).all()
    outside = [
        np.mean(drawn[:, 1] >= np.datetime64(WINDOW[1])),
        np.mean(drawn[:, 2] < np.datetime64(WINDOW[0])),
    ]
    assert np.allclose(outside, 0.5, atol=0.2), "even odds that an open end lies outside the window"
    middle = visibility.dated(done)["active_from_latest"]
    assert middle[2] <= np.datetime64(WINDOW[0]), "legacy cameras are baseline at the midpoint"


def test_arizonas_rules_date_a_file_of_places_at_once():
    from flows.workflow.studies import locate

    study = locate("arizona").study
    made = towers(
        ("ift", -110.95, 31.40, None), ("ift", -109.40, 31.40, None), ("ift", -111.50, 31.50, None),
        ("ift", -112.00, 31.80, None), ("rvss", -110.93, 31.35, None), ("ast", -110.95, 31.4, None),
        ("legacy_rvss", -110.0, 31.35, None), ("mss", -111.0, 31.5, None),
    )  # fmt: skip
    done = sources.date_by_rules(made, study.tower_dates, study.window)
    assert sources.sentence(sources.dating(done, study.tower_dates)).startswith(
        "0 dated by source, 7 by rule, 1 undated"
    )
    start = done["active_from_earliest"]
    assert str(start[0].date()) == "2015-08-01"
    assert str(start[2].date()) == "2010-02-01", "SBInet's ground was watched without a gap"
    assert done["active_from_latest"][3] > np.datetime64(study.window[1]), "or not in the window"
    assert start[6] < np.datetime64(study.window[0]), "open to the past"


STUDY = """
name = "here"
title = "Here"
as_of = 2024-10-01
seed = 1
crs = "EPSG:32612"
bounds_lonlat = [-111.8, 31.3, -111.4, 31.7]
pre_tower = [2000-10-01, 2007-06-01]
[grid]
resolution_m = 1000
[[periods]]
id = "all"
label = "All"
start = 2021-10-01
end = 2024-10-01
[[tower_dates]]
citation = "made up"
"""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('programme = "ift"\ninterval = "2015"', "says its place in one of"),
        ('programme = "ift"\ninterval = "2015"\narea = "Nogles"', "no area known here"),
        ('programme = "ifft"\ninterval = "2015"\narea = "Nogales"', "is no programme"),
        ('programme = "ift"\ninterval = "/"\narea = "Nogales"', "is no ISO interval"),
        ('programme = "ift"\ninterval = "2016/2015"\narea = "Nogales"', "is no ISO interval"),
        ('programme = "ift"\ninterval = "2015"\nbox = [31, -111, 32, -110]', "west, south"),
        ('programme = "ift"\ninterval = "2015"\npolygon = [[1, 2]]', "GeoJSON coordinates"),
        ('programme = "ift"\ninterval = "2015"\narea = "Ajo"\nbox = [1, 2, 3, 4]', "area, box"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(lines, said):
    with pytest.raises(ValueError, match=said):
        parse(STUDY + lines, "here.toml")


def test_a_resolved_study_keeps_its_rules_word_by_word():
    ring = "[[[-111.6, 31.4], [-111.5, 31.4], [-111.5, 31.5], [-111.6, 31.4]]]"
    text = STUDY + f'programme = "ift"\ninterval = "2015-08/"\npolygon = {ring}'
    study = parse(text, "here")
    assert parse(study.toml(), "again").fingerprint() == study.fingerprint()
