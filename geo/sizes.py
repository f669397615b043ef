"""How large an input may be, judged from its bytes and claims before a parser sees it.

A reader holds less than 1 GB. What would take more is refused with its size, the limit and what to
do. Marks (separators, tags, brackets) are counted in the bytes, because memory grows with the
number of things in a file and not with its length.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from geo.errors import LayoutError

BLOCK = 1 << 20
"""Guard: bytes that are counted at once."""
HELD = 500_000_000
"""Guard: bytes that a reader may hold beside the program itself, which takes some 350 MB."""
TEXT_BYTES = 100_000_000
"""Guard: of a text: it is held twice, and in up to four bytes a character."""
ROWS = 250_000
"""Guard: of a table: 240,000 rows of 19 cells take 610 MB as deaths (measured)."""
CELLS = 5_000_000
"""Guard: of a table: a cell takes some 96 bytes (measured)."""
JSON_MARK = 90
"""Guard: bytes held for every comma, colon and opening bracket of JSON (98 measured)."""
XML_MARK = 120
"""Guard: bytes held for every tag of XML that is not yet let go (88 measured)."""
BOOK_BYTES = 64_000_000
"""Guard: of the XML of a workbook: half a minute of parsing."""
FEATURE = 400
"""Guard: bytes held for a feature, beside its fields and its shape; 600,000 lines of three fields,
reckoned as 543 MB, took 409."""
FIELD = 60
"""Guard: bytes held for a field of a feature, reckoned as above."""
ARRAY_CELLS = 40_000_000
"""Guard: of a gridded file that is read whole: 12 bytes a cell while it is converted."""
RASTER_BLOCK = 64_000_000
"""Guard: cells of one compressed block of a raster, which any reading unpacks whole."""
STUDY_BYTES = 1_000_000
"""Guard: of a study: the longest here has 20 thousand."""
UNREAD: Mapping[str, Any] = {
    "decode_cf": False,
    "create_default_indexes": False,
    "cache": False,
}
"""How xarray opens a file so that it says its shapes and reads nothing."""
CUT = "Cut it down to the area and years of the study, or give it in parts"


def too_large(where: str, what: str, limit: str, remedy: str = CUT) -> LayoutError:
    """Return the error for an input beyond a limit: its size, the limit, what to do."""
    return LayoutError(f"{where}: {what}, and at most {limit} are read. {remedy}.")


def blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Read a stream from where it stands, block by block."""
    return iter(lambda: stream.read(BLOCK), b"")


def judge_bytes(size: int, where: str) -> None:
    """Raise LayoutError for a text of more bytes than are read."""
    if size > TEXT_BYTES:
        raise too_large(where, f"it has {size / 1e6:,.0f} MB", f"{TEXT_BYTES / 1e6:,.0f} MB")


def judge_table(stream: IO[bytes], where: str, *separators: bytes) -> None:
    """Raise LayoutError for a text of more rows or cells than a table may have."""
    size = rows = 0
    marks = dict.fromkeys((b",", b";", b"\t", b"|", *separators), 0)
    for block in blocks(stream):
        size += len(block)
        judge_bytes(size, where)
        rows += block.count(b"\n")
        for mark in marks:
            marks[mark] += block.count(mark)
        cells = max(marks.values()) + rows
        if cells > CELLS:
            raise too_large(where, f"it has {cells:,} cells or more", f"{CELLS:,}")
        judge_rows(rows, where, slack=2)


def judge_rows(rows: int, where: str, slack: int = 1) -> None:
    """Raise LayoutError for more rows than a table may have; quoted cells may hold line ends."""
    if rows > ROWS * slack:
        raise too_large(where, f"it has {rows:,} rows or more", f"{ROWS:,}")


def judge_json(content: bytes, where: str) -> None:
    """Raise LayoutError for JSON whose values would fill the memory."""
    judge_bytes(len(content), where)
    _judge_marks(content, 0, where)


def judge_shapes(stream: IO[bytes], where: str) -> None:
    """Raise LayoutError for GeoJSON that would fill the memory; other kinds are let through."""
    marks = 0
    for n, block in enumerate(blocks(stream)):
        if not n and not block.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            return
        marks = _judge_marks(block, marks, where)


