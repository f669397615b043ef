"""The central figure: its table, its sentences against their numbers, and where it stands."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from geo.evidence import answer
from geo.evidence.documents import stills
from geo.evidence.tables.comparison import comparison
from geo.evidence.tables.fifths import by_fifth
from geo.evidence.tables.places import dated
from geo.evidence.tables.windows import LEAST, by_corridor, scaled, spans
from geo.inference.registered.gates import barring


def test_a_standardised_rank_runs_from_0_to_100():
    ranks = (np.arange(1, 1001) - 0.5) / 1000
    standard = (ranks - 0.5) * np.sqrt(12)
    assert np.allclose(scaled(standard), 100 * ranks)


def home(deaths):
    """Corridor of each record's cell: thirds of the made-up land from west to east."""
    at = deaths.geometry
    cells = [h3.latlng_to_cell(y, x, 5) for x, y in zip(at.x, at.y, strict=True)]
    middles = [h3.cell_to_latlng(c) for c in cells]
    thirds = ["West", "Middle", "East"]
    named = [
        thirds[int((x + 112) * 3)] if 31.4 < y < 31.9 and -112 < x < -111 else None
        for y, x in middles
    ]
    return dict(zip(deaths["death_id"], named, strict=True))


def test_windows_are_whole_blocks_and_each_mean_is_that_of_its_records(found, tables):
    table, windows = tables["hardness_by_corridor"], spans(found)
    assert windows["before"] == (2000, 2004)
    assert windows["end"][0] % 5 == 0
    deaths = found.table("deaths")
    kept = deaths[deaths["place_ok"] & deaths["exclusion_reason"].isna()]["death_id"]
    rows = found.table("exposures").merge(dated(found)[["death_id", "found_on"]], on="death_id")
    rows = rows[rows["death_id"].isin(kept) & rows["hardness"].notna()]
    rows["corridor"] = rows["death_id"].map(home(deaths))
    told = 0
    for row in table.itertuples():
        year = rows["found_on"].dt.year
        low, high = windows[row.window]
        own = rows[(rows["corridor"] == row.corridor) & year.between(low, high)]
        if pd.notna(row.value):
            told += 1
            assert len(own) >= LEAST
            assert row.value == round(scaled(own["hardness"].to_numpy()).mean())
            assert row.low <= row.value <= row.high
    assert told
    pairs = table.groupby("corridor")["value"].agg(lambda v: v.notna().sum())
    assert set(pairs) <= {0, 2}, "a change is told of both windows or of none"


def many(found):
    """Return findings with enough records by corridor, block and fifth, West and East covered."""
    rng, kept = np.random.default_rng(5), found.table("deaths").iloc[:1]
    size = 3 * 2 * 150
    deaths = pd.concat([kept] * size, ignore_index=True)
    deaths["death_id"] = [f"d{i}" for i in range(size)]
    deaths["exclusion_reason"], deaths["place_ok"], deaths["date_ok"] = None, True, True
    where = np.repeat(["East", "Middle", "West"], 2 * 150)
    middle = pd.Series(where).map({"West": -111.83, "Middle": -111.5, "East": -111.17})
    deaths.geometry = gpd.points_from_xy(middle, np.full(size, 31.65))
    late = np.tile(np.repeat([False, True], 150), 3)
    days = np.where(late, "2021-05-05", "2002-05-05")
    deaths["found_on"] = pd.to_datetime(days)
    deaths.loc[len(deaths) - 1, "found_on"] = found.table("deaths")["found_on"].max()
    rank = rng.uniform(0, 1, size) ** np.where(late & (where != "Middle"), 0.4, 0.9)
    first = found.table("exposures").iloc[:1]
    exposures = pd.concat([first] * size, ignore_index=True).assign(
        death_id=deaths["death_id"], corridor=where, hardness=(rank - 0.5) * np.sqrt(12)
    )
    cover = found.table("coverage_by_corridor_year").copy()
    cover["dose"] = np.where(cover["corridor"] == "Middle", 0.0, 0.6)
    tables = {"deaths": deaths, "exposures": exposures, "coverage_by_corridor_year": cover}
    return replace(found, tables={**found.tables, **tables})


