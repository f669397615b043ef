"""What the machine can refuse, said to people: no room, no permission, no memory.

Nothing is lost in any of these: finished steps and whole files stay, so the same command goes on.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from geo.errors import FunnelError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
SAID_FULL = re.compile(r"no space left|disk is full|disk full|quota exceeded", re.IGNORECASE)
"""How libraries say it that hide the operating system's number: SQLite, GDAL, Arrow."""
AGAIN = "then run the same command again: it goes on from what is done"


class MachineError(FunnelError, OSError):
    """The machine refuses; the user can make room, permit, or give more memory."""


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Say in a sentence what the machine refused while the block ran.

    Parameters
    ----------
    what
        What was being done.

    Raises
    ------
    MachineError
        If a disk is full, a folder may not be written, or memory ran out.
    """
    try:
        yield
    except FunnelError:
        raise
    except Exception as error:
        sentence = _sentence(error, what)
        if sentence is None:
            raise
        raise MachineError(sentence) from error


def _sentence(error: BaseException | None, what: str) -> str | None:
    """Look through an error and what caused it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        where = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
        number = error.errno if isinstance(error, OSError) else None
        if number in FULL or SAID_FULL.search(str(error)):
            return f"{what}: no space left on the disk{where}. Free some, {AGAIN}"
        if number in CLOSED:
            return f"{what}: the system permits no access{where}. Permit it, {AGAIN}"
        if isinstance(error, MemoryError):
            return (
                f"{what}: not enough memory. Give fewer --workers or a coarser grid, or close "
                f"other programs, {AGAIN}"
            )
        error = error.__cause__ or error.__context__
    return None
