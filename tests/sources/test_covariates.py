"""Tables of what else changed: read, set aside with a reason, and laid out without gaps."""

from __future__ import annotations

from datetime import date

import pytest

from flows.stages.covariates import covariates
from geo import sources
from geo.errors import InputProblems, LayoutError

HEADER = "corridor,year,name,value,citation\n"
WHOLE = [
    f"{corridor},{year},agents,{1_000 + year},made up\n"
    for corridor in ("east", "west")
    for year in (2001, 2002)
]


def read(folder, *rows, as_of=date(2020, 1, 1)):
    path = folder / "agents.csv"
    path.write_text(HEADER + "".join(rows), "utf-8")
    return sources.read(path, role="covariates", source_id="agents", as_of=as_of)


def test_each_fault_sets_its_row_aside(tmp_path):
    faults = {
        "not a covariate of the registered plan": "east,2001,moon,1,made up\n",
        "a cell that may not be empty is": "east,2003,agents,5,\n",
        "corridor, year and name stand in an earlier row": "east,2001,agents,7,made up\n",
        "not a year": "east,2001.5,agents,7,made up\n",
        "not a number": "east,2004,agents,many,made up\n",
        "dated after the study's as_of": "east,2021,agents,7,made up\n",
    }
    rest = [f"n,{y},fence,0,x\n" for y in range(1990, 2000)]
    reading = read(tmp_path, *WHOLE, *faults.values(), *rest)
    assert sorted(reading.quarantine["reason"]) == sorted(faults)
    assert len(reading.records) == 14
    assert reading.counts["read"] == 20


def test_a_file_of_another_kind_or_of_one_fault_is_refused(tmp_path):
    with pytest.raises(InputProblems, match="Use one of fence, agents"):
        read(tmp_path, *(row.replace("agents", "moon") for row in WHOLE))
    (tmp_path / "other.csv").write_text("corridor,value\na,1\n", "utf-8")
    with pytest.raises(LayoutError, match="citation"):
        sources.read(tmp_path / "other.csv", role="covariates", source_id="x")


def test_a_gap_is_not_a_zero(tmp_path):
    table = read(tmp_path, *WHOLE).records
    found = covariates(table, ["west", "east"], [2001, 2002])
    assert found.known["agents"].sel(corridor="west", year=2002) == 3_002
    assert set(found.refused) == {"R9.fence", "R9.checkpoint", "R9.apprehensions", "R9.heat_days"}
    assert "role covariates" in found.refused["R9.fence"]
    gap = covariates(table, ["west", "east", "far"], [2001, 2002])
    assert not gap.known
    assert "no value for far in 2001, far in 2002;" in gap.refused["R9.agents"]
