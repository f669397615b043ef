"""A home of its own for every test, and the command line as a user calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from forked import ForkServer

ROOT = Path(__file__).parents[2]


class Funnel:
    """The command line in its own folders, called as a fork or in a process of its own."""

    def __init__(self, folder: Path, forks: Callable[[], ForkServer]) -> None:
        self.folder = folder
        self.forks = forks
        self.home = folder / "home"
        self.out = folder / "runs"
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(
        self, *words: str, code: int | None = 0, **env: str
    ) -> subprocess.CompletedProcess:
        return left(code, self.forks().run(words, self.folder, self.environment(**env)))

    def alone(self, *words: str, code: int | None = 0, **env: str) -> subprocess.CompletedProcess:
        """Call it as a shell does: for what is read on import, and for runs with Prefect."""
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
def make_funnel(tmp_path_factory, forks):
    def make(name: str) -> Funnel:
        return Funnel(tmp_path_factory.mktemp(name), forks)

    return make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, forks) -> Funnel:
    """`tiny`, run once without Prefect and with the restricted tree; every worker has the same.

    Tests read it or copy it: whoever changes its home or its bundle changes it for all.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    funnel = Funnel(folder / "tiny", forks)
    with FileLock(folder / "tiny.lock"):
        if not (funnel.out / "tiny").is_dir():
            funnel.alone("run", "tiny", "--plain", "--restricted", "--quiet")
    return funnel


@pytest.fixture(scope="session")
def undisturbed(tiny) -> str:
    return tiny.sums()
