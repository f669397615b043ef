"""One guard around every reader: what a parser throws becomes an error for people."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from geo.errors import FunnelError, LayoutError, UnforeseenError

DAMAGED = "it is damaged or was cut off. Fetch it again, or save it again from its program."
KNOWN: Mapping[str, str] = {
    **dict.fromkeys(("zlib", "zipfile", "gzip", "lzma", "struct", "rasterio", "pyogrio"), DAMAGED),
    "shapely": "a shape in it cannot be repaired. Repair its geometries (in QGIS: Fix geometries).",
    "pyproj": "its CRS cannot be used. Save it again in EPSG:4326.",
}
"""Library whose own error it is = what that says of a file."""
OF_THE_MACHINE = (errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENFILE)
"""Faults of a disk or an account; they say nothing of the file's content."""


@contextmanager
def guarded(where: str, kind: str = "file") -> Iterator[None]:
    """Turn any exception of a parser into an error that names the file, the reason and the remedy.

    The text of the parser's own error is left out: it may quote a row, and with it a person.

    Parameters
    ----------
    where
        The file as its user named it.
    kind
        What it is read as, in a word or two.

    Raises
    ------
    LayoutError
        For damage of a known kind.
    UnforeseenError
        For every other exception. Tests fail on it: its cause deserves a message of its own.
    """
    try:
        yield
    except FunnelError:
        raise
    except MemoryError:
        raise LayoutError(f"{where}: this {kind} is too large for memory. Cut it down.") from None
    except RecursionError:
        raise LayoutError(
            f"{where}: this {kind} is nested too deeply to be data. Export it again."
        ) from None
    except UnicodeError:
        raise LayoutError(
            f"{where}: the text of this {kind} is in no encoding that is known here. Save it again "
            "in UTF-8."
        ) from None
    except EOFError:
        raise LayoutError(f"{where}: this {kind} cannot be read; {DAMAGED}") from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            raise
        if isinstance(error, OSError) and "NetCDF: " in str(error):  # HDF5's own errors
            raise LayoutError(f"{where}: this {kind} cannot be read; {DAMAGED}") from error
        library = type(error).__module__.partition(".")[0]
        if library in KNOWN:
            raise LayoutError(f"{where}: this {kind} cannot be read; {KNOWN[library]}") from error
        raise UnforeseenError(
            f"{where}: this {kind} cannot be read ({type(error).__name__}). Open it in the program "
            "that wrote it and save it again, or fetch it again."
        ) from error
