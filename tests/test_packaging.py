"""What is shipped: a wheel made from the source distribution holds everything a run reads."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BACKEND = "import hatchling.build as b, sys; print(b.build_{kind}(sys.argv[1]))"


def build(kind: str, source: Path, into: Path) -> Path:
    code = BACKEND.format(kind=kind)
    done = subprocess.run(
        [sys.executable, "-c", code, str(into)],
        cwd=source, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return into / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder with what the wheel installs, built from the source distribution alone."""
    folder = tmp_path_factory.mktemp("dist")
    with tarfile.open(build("sdist", ROOT, folder)) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    with zipfile.ZipFile(build("wheel", source, folder)) as archive:
        archive.extractall(folder / "site")  # noqa: S202 - built just above
    return folder / "site"


def test_the_wheel_holds_every_file_of_the_packages(site):
    for package in ("geo", "flows", "maps", "data", "validation/results"):
        ours = [
            p.relative_to(ROOT)
            for p in (ROOT / package).rglob("*")
            if p.is_file() and "__pycache__" not in p.parts
        ]
        assert ours
        missing = [str(p) for p in ours if not (site / p).is_file()]
        assert not missing


def funnel(site: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line from the wheel alone: the checkout is taken off the path."""
    code = (
        f"import sys; sys.path = [{str(site)!r}] + [p for p in sys.path if p != {str(ROOT)!r}];"
        "import geo; assert geo.__file__.startswith(sys.path[0]), geo.__file__;"
        f"sys.argv = {['funnel', *words]!r}; from flows.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=home, capture_output=True, text=True, check=False,
        env={"FUNNEL_HOME": str(home / "home"), "PATH": ""},
    )  # fmt: skip


@pytest.mark.slow
def test_the_wheel_alone_answers(site, tmp_path):
    done = funnel(site, tmp_path, "preregister", "arizona", "--out", str(tmp_path / "plan.md"))
    assert done.returncode == 0, done.stderr
    assert funnel(site, tmp_path, "studies").stdout.count("SYNTHETIC") >= 3


@pytest.mark.attack
def test_the_wheel_alone_runs_tiny(site, tmp_path):
    done = funnel(site, tmp_path, "run", "tiny", "--plain", "--out", str(tmp_path / "runs"))
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "runs").glob("tiny/*/SHA256SUMS"))


def test_a_package_that_hides_ours_is_named(tmp_path):
    (tmp_path / "maps.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r});from flows.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "hides ours" in done.stderr
    assert "Uninstall" in done.stderr
