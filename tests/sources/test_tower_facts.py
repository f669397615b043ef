from __future__ import annotations

import csv
from importlib import resources

from geo.parameters import load
from geo.sources.dates import one as span
from geo.sources.towers import GUESSES, choose

FOLDER = resources.files("data").joinpath("towers")


def rows():
    return list(csv.DictReader(FOLDER.joinpath("facts.csv").read_text("utf-8").splitlines()))


def test_every_fact_has_a_source_a_programme_and_dates_in_order():
    known = {p.extra["programme"] for p in load("tower_programmes").values()} | {
        "sbinet",
        "tas",
    }  # an aerostat is no tower
    facts = rows()
    assert len({f["fact_id"] for f in facts}) == len(facts)
    for fact in facts:
        assert fact["programme"] in known
        assert fact["source"]
        first, last = span(fact["earliest"] or "1990"), span(fact["latest"])
        assert first[0] <= last[1]
        assert int(fact["confirmations"]) > 0 or "inferred" in fact["source"]


def test_facts_and_parameters_do_not_contradict_each_other():
    """A programme began no later than the latest start that its parameters allow."""
    parameters = load("tower_programmes")
    for fact_id, name in (
        ("p28-up", "project_28"), ("tus1-operated", "sbinet_tus1"),
        ("ajo1-operated", "sbinet_ajo1"), ("ift-nogales", "ift"), ("rvss-az", "rvss"),
    ):  # fmt: skip
        fact = next(f for f in rows() if f["fact_id"] == fact_id)
        first, last = parameters[f"{name}_active_from"].value
        assert fact["latest"] >= str(first)
        assert (fact["earliest"] or str(first)) <= str(last)


def test_the_form_needs_no_mapping():
    header = FOLDER.joinpath("form.csv").read_text("utf-8").strip().split(",")
    chosen, said = choose(header, "form.csv", None)
    assert said == []
    assert set(chosen) == set(header) <= set(GUESSES)
