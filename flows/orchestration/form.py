"""What a person may set in a run's form, and how it becomes what the command line calls options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from flows.core.settings import Home
from flows.workflow.prepare import Options
from geo.errors import InputProblems, Problem, SourceUnreachableError

BLOCK = "block:"
"""Begins a file that a Prefect block of file systems holds: block:TYPE/NAME/PATH."""
GIVE = (
    "Give a path of the worker's machine, an address as s3://bucket/file, or block:TYPE/NAME/PATH"
)


@dataclass(frozen=True)
class Asked:
    """What a run was asked for beside the study itself.

    Attributes
    ----------
    files
        Role = path of the worker's machine, address that fsspec knows, or `block:TYPE/NAME/PATH`.
    credits
        Role = how that file is named in tables and pages.
    offline, refresh
        Ask no publisher; ask again for what the vault holds.
    as_of, language
        In place of the study's.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    credits: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    refresh: bool = False
    as_of: date | None = None
    language: str | None = None


@contextmanager
def options(asked: Asked, home: Home, announce: Callable[[str], None]) -> Iterator[Options]:
    """Give the options of a run, with every file on this machine for as long as they are read.

    Raises
    ------
    InputProblems
        With every file that is not there.
    SourceUnreachableError
        If a store does not answer.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home.root, prefix="given-") as scratch:
        yield Options(
            offline=asked.offline,
            files={r: _here(r, f, Path(scratch) / r) for r, f in asked.files.items()},
            credits=asked.credits,
            language=asked.language,
            as_of=asked.as_of,
            refresh=asked.refresh,
            announce=announce,
        )


def _here(role: str, named: str, folder: Path) -> Path:
    """Return a file on this machine, fetched into a folder if it is elsewhere."""
    if not named.startswith(BLOCK) and "://" not in named:
        return Path(named).expanduser()
    name = PurePosixPath(named).name
    content = _of_block(role, named) if named.startswith(BLOCK) else _of_store(role, named)
    folder.mkdir()
    (folder / name).write_bytes(content)
    return folder / name


def _of_block(role: str, named: str) -> bytes:
    from prefect.blocks.core import Block  # noqa: PLC0415 - only where a block is named

    kind, _, rest = named.removeprefix(BLOCK).partition("/")
    block, _, path = rest.partition("/")
    if not path:
        raise InputProblems([Problem(role, f"{named} is no file of a block", GIVE)])
    try:
        held: Any = Block.load(f"{kind}/{block}")
        return bytes(held.read_path(path))
    except (ValueError, OSError, AttributeError) as error:
        what = f"{named} cannot be read ({type(error).__name__})"
        remedy = "Make the block (Blocks, in the server's page) and put the file where it points"
        raise InputProblems([Problem(role, what, remedy)]) from error


def _of_store(role: str, named: str) -> bytes:
    import fsspec  # noqa: PLC0415 - only where an address is given

    try:
        with fsspec.open(named, "rb") as stream:
            return bytes(stream.read())
    except (ImportError, ValueError) as error:
        raise InputProblems([Problem(role, f"{named}: {error}", GIVE)]) from error
    except FileNotFoundError as error:
        raise InputProblems([Problem(role, f"there is no file {named}", GIVE)]) from error
    except OSError as error:
        raise SourceUnreachableError(f"{named} cannot be reached. Try again later") from error
