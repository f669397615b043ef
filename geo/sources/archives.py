"""Archives from elsewhere: looked at before they are opened, and refused beyond limits."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from geo import sizes
from geo.errors import LayoutError

MAX_MEMBERS = 2_000
"""Guard: files of an archive."""
MAX_DIRECTORY = 2_000_000
"""Guard: bytes of an archive's list of files; `MAX_MEMBERS` have a quarter of it."""
MAX_BYTES = 2_000_000_000
"""Guard: bytes of an archive once unpacked."""
MAX_RATIO = 200.0
"""Guard: how many times its packed size an archive may unpack to."""
HEAD = 4096
"""Guard: bytes by which an archive is recognised."""
WORKBOOK = frozenset(("[Content_Types].xml", "mimetype"))
"""Files by which a zip is a workbook of Excel or OpenDocument."""
DAMAGED = (
    zipfile.BadZipFile,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    IndexError,
    OverflowError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What opening a broken zip throws."""
RATIO_FLOOR = 10_000_000
"""Guard: a ratio counts only beyond this many bytes: small text packs better than any bomb needs
to."""


def is_archive(path: Path) -> bool:
    """Return whether a file is a zip of other files, and not a workbook."""
    if not zipfile.is_zipfile(path):
        return False
    if crowded(path):
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return not WORKBOOK & set(archive.namelist())
    except DAMAGED:
        return False


def crowded(path: Path) -> bool:
    """Return whether the list of files of an archive is too long to be read."""
    return sizes.directory_bytes(path) > MAX_DIRECTORY


def safe_members(path: Path | BinaryIO, where: str) -> list[str]:
    """Return the file names of a zip, without directories and Mac twins.

    Raises
    ------
    LayoutError
        If the archive is damaged, encrypted, leaves its own folder, holds links, or is larger
        unpacked than the limits allow.
    """
    if isinstance(path, Path) and crowded(path):
        raise LayoutError(
            f"{where}: its list of files is longer than {MAX_DIRECTORY / 1e6:g} MB. "
            f"Give one of at most {MAX_MEMBERS} files."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except DAMAGED:
        raise LayoutError(f"{where}: this archive is damaged or cut off. Fetch it again.") from None
    if len(entries) > MAX_MEMBERS:
        raise LayoutError(
            f"{where}: {len(entries)} files in one archive. Give one of at most {MAX_MEMBERS}."
        )
    total = sum(e.file_size for e in entries)
    packed = max(1, sum(e.compress_size for e in entries))
    if total > MAX_BYTES or (total > RATIO_FLOOR and total / packed > MAX_RATIO):
        raise LayoutError(
            f"{where}: unpacked, this archive claims {total:,} bytes from {packed:,}. Give the "
            "file itself."
        )
    for entry in entries:
        _refuse_escape(entry, where)
    return [
        e.filename
        for e in entries
        if e.filename and not e.is_dir() and not e.filename.startswith("__MACOSX/")
    ]


def _refuse_escape(entry: zipfile.ZipInfo, where: str) -> None:
    name = entry.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or ":" in name or "\x00" in name:
        raise LayoutError(
            f"{where}: a file in this archive would be written outside it. Give the file itself."
        )
    if entry.flag_bits & 0x1:
        raise LayoutError(f"{where}: this archive is encrypted. Give it without a password.")
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise LayoutError(f"{where}: this archive holds a link. Give the file itself.")


def head_of(path: Path, name: str, where: str) -> bytes:
    """Return the first bytes of one file of a zip."""
    return _read(path, name, where, HEAD)


def read_member(path: Path, name: str, where: str, limit: int = MAX_BYTES) -> bytes:
    """Return one file of a zip, at most `limit` bytes whatever its header claims."""
    data = _read(path, name, where, limit + 1)
    if len(data) > limit:
        raise LayoutError(
            f"{where}: a file in this archive is larger than {limit:,} bytes. Give that file "
            "itself."
        )
    return data


def _read(path: Path, name: str, where: str, size: int) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            return stream.read(size)
    except DAMAGED:
        raise LayoutError(f"{where}: this archive is damaged or cut off. Fetch it again.") from None
