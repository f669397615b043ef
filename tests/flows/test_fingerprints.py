"""A step's fingerprint is derived from what runs: each file, setting and distribution of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flows.core.closure import Program
from flows.core.code_version import code_version
from flows.core.fingerprint import FINGERPRINT, facts
from flows.core.stage import Input, RunSpec
from flows.core.study_view import UndeclaredError, view
from flows.stages import STAGES
from flows.workflow.studies import locate

NAMES = tuple(stage.name for stage in STAGES)
NUMBER = re.compile(rb"(?<![\w.])\d+(?![\w.])")


@pytest.fixture(scope="module")
def program():
    return Program()


@pytest.fixture(scope="module")
def question():
    return RunSpec(locate("tiny").study, (), (), "0" * 12, "0" * 64)


def prints(program, question):
    made: dict[str, str] = {}
    for stage in STAGES:
        made[stage.name] = facts(stage, question, made, program)[FINGERPRINT]
    return made


def mutated(content: bytes) -> bytes:
    """Another constant where there is one; a line more where there is none."""
    found = list(NUMBER.finditer(content))
    if not found:
        return content + b"\n"
    last = found[-1]
    return content[: last.start()] + str(int(last[0]) + 1).encode() + content[last.end() :]


def with_mutation(program, name):
    try:
        return program.changed({name: mutated(program.content(name))})
    except SyntaxError:
        return program.changed({name: program.content(name) + b"\nMUTATED = 1\n"})


def changed(program, question, name):
    """Steps that are computed again when a constant of a file changes."""
    was, now = prints(program, question), prints(with_mutation(program, name), question)
    return {step for step in NAMES if was[step] != now[step]}


@pytest.mark.slow
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.attack)])
def test_a_changed_constant_in_any_file_of_a_closure_changes_the_code_of_its_steps(program, every):
    closures = {s.name: program.closure(s.module) for s in STAGES}
    used = sorted({name for closure in closures.values() for name in closure.files})
    assert len(used) > 200
    for name in used[::every]:
        other = with_mutation(program, name)
        again = {s.name for s in STAGES if other.closure(s.module).code != closures[s.name].code}
        assert again == {step for step, c in closures.items() if name in c.files}, name


@pytest.mark.parametrize(
    ("file", "at_least"),
    [
        ("geo/study/model.py", 8),
        ("geo/parameters.py", 6),
        ("geo/quantities.py", 6),
        ("geo/grid.py", 8),
        ("flows/core/store.py", 7),
        ("flows/core/rasters.py", 7),
        ("data/withdrawn.toml", 7),
        ("data/parameters/inference.yaml", 2),
        ("maps/page.css", 1),
        ("maps/page.html.j2", 1),
    ],
)
def test_files_that_hand_written_lists_forgot_are_in(program, question, file, at_least):
    again = changed(program, question, file)
    assert len(again) >= at_least, again
    if file.startswith("maps/"):
        assert again == {"publish"}


@pytest.mark.parametrize(
    "file", ["flows/cli/app.py", "flows/orchestration/study_flow.py", "data/towers/README.md",
             "flows/workflow/rates.yaml", "data/studies/arizona.toml"],
)  # fmt: skip
def test_unrelated_files_compute_nothing_again(program, question, file):
    assert changed(program, question, file) == set()


def test_the_code_version_is_one_wherever_it_is_asked(program):
    assert code_version() == program.version


def test_parameters_count_file_by_file(program):
    terrain = program.closure("flows.stages.terrain").files
    assert "data/parameters/terrain_coefficients.yaml" in terrain
    assert "data/parameters/inference.yaml" not in terrain


def test_an_upgraded_distribution_computes_what_stands_on_it_again(program, question):
    def upgraded(name):
        installed = program.installed
        other = replace(installed, versions={**installed.versions, name: "999"})
        was, now = prints(program, question), prints(program.changed(installed=other), question)
        return {step for step in NAMES if was[step] != now[step]}

    assert upgraded("numpy") == set(NAMES)
    # llvmlite is imported by nobody here: numba needs it
    assert "visibility" in upgraded("llvmlite")
    assert "ingest" not in set(upgraded("folium")), "folium only draws the page"
    assert upgraded("folium") == {"publish"}
    assert upgraded("pytest") == set(), "a development extra is no part of a result"


def test_no_closure_imports_what_a_syntax_tree_does_not_show(program):
    assert {s.name: found for s in STAGES if (found := program.dynamic(s.module))} == {}


@pytest.mark.slow
def test_what_files_take_in_is_kept_and_a_damaged_file_of_it_is_not_believed(program, tmp_path):
    closure = program.closure("flows.stages.terrain")
    assert Program(tmp_path).closure("flows.stages.terrain") == closure
    (kept,) = tmp_path.glob("*.json")
    kept.write_text(kept.read_text().replace("geo.locomotion", "geo.absent"))
    assert Program(tmp_path).closure("flows.stages.terrain") == closure
    assert "geo.absent" not in kept.read_text()


def test_a_setting_that_is_read_and_not_declared_is_refused(question):
    study = view(question.study, "terrain", ("grid.resolution_m", "periods"), ("elevation",))
    assert study.grid.resolution_m == question.study.grid.resolution_m
    assert study.years == question.study.years
    assert {s.role for s in study.sources} <= {"elevation"}
    assert all(s.file is None for s in study.sources)
    for refused in (
        lambda: study.seed,
        lambda: study.grid.ensemble_m,
        lambda: study.source("deaths"),
        lambda: study.toml,
        lambda: study.model_dump,
    ):
        with pytest.raises(UndeclaredError):
            refused()


def test_a_step_sees_no_source_that_it_does_not_declare(question, tmp_path):
    given = tuple(
        Input(tmp_path, role, f"a-{role}", {"sha256": "0" * 64, "publisher": "X"})
        for role in ("deaths", "elevation")
    )
    terrain = next(s for s in STAGES if s.name == "terrain")
    seen = terrain.seen(replace(question, inputs=given))
    assert [i.role for i in seen.inputs] == ["elevation"]
    assert dict(seen.inputs[0].facts) == {"sha256": "0" * 64}
    with pytest.raises(UndeclaredError):
        seen.of("deaths")


def test_a_name_asked_of_a_lazy_face_is_found(program):
    lazy = b"def __getattr__(name):\n    return name\n"
    content = program.content("flows/stages/hardship.py") + b"\nfrom geo import not_a_module\n"
    files = {"geo/__init__.py": lazy, "flows/stages/hardship.py": content}
    found = program.changed(files).dynamic("flows.stages.hardship")
    assert found == {"geo/__init__.py": ("__getattr__", "geo.not_a_module")}
