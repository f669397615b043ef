"""Is this what was asked for? Told from the bytes; a web page is never taken for data."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from geo.errors import FunnelError
from geo.sources.archives import safe_members

MAGIC = {
    "tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "netcdf": (b"\x89HDF\r\n\x1a\n", b"CDF\x01", b"CDF\x02"),
    "zip": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "hgt": (b"\x1f\x8b", b"PK\x03\x04"),
}
HGT_BYTES = (3601 * 3601 * 2, 1201 * 1201 * 2)


def fault(path: Path, kind: str) -> str:
    """Return what is wrong with a downloaded file, or "" if it can be what its kind says."""
    with path.open("rb") as stream:
        head = stream.read(2048)
    plain = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not head:
        return "the answer was empty"
    if kind != "any" and plain.startswith(b"<"):
        return "the answer was a web page or an error in XML, not data"
    if kind in MAGIC and not head.startswith(MAGIC[kind]):
        bare_tile = kind == "hgt" and path.stat().st_size in HGT_BYTES
        return "" if bare_tile else f"the answer was no {kind} file"
    look = {"csv": _csv, "json": _json, "zip": _zip, "xlsx": _zip}.get(kind)
    return look(path) if look else ""


def _csv(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
    first = head.split(b"\n", 1)[0]
    if b"\x00" in head or not any(d in first for d in (b",", b";", b"\t", b"|", b":")):
        return "the answer was no table"
    with path.open("rb") as stream:
        quotes = sum(block.count(b'"') for block in iter(lambda: stream.read(1 << 20), b""))
    return "the table ends inside a quoted cell; it was cut off" if quotes % 2 else ""


def _json(path: Path) -> str:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        return "the JSON could not be read to its end; it was cut off"
    if isinstance(data, dict) and "error" in data:
        return "the publisher's service answered with an error"
    return ""


def _zip(path: Path) -> str:
    try:
        safe_members(path, path.name)
        with zipfile.ZipFile(path) as archive:
            return "the archive is damaged" if archive.testzip() else ""
    except FunnelError as error:
        return str(error).partition(": ")[2] or str(error)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError):
        return "the archive is damaged or cut off"
