"""Messages of the reference are provoked, and say what is wrong, where, and what to do."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from provoking import Case, bids, by_file, provoke

from docs.messages import FILLED, PLAIN, everything

MODULES = sorted(p.stem for p in Path(__file__).parent.glob("mistakes_*.py"))
CASES: list[Case] = [c for m in MODULES for c in importlib.import_module(m).CASES]


def asked() -> list[object]:
    """Return the cases; of those that check a whole bundle, one a module is asked every day."""
    seen: set[str] = set()
    out: list[object] = []
    for case in CASES:
        whole = case.file.startswith("geo/evidence/checks/") and case.file in seen
        seen.add(case.file)
        marks = [pytest.mark.attack] if whole else []
        out.append(pytest.param(case, marks=marks, id=f"{case.file}-{case.what}"))
    return out


@pytest.mark.parametrize("case", asked())
def test_a_mistake_says_what_is_wrong_where_and_what_to_do(case, tmp_path):
    got = provoke(case, tmp_path)
    assert got.text, "no message"
    assert case.what in got.text
    assert case.where in got.text
    places = [p for p in got.places if p.file == case.file]
    assert places, f"said elsewhere: {got.text}"
    assert bids(got.text) or all(p.kind == "IdentificationError" for p in places), got.text


def test_every_error_of_the_code_says_what_to_do():
    """A lint in place of provoking each: words that only describe leave a person stuck."""
    silent = [
        f"{s.file}:{s.first} {s.what}"
        for s in everything()
        if s.kind not in {"IdentificationError", "part", *PLAIN}
        and s.what.strip(f"{FILLED}: ")  # words made elsewhere are checked where they are made
        and s.remedy.strip() != FILLED
        and not bids(f"{s.what}; {s.remedy}")
    ]
    assert not silent, "\n".join(["say what to do:", *silent])


def test_every_case_names_a_module_that_says_something():
    assert {case.file for case in CASES} <= set(by_file())