def _judge_marks(content: bytes, before: int, where: str) -> int:
    marks = before + sum(content.count(mark) for mark in (b",", b"[", b"{", b":"))
    if marks * JSON_MARK > HELD:
        raise too_large(where, f"it holds {marks:,} values or more", f"{HELD // JSON_MARK:,}")
    return marks


def judge_xml(stream: IO[bytes], where: str, ends: bytes | None = None) -> None:
    """Raise LayoutError for XML whose elements would fill the memory.

    Parameters
    ----------
    stream
        The XML.
    where
        The file, for messages.
    ends
        Start of the tag behind which a parser lets everything go, such as `</row`; None where it
        keeps all.
    """
    size = held = 0
    for block in blocks(stream):
        size += len(block)
        judge_bytes(size, where)
        for n, piece in enumerate(block.split(ends) if ends else [block]):
            held = piece.count(b"<") + (0 if n else held)
            if held * XML_MARK > HELD:
                what = f"it holds {held:,} tags that belong together"
                raise too_large(where, what, f"{HELD // XML_MARK:,}")


def judge_workbook(file: IO[bytes] | Path, where: str) -> None:
    """Raise LayoutError for a workbook of more XML than is read, before a parser sees it."""
    try:
        with zipfile.ZipFile(file) as book:
            _judge_book(book, where)
    except LayoutError:
        raise
    except Exception:  # noqa: BLE001 - whoever opens it says what is wrong with it
        return


def _judge_book(book: zipfile.ZipFile, where: str) -> None:
    inside = [e for e in book.infolist() if e.filename.lower().endswith((".xml", ".rels"))]
    total = sum(e.file_size for e in inside)
    if total > BOOK_BYTES:
        what = f"its sheets unpack to {total / 1e6:,.0f} MB of XML"
        remedy = "Save the sheet that is needed as CSV"
        raise too_large(where, what, f"{BOOK_BYTES / 1e6:,.0f} MB", remedy)
    for entry in inside:  # what comes out is never more than an entry claims
        sheet = "worksheets/" in entry.filename.lower()
        with book.open(entry) as stream:
            judge_xml(stream, where, b"</row" if sheet else None)


def judge_layer(features: int, fields: int, unpacked: int, where: str) -> int:
    """Raise LayoutError for a vector layer that would fill the memory.

    Parameters
    ----------
    features, fields
        What the layer claims.
    unpacked
        Bytes of its files, unpacked.
    where
        The file, for messages.

    Returns
    -------
    int
        How many features are read, whatever the layer says of their number.
    """
    held = 2 * unpacked + max(0, features) * _feature(fields)
    if held > HELD:
        raise too_large(
            where,
            f"its {features:,} features of {fields} fields take some {held / 1e6:,.0f} MB",
            f"{HELD / 1e6:,.0f} MB",
        )
    return HELD // _feature(fields)


def _feature(fields: int) -> int:
    return FEATURE + FIELD * fields


def judge_gridded(data: Any, where: str) -> None:
    """Raise LayoutError for a gridded file that claims more cells than are read.

    Parameters
    ----------
    data
        An xarray Dataset, opened without indexes: an axis is read whole as soon as it is one.
    where
        The file, for messages.
    """
    for name, array in data.variables.items():
        cells = math.prod(array.shape)
        if cells > (ARRAY_CELLS // 10 if len(array.shape) == 1 else ARRAY_CELLS):
            shape = " x ".join(f"{n:,}" for n in array.shape)
            what = f"its {str(name)[:40]} claims {shape} cells"
            raise too_large(where, what, f"{ARRAY_CELLS:,}")


def judge_raster(dataset: Any, where: str) -> None:
    """Raise LayoutError for a raster that is one block, or few, so that no window can be read."""
    for high, wide in dataset.block_shapes:
        if high * wide > RASTER_BLOCK:
            raise too_large(
                where,
                f"it is written in blocks of {wide:,} x {high:,} cells, which are unpacked whole",
                f"{RASTER_BLOCK:,} cells",
                "Write it in tiles: gdal_translate -co TILED=YES",
            )


def directory_bytes(path: Path) -> int:
    """Return how long the list of files of a zip says it is; 0 where there is no zip."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 65_557))  # the end record and the longest comment behind it
        tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
