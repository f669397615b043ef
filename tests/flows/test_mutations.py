"""A changed constant leads to new results in a home that holds the old ones, not to old results.

That every file of every closure does so is asked of the fingerprints alone
(`test_fingerprints.py`); here changed programs run. One runs always, ten behind `make attack`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from flows.core.code_version import PACKAGES
from flows.stages import STAGES

ROOT = Path(__file__).parents[2]
NAMES = [stage.name for stage in STAGES]
FEWER = (
    "flows/stages/corridors.py", "        return found\n    return gpd",
    "        return found.iloc[:3]\n    return gpd", "inference", "estimates",
)  # fmt: skip
"""Three corridors remain: the headline cannot be estimated any more."""
OF_A_TABLE = (
    "geo/evidence/tables/hardship.py", "mean(axis=1), (0.025, 0.975))",
    "mean(axis=1), (0.05, 0.95))", "publish", "hardship_by_block",
)  # fmt: skip
"""Only the last step reads it: the change that costs least to follow."""
CHANGES = [
    FEWER,
    ("geo/inference/panel/ground.py", "pd.to_datetime(when).dt.year.fillna",
     "(pd.to_datetime(when).dt.year + 1).fillna", "inference", "estimates"),
    ("geo/study/derived.py", "start=date(year, 1, 1), end=date(year + 1, 1, 1)",
     "start=date(year, 7, 1), end=date(year + 1, 7, 1)", "ingest", "estimates"),
    ("geo/inference/estimation/fixed_effects.py", "RIDGE = 1e-7", "RIDGE = 0.1",
     "inference", "estimates"),
    ("geo/inference/estimation/uncertainty.py", "(count - 1) / count * float", "2.0 * float",
     "inference", "estimates"),
    ("geo/funnel/hardness.py", "DIRECTIONS = 16", "DIRECTIONS = 4", "funnel", "estimates"),
    ("data/parameters/inference.yaml", "degrees_of_freedom_floor:\n  value: 3",
     "degrees_of_freedom_floor:\n  value: 9", "inference", "estimates"),
    ("data/parameters/battery.yaml", "value: [3, 5]", "value: [2, 4]", "inference", "estimates"),
    ("data/parameters/visibility.yaml", "value: 1.7", "value: 0.5", "visibility", "estimates"),
    ("data/parameters/battery.yaml", "bootstrap_resamples:\n  value: 1000",
     "bootstrap_resamples:\n  value: 300", "publish", "hardship_by_block"),
]  # fmt: skip


def changed_program(folder: Path, file: str, old: str, new: str) -> Path:
    """Copy the program, compiled kernels included, and change one constant of it."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package)
    path = folder / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), "utf-8")
    return folder


def numbers(bundle: Path, table: str) -> pd.DataFrame:
    """Rows of a table without the identifiers, which a changed parameter changes anyway."""
    frame = pd.read_parquet(bundle / "tables" / f"{table}.parquet")
    return frame.drop(columns=["row_id", "parents", "parameters_hash"], errors="ignore")


def runs_anew(tiny, make_funnel, tmp_path, change):
    file, old, new, step, table = change
    program = changed_program(tmp_path / "program", file, old, new)
    funnel = make_funnel("changed")
    shutil.copytree(tiny.home, funnel.home)
    funnel.alone("run", "tiny", "--plain", "--quiet", PYTHONPATH=str(program))
    stores = {s: len(list((funnel.home / "store" / s).glob("*/done.json"))) for s in NAMES}
    anew = {s for s, count in stores.items() if count == 2}
    assert step in anew, stores
    assert "publish" in anew
    assert not numbers(funnel.bundle("tiny"), table).equals(numbers(tiny.bundle("tiny"), table))
    funnel.alone("verify", str(funnel.bundle("tiny")), PYTHONPATH=str(program))
    return funnel, anew


@pytest.mark.slow
def test_a_changed_constant_of_the_last_step_makes_it_anew_and_no_other(
    tiny, make_funnel, tmp_path
):
    _, anew = runs_anew(tiny, make_funnel, tmp_path, OF_A_TABLE)
    assert anew == {"publish"}


@pytest.mark.attack
def test_three_corridors_left_in_an_old_home_give_new_estimates(tiny, make_funnel, tmp_path):
    """The attack by which old estimates once came out under a new code version."""
    funnel, anew = runs_anew(tiny, make_funnel, tmp_path, FEWER)
    assert "terrain" not in anew, "nothing of the land changed"
    old, new = (
        numbers(f.bundle("tiny"), "estimates").set_index("analysis").loc["headline"]
        for f in (tiny, funnel)
    )
    assert old["estimate"] == old["estimate"]
    assert pd.isna(new["estimate"])
    assert "cannot be estimated" in new["sentence"]
    # this program, in the home of both, still answers with its own
    again = funnel("run", "tiny", "--plain", "--quiet", "--json")
    assert tiny.bundle("tiny").name in again.stdout


@pytest.mark.attack
@pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"{c[0]}:{c[1][:24].split(chr(10))[0]}")
def test_a_changed_constant_runs_anew(tiny, make_funnel, tmp_path, change):
    runs_anew(tiny, make_funnel, tmp_path, change)
