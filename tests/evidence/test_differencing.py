"""Two studies of one record file: what may be told from all that both publish together."""

from __future__ import annotations

from datetime import date
from itertools import combinations, pairwise

import pandas as pd
import pytest
from differencing import attack, drawn, published
from made_up_findings import findings

from geo import records, sources
from geo.evidence import public_tables
from geo.evidence.tables.counts import _exact


@pytest.mark.slow
def test_two_bundles_of_one_file_make_no_small_count_exact_or_finer():
    every, bundles, rng = drawn(0, 3)
    for pair in combinations(bundles, 2):
        told = attack(every, pair, rng)
        assert told["asked"]
        assert told["exact"] == told["finer"] == 0


@pytest.mark.attack
@pytest.mark.timeout(3_600)
def test_hundreds_of_pairs_of_studies(capsys):
    """Eleven files, eight studies of each and every pair of them: 308 pairs."""
    rows = []
    for seed in range(100, 111):
        every, bundles, rng = drawn(seed, 8)
        rows += [attack(every, pair, rng) for pair in combinations(bundles, 2)]
    told = pd.DataFrame(rows).sum()
    with capsys.disabled():
        print(
            f"\npairs {told['pairs']}, with a difference {told['differ']}, cells of 1-4 asked "
            f"{told['asked']}, pinned {told['exact']}, parts of a cell told {told['finer']}"
        )
    assert told["pairs"] >= 300
    assert told["exact"] == told["finer"] == 0


def test_a_years_number_is_left_out_where_a_sum_would_tell():
    # 20 records in 20 cells: the year's number would make each cell's 1-4 a 1
    assert _exact("s", {2001: 20}, {("s", "2000-04"): (20, True)}, 30) == set()
    assert _exact("s", {2001: 23}, {("s", "2000-04"): (20, True)}, 30) == {2001}
    # all of the file but 3 records is told by number: the year of 1-4 would be one of 3
    assert _exact("s", {2001: 40, 2002: 30, 2003: 3}, {}, 73) == {2001}


def test_every_column_that_counts_records_is_classed():
    made = public_tables(findings(400))
    persons = {"deaths_class", "deaths", "deaths_at_least", "deaths_at_most", "records",
               "records_class", "n"}  # fmt: skip
    seen = set()
    for name, frame in made.items():
        if name == "calibration":
            continue
        for column in persons & set(frame.columns):
            seen.add(column)
            values = frame[column].dropna()
            if name == "counts" and column == "records":
                role = made["snapshots"].set_index("source_id")["role"]
                values = values[frame["source_id"].map(role).isin(["deaths", "vintage"])]
            if column == "deaths_class":
                assert set(values) <= set(records.CLASS_LABELS)
            elif column == "records_class":
                assert values.str.fullmatch(r"0|\d+-\d+").all()
            elif column == "deaths":
                assert values.min() >= 20
            elif column in ("records", "n"):
                assert (values % 10 == 0).all()
    assert seen == persons


def test_whether_none_or_a_few_lie_outside_a_study_is_not_told():
    counts = public_tables(findings(400))["counts"].set_index("reason")
    for reason in (sources.OUTSIDE_AREA, "outside the periods"):
        assert counts.loc[reason, "records_class"] == "0-4"


def test_the_flow_of_records_still_adds_up_in_classes():
    counts = public_tables(findings(400))["counts"]
    low, high = (counts["records_class"].str.split("-").str[i].astype(int) for i in (0, 1))
    read = counts["step"] == "read"
    assert low[~read].sum() <= high[read].sum()
    assert high[~read].sum() >= low[read].sum()


@pytest.mark.slow
def test_no_table_of_records_moves_with_a_boundary_of_a_period():
    base = findings(400)
    made = base.study
    later = [date(2001, 2, 1), date(2007, 2, 1), date(2017, 2, 1), date(2024, 12, 1)]
    moved = made.model_copy(
        update={
            "periods": tuple(
                p.model_copy(update={"start": a, "end": b})
                for p, (a, b) in zip(made.periods, pairwise(later), strict=True)
            )
        }
    )
    areas = base.table("corridors")
    one, two = (published(base, s, areas)[1] for s in (made, moved))
    asked = set()
    for name, table in one.items():
        if {"records_class", "deaths_class", "deaths_at_least"} & set(table) and name != "counts":
            asked.add(name)
            pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(two[name]))
    assert asked == {
        "deaths_by_cell_block", "deaths_by_corridor_block", "deaths_by_year",
        "hardship_by_block", "hardness_by_corridor", "hardness_fifths",
        "exposures_by_corridor_block",
    }  # fmt: skip
