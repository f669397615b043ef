"""A home of its own for every test, and the command line as a user calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from forked import ForkServer

from flows.core.closure import KEPT

ROOT = Path(__file__).parents[2]


class Funnel:
    """The command line in its own folders, called as a fork or in a process of its own."""

    def __init__(
        self, folder: Path, forks: Callable[[], ForkServer], installed: Path | None = None
    ) -> None:
        self.folder = folder
        self.forks = forks
        self.installed = installed
        self.home = folder / "home"
        self.out = folder / "runs"
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(
        self, *words: str, code: int | None = 0, **env: str
    ) -> subprocess.CompletedProcess:
        self.know_imports()
        return left(code, self.forks().run(words, self.folder, self.environment(**env)))

    def alone(self, *words: str, code: int | None = 0, **env: str) -> subprocess.CompletedProcess:
        """Call it as a shell does: for what is read on import, and for runs with Prefect."""
        self.know_imports()
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli.app", *words],
            cwd=self.folder,
            env=self.environment(**env),
            capture_output=True,
            text=True,
            timeout=3_600,
            check=False,
        )
        return left(code, done)

    def know_imports(self) -> None:
        """Take over what another home of this program knows of its files, seconds to read anew."""
        if self.installed and (self.installed / KEPT).is_file() and not self.home.exists():
            self.home.mkdir()
            shutil.copy(self.installed / KEPT, self.home)

    def environment(self, **env: str) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("FUNNEL_", "PREFECT_"))}
        return {
            **base,
            "PYTHONPATH": str(ROOT),
            "FUNNEL_HOME": str(self.home),
            "COLUMNS": "200",
            **env,
        }

    def bundle(self, study: str) -> Path:
        (found,) = (p for p in (self.out / study).iterdir() if p.is_dir())
        return found

    def sums(self) -> str:
        """Hashes of every file of its run of `tiny`."""
        return (self.bundle("tiny") / "SHA256SUMS").read_text()


def left(
    code: int | None, done: subprocess.CompletedProcess[str]
) -> subprocess.CompletedProcess[str]:
    """Return what a call ended with, if that was its code."""
    if code is not None:
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="session")
def forks():
    """The one fork server of this worker, started when it is first needed."""
    made: list[ForkServer] = []

    def server() -> ForkServer:
        if not made:
            made.append(ForkServer({**os.environ, "PYTHONPATH": str(ROOT)}))
        return made[0]

    yield server
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """The folder that both workers have in common."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def make_funnel(tmp_path_factory, forks, shared):
    def make(name: str) -> Funnel:
        return Funnel(tmp_path_factory.mktemp(name), forks, shared / "tiny/home")

    return make


@pytest.fixture(scope="session")
def tiny(forks, shared) -> Funnel:
    """`tiny`, run once without Prefect and with the restricted tree; every worker has the same.

    Tests read it or copy it: whoever changes its home or its bundle changes it for all.
    """
    funnel = Funnel(shared / "tiny", forks)
    with FileLock(shared / "tiny.lock"):
        if not (funnel.out / "tiny").is_dir():
            funnel.alone("run", "tiny", "--plain", "--restricted", "--quiet")
    return funnel


@pytest.fixture(scope="session")
def undisturbed(tiny) -> str:
    return tiny.sums()