def test_shares_by_fifth_and_the_sentence_are_those_of_the_records(found, tables):
    given = many(found)
    corridors, _ = by_corridor(given, "study")
    table, members = by_fifth(given, "study", corridors)
    windows = spans(given)
    rows = given.table("exposures").merge(given.table("deaths")[["death_id", "found_on"]])
    hard = rows.assign(fifth=np.minimum(scaled(rows["hardness"]) // 20, 4) + 1)
    year, covered = hard["found_on"].dt.year, hard["corridor"] != "Middle"
    share = {}
    for name, group in (("covered", covered), ("hardly covered", ~covered)):
        for window, (low, high) in windows.items():
            own = hard[group & year.between(low, high)]["fifth"]
            share[name, window] = 100 * (own >= 4).mean()
            block = f"{high - high % 5}-{(high - high % 5 + 4) % 100:02d}"
            said = table[(table["group"] == name) & (table["block"] == block)]
            for part, value in said.set_index("fifth")["value"].drop("4-5").items():
                assert value == round(100 * (own == int(part)).mean())
            assert said.set_index("fifth")["value"]["4-5"] == round(share[name, window])
    row = table[table["group"] == "beyond the others"].iloc[0]
    change = [share[g, "end"] - share[g, "before"] for g in ("covered", "hardly covered")]
    assert row["value"] == round(change[0] - change[1])
    assert row["low"] <= row["value"] <= row["high"]
    kept = tables | {"hardness_by_corridor": corridors, "hardness_fifths": table}
    said = answer({**kept, "estimates": made(PASSED)["estimates"]})
    here = round(share["covered", "end"])
    assert f"{here} lay on the hardest two fifths" in said.change
    assert f"{here - row['value']:.0f} would have" in said.change
    assert f"(difference +{row['value']:.0f}" in said.change
    assert said.caution == ""
    turned = answer({**kept, "estimates": made(PASSED, estimate=0.5)["estimates"]})
    assert turned.change == said.change
    assert "points the other way than the registered test" in turned.caution
    assert ("includes no difference" in turned.caution) == (row["low"] <= 0 <= row["high"])
    assert set(members["death_id"]) <= set(rows["death_id"])


def test_no_share_stands_on_few(found):
    given = many(found)
    exposures = given.table("exposures").copy()
    exposures.loc[exposures["corridor"] == "West", "hardness"] = np.where(
        np.arange((exposures["corridor"] == "West").sum()) % 40 == 0, -1.7, 1.7
    )
    east = exposures["corridor"] == "East"
    exposures.loc[east, "hardness"] = exposures.loc[east, "hardness"].clip(lower=-0.8)
    few = replace(given, tables={**given.tables, "exposures": exposures})
    table, _ = by_fifth(few, "study", by_corridor(few, "study")[0])
    covered = table[table["group"] == "covered"]
    assert len(covered)
    assert covered["value"].isna().all(), "the easiest fifth holds 4 of the records of a window"


def test_a_file_without_a_publishers_labels_is_told_all_the_same(found, tables):
    exposures = found.table("exposures").assign(corridor=None)
    bare = replace(found, tables={**found.tables, "exposures": exposures})
    table, _ = by_corridor(bare, "study")
    ours = ["corridor", "window", "value", "low", "high"]
    assert table["value"].notna().any()
    pd.testing.assert_frame_equal(table[ours], tables["hardness_by_corridor"][ours])


def row(corridor, before, end, dose):
    shared = {
        "corridor": corridor,
        "dose": dose,
        "area_share": dose,
        "row_id": corridor,
        "low": end - 4,
        "high": end + 4,
    }
    return [
        {**shared, "window": "before", "first_year": 2000, "last_year": 2004, "value": before},
        {**shared, "window": "end", "first_year": 2020, "last_year": 2023, "value": end},
    ]


def made(gates, estimate=2.0, kind="view", doses=(0.8, 0.4, 0.02, 0.0)):
    ends = ((50, 64), (60, 70), (55, 59), (40, 46))
    rows = [r for n, e in enumerate(ends) for r in row(f"C{n}", *e, doses[n])]
    rows += [{**row("thin", 0, 0, 0.5)[1], "value": np.nan}]
    one = {"analysis": "headline", "estimate": estimate, "p": 0.02, "mde": 1.6, "gates": gates,
           "low": 1.1, "high": 3.6, "claim_level": "L1"}  # fmt: skip
    return {
        "hardness_by_corridor": pd.DataFrame(rows),
        "coverage_by_corridor_year": pd.DataFrame({"exposure": [kind]}),
        "estimates": pd.DataFrame([one]),
    }


PASSED = ";".join(f"{gate}=pass" for gate in barring("support"))


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"gates": PASSED}, "recorded deaths shifted to harder ground, more than elsewhere"),
        ({"gates": PASSED, "estimate": 0.5}, "recorded deaths shifted to easier ground"),
        ({"gates": PASSED.replace("interval=pass", "interval=fail")}, "No difference could be"),
        (
            {"gates": PASSED.replace("gps_only=pass", "gps_only=fail")},
            "did not hold in every check",
        ),
        ({"gates": PASSED.replace("interval=pass", "interval=not run (why)")}, "No difference"),
        ({"gates": PASSED.replace("recorded=pass", "recorded=not run")}, "did not hold"),
        ({"gates": PASSED.replace("informative=pass", "informative=fail")}, "cannot tell"),
        ({"gates": PASSED, "kind": "zones"}, "As programme zones, not towers, came to cover"),
        ({"gates": PASSED, "kind": "range"}, "range, not viewshed"),
        ({"gates": "", "estimate": np.nan}, "became harder by 8 points"),
        ({"gates": PASSED, "doses": (0.0,) * 4}, "became harder by 8 points"),
    ],
)
def test_every_form_of_the_title_says_what_its_rows_say(changes, title):
    given = made(**changes)
    found = comparison(given)
    said = answer(given)
    assert title in said.title
    if "became" in title:
        assert "Nothing can be said about why" in said.sure
        return
    assert found.untold == 1
    numbers = re.findall(r"[+-]\d+(?= points of| where)", said.change)
    assert numbers == ["+12", "+5"], "means over corridors: (14 + 10) / 2 and (4 + 6) / 2"
    assert "2 in 100 random exchanges" in said.sure
    assert "p = 0.02" in said.sure
    assert "could have shown is 1.60" in said.sure


@pytest.mark.parametrize("language", ["", ".es"])
def test_stills_have_their_shape_and_their_text(bundle, language):
    for shape, size in stills.SHAPES.items():
        path = bundle / "figures" / f"infrastructure-and-hardship-{shape}{language}.png"
        with Image.open(path) as image:
            assert image.size == size
            told = image.text["Description"]
        assert told in html.unescape((bundle / f"index{language}.html").read_text("utf-8"))
        assert ("sintétic" if language else "synthetic") in told.lower()


def test_the_figure_stands_before_every_list_of_the_front_page(bundle):
    page = (bundle / "index.html").read_text("utf-8")
    assert page.index('<figure class="central">') < page.index('class="finding"')
    assert (bundle / "figures" / "infrastructure-and-hardship-phone.svg").is_file()
