"""What `check` calls wrong a run refuses in the same words; what it calls fine runs to its end."""

from __future__ import annotations

import re
import shutil

import pytest
from broken_studies import RUNS, Broken
from refused_studies import EVERY_DAY, REFUSED

from flows.cli.app import main
from flows.core.closure import KEPT

SEED = "whole"
"""The case of a run that `make test` leaves to other tests of whole runs."""


@pytest.fixture(scope="module")
def home(tmp_path_factory, shared):
    """One store for all cases, so that each computes only what it changes."""
    folder = tmp_path_factory.mktemp("broken-home")
    if (known := shared / "tiny/home" / KEPT).is_file():
        shutil.copy(known, folder)
    return folder


@pytest.fixture
def funnel(tmp_path, home, monkeypatch, capsys):
    """The command line in this process; returns its exit code and everything it said."""
    monkeypatch.setenv("FUNNEL_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.delenv("FUNNEL_LOCAL_DATA", raising=False)

    def call(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(list(words))
        out, err = capsys.readouterr()
        return left.value.code, " ".join((out + err).split())

    return call


def steps(home) -> set[str]:
    """Return the finished steps in a store."""
    return {str(p) for p in (home / "store").glob("*/*") if p.is_dir()}


def written(tmp_path, monkeypatch, name, change) -> str:
    one = Broken(tmp_path / name, name)
    change(one)
    monkeypatch.chdir(one.folder)
    return one.write()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [n if n in EVERY_DAY else pytest.param(n, marks=pytest.mark.attack) for n in REFUSED],
)
def test_what_check_refuses_a_run_refuses_in_the_same_words(
    funnel, home, tmp_path, monkeypatch, name
):
    words, change = REFUSED[name]
    study = written(tmp_path, monkeypatch, name, change)
    code, said = funnel("check", study, "--offline")
    assert code == 2, said
    assert words in said
    before = steps(home)
    code, again = funnel("run", study, "--offline", "--plain", "--quiet")
    assert code == 2, again
    assert problems(again) == problems(said) != ""
    assert steps(home) == before, "nothing was computed"
    assert not list(tmp_path.rglob("SHA256SUMS"))
    assert "Traceback" not in said


def problems(said: str) -> str:
    """Return the problems, each with where, what and a remedy."""
    found = re.search(r"\d+ problems?( - .*)", said)
    assert found, said
    for one in found[1].split(" - ")[1:]:
        where, _, rest = one.partition(": ")
        what, _, remedy = rest.partition(". ")
        assert all((where, what, remedy)), one
    return found[1]


@pytest.mark.attack
@pytest.mark.parametrize("name", RUNS)
def test_what_check_calls_fine_runs_to_its_end(funnel, tmp_path, monkeypatch, name):
    words, change = RUNS[name]
    study = written(tmp_path, monkeypatch, name, change)
    code, said = funnel("check", study, "--offline")
    assert code == 0, said
    assert "no problem found" in said
    assert words in said, said
    code, said = funnel("run", study, "--offline", "--plain", "--quiet", "--workers", "1")
    assert code == 0, said
    assert list(tmp_path.rglob("SHA256SUMS"))


def test_there_are_more_than_twenty_of_each_kind():
    assert len(REFUSED) > 20
    assert len(RUNS) > 20
    assert set(EVERY_DAY) < set(REFUSED)
