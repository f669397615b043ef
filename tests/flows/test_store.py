"""The store knows its bytes: no bit of a step changes unseen, finished or half finished."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from flows.core.manifest import NOTES, note
from flows.core.rasters import read_raster, write_raster
from flows.core.settings import Home
from flows.core.stage import RunSpec, Stage
from flows.core.store import DONE, StepStore, write_table
from flows.workflow.runner import Planned, execute
from flows.workflow.studies import locate
from geo.grid import grid_from_bounds, wrap
from geo.records import ESTIMATES

STEP, MARK = "made", "f" * 64


def fill(folder: Path) -> None:
    """A table, a raster and a member, as steps write them."""
    write_table(folder, ESTIMATES.name, ESTIMATES.empty())
    box = grid_from_bounds((0, 0, 4_000, 4_000), "EPSG:32612", 1_000)
    height = np.arange(16, dtype=np.float32).reshape(4, 4)
    write_raster(folder, wrap(height, box, "elevation", "m"))
    members = folder / "members"
    members.mkdir(exist_ok=True)
    np.savez(members / ".0000.npz", values=height)
    note(folder, "members/0000.npz", members / ".0000.npz")
    (members / ".0000.npz").replace(members / "0000.npz")


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def flip(path: Path, rng: np.random.Generator) -> bytes:
    """Flip one bit, and return what the file was."""
    before = path.read_bytes()
    data = bytearray(before)
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)
    return before


def test_every_flipped_bit_of_a_finished_step_is_found(tmp_path):
    store, rng = StepStore(tmp_path), np.random.default_rng(1)
    fill(store.begin(STEP, MARK, print))
    folder = store.finish(STEP, MARK, {"step": STEP})
    assert store.damage(STEP, MARK) == []
    assert not (folder / NOTES).exists()
    there = files(folder)
    assert len(there) > 8
    silent = []
    for _ in range(200):
        path = there[rng.integers(len(there))]
        before = flip(path, rng)
        if store.damage(STEP, MARK) != [path.relative_to(folder).as_posix()]:
            silent.append(path)
        path.write_bytes(before)
    assert silent == []


@pytest.mark.parametrize("how", ["removed", "added", "cut"])
def test_a_file_that_is_gone_added_or_cut_is_found(tmp_path, how):
    store = StepStore(tmp_path)
    fill(store.begin(STEP, MARK, print))
    folder = store.finish(STEP, MARK, {"step": STEP})
    path = folder / "estimates.parquet"
    if how == "removed":
        path.unlink()
    elif how == "added":
        (folder / "elevation.zarr" / "c").write_bytes(b"")
    else:
        path.write_bytes(path.read_bytes()[:-9])
    assert len(store.damage(STEP, MARK)) == 1


def test_what_an_interrupted_attempt_left_is_kept_only_where_it_is_whole(tmp_path):
    store, rng, said = StepStore(tmp_path), np.random.default_rng(2), []
    folder = store.begin(STEP, MARK, print)
    for unit in ("estimates.parquet", "elevation.zarr", "members/0000.npz"):
        fill(folder)
        chosen = folder / unit
        flip(max(files(chosen), key=lambda p: p.stat().st_size) if chosen.is_dir() else chosen, rng)
        (folder / "never-noted.json").write_text("{}")
        said.clear()
        assert store.begin(STEP, MARK, said.append) == folder
        assert len(said) == 1
        assert said[0].startswith(unit)
        assert not chosen.exists()
        assert not (folder / "never-noted.json").exists()
        others = {"estimates.parquet", "elevation.zarr", "members/0000.npz"} - {unit}
        assert all((folder / other).exists() for other in others)
    fill(folder)
    elevation = read_raster(folder, "elevation")
    assert elevation is not None
    assert float(elevation.max()) == 15.0


def test_a_line_that_a_kill_cut_off_vouches_for_nothing(tmp_path):
    store, said = StepStore(tmp_path), []
    folder = store.begin(STEP, MARK, print)
    fill(folder)
    notes = folder / NOTES
    notes.write_bytes(notes.read_bytes()[:-20])
    store.begin(STEP, MARK, said.append)
    assert said == []
    assert not (folder / "members" / "0000.npz").exists()
    assert (folder / "estimates.parquet").exists()


def test_what_changes_between_writing_and_finishing_is_found(tmp_path):
    store = StepStore(tmp_path)
    folder = store.begin(STEP, MARK, print)
    fill(folder)
    flip(folder / "estimates.parquet", np.random.default_rng(3))
    store.finish(STEP, MARK, {"step": STEP})
    assert store.damage(STEP, MARK) == ["estimates.parquet"]


@pytest.mark.slow
@pytest.mark.parametrize("hurt", ["estimates.parquet", DONE])
def test_a_damaged_step_is_named_set_aside_and_computed_again(tmp_path, monkeypatch, capsys, hurt):
    made = ModuleType("flows.stages.made")
    made.run = lambda step: fill(step.folder)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    question = RunSpec(locate("tiny").study, (), (), "0" * 12, "0" * 64)
    planned = Planned(Stage(STEP, "Made for this test"), MARK, {"fingerprint": MARK}, done=False)
    home = Home(tmp_path / "home", tmp_path / "runs")

    def run():
        return execute(planned, question, {}, home, None, 1, lambda *_: None)

    folder = run()
    whole = (folder / "estimates.parquet").read_bytes()
    assert run() == folder
    assert capsys.readouterr().err == ""
    flip(folder / hurt, np.random.default_rng(4))
    assert run() == folder
    said = capsys.readouterr().err
    assert f"step {STEP}: {hurt}" in said
    assert "damaged" in said
    assert folder.with_suffix(".damaged").is_dir()
    assert (folder / "estimates.parquet").read_bytes() == whole
    assert StepStore(home.store).damage(STEP, MARK) == []
