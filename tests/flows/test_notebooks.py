"""The lab course runs on `tiny`, calls only what is public, and keeps no output."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient

name, done = sys.argv[1:]
notebook = nbformat.read(name, 4)
resources = {"metadata": {"path": "notebooks"}}
NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
nbformat.write(notebook, done)
"""


def code(path: Path) -> list[str]:
    return [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]


def test_the_course_is_there():
    assert [p.name[:2] for p in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_keep_no_output_and_call_only_public_names(path):
    for cell in nbformat.read(path, 4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    for node in (n for text in code(path) for n in ast.walk(ast.parse(text))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert not node.module.startswith("flows")
            assert not any(a.name.startswith("_") for a in node.names)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_run(tiny, path, tmp_path):
    done = tmp_path / path.name
    left = subprocess.run(
        [sys.executable, "-c", EXECUTE, f"notebooks/{path.name}", str(done)],
        cwd=ROOT,
        env=tiny.environment(FUNNEL_RUN=str(tiny.bundle("tiny"))),
        capture_output=True,
        text=True,
        timeout=3_600,
        check=False,
    )
    assert left.returncode == 0, left.stderr[-3000:]
    outputs = [o for c in nbformat.read(done, 4).cells for o in c.get("outputs", [])]
    said = "".join(o.get("text", "") for o in outputs)
    if path.name.startswith("05"):
        assert "and safeguards: no problem" in said
        assert "the file was changed after the run" in said
    elif path.name.startswith("06"):
        assert "1 problem" in said
        assert "no problem found" in said
    assert path.name.startswith("05") or any("image/png" in o.get("data", {}) for o in outputs)
