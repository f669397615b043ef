"""What happens to files: cut off, flipped, mixed up, wrongly typed. Each from one seed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import numpy as np

ODD = (
    "", " ", "nan", "NaN", "inf", "-inf", "1e308", "1e999", "-1", "0", "99999999999999999999",
    "1677-09-20", "2263-01-01", "0001-01-01", "9999-12-31", "12/31/1677", "31/02/2010",
    "13/13/2013", "00/00/0000", "2010-02-30", "2010-13-01", "20100701", "40000", "1420070400000",
    "POINT (x y)", "-111.5 31.5", "1,5", "1.2.3", "=1+1", "NULL", "true", "\u0661\u0662", "\x00",
    "\ud7ff", "\U0001f9ed", "a" * 300, '"', "'", "-9999", "1e5", "0x10", "1_000", "\u2212" + "5",
)  # fmt: skip
"""Cells that people, programs and damage write."""
RAW = ("null", "true", "[]", "{}", "[[1]]", '""', '"x"', "1e400", "-1", "NaN", "1e308", '{"a":1}')
"""Values in the place of another in JSON and TOML."""
TEXT = (".csv", ".txt", ".kml", ".json", ".geojson", ".toml")
ZIPPED = (".xlsx", ".zip", ".kmz")
Mutation = Callable[[bytes, np.random.Generator], bytes]


def mutate(name: str, content: bytes, seed: int) -> bytes:
    """Return the file changed one to three times, the same for the same seed."""
    draw = np.random.default_rng([seed, *name.encode()])
    kind = name[name.rindex(".") :]
    for _ in range(int(draw.integers(1, 4))):
        pool: list[Mutation] = [cut, flip, overwrite, remove]
        if kind in TEXT:
            pool = [*pool[:2], encode, cell, cell, lines]
            pool += [value, value, number] if kind not in (".csv", ".txt") else [columns]
        elif kind in ZIPPED:
            pool += [inside] * 6
        content = pool[int(draw.integers(len(pool)))](content, draw)
    return content


def _at(content: bytes, draw: np.random.Generator) -> int:
    return int(draw.integers(max(1, len(content))))


def cut(content: bytes, draw: np.random.Generator) -> bytes:
    """Cut the file off."""
    return content[: _at(content, draw)]


def flip(content: bytes, draw: np.random.Generator) -> bytes:
    """Flip bits of up to eight bytes, as often near the head as anywhere."""
    out = bytearray(content)
    for _ in range(int(draw.integers(1, 9))):
        reach = min(len(out), 512) if draw.random() < 0.5 else len(out)
        if reach:
            out[int(draw.integers(reach))] ^= 1 << int(draw.integers(8))
    return bytes(out)


def overwrite(content: bytes, draw: np.random.Generator) -> bytes:
    """Write one word of an extreme value somewhere."""
    word = (b"\xff\xff\xff\xff", b"\x00" * 8, b"\x7f\xff\xff\xff", b"\x01\x00")[draw.integers(4)]
    at = _at(content, draw)
    return content[:at] + word + content[at + len(word) :]


def remove(content: bytes, draw: np.random.Generator) -> bytes:
    """Take a stretch out, or double it."""
    a, b = sorted((_at(content, draw), _at(content, draw)))
    return content[:a] + content[b:] if draw.random() < 0.7 else content[:b] + content[a:]


def encode(content: bytes, draw: np.random.Generator) -> bytes:
    """Write the text in another encoding, or with a mark before it."""
    text = content.decode("utf-8", "replace")
    how = int(draw.integers(5))
    if how == 0:
        return b"\xef\xbb\xbf" + content
    if how == 1:
        return b"\xff\xfe" + content
    return text.encode(("utf-16", "cp1252", "utf-16-be")[how - 2], "replace")


def cell(content: bytes, draw: np.random.Generator) -> bytes:
    """Put an odd value between two separators, tags or quotes."""
    marks = [m.start() for m in re.finditer(rb'[,;\n<>"= ]', content)]
    if len(marks) < 2:
        return content
    n = int(draw.integers(len(marks) - 1))
    odd = ODD[int(draw.integers(len(ODD)))].encode()
    return content[: marks[n] + 1] + odd + content[marks[n + 1] :]


def lines(content: bytes, draw: np.random.Generator) -> bytes:
    """Take a line out, double one, exchange two, or add blank ones."""
    rows = content.split(b"\n")
    a, b = (int(draw.integers(len(rows))) for _ in range(2))
    how = int(draw.integers(4))
    if how == 0:
        del rows[a]
    elif how == 1:
        rows.insert(b, rows[a])
    elif how == 2:
        rows[a], rows[b] = rows[b], rows[a]
    else:
        rows[a:a] = [b"", b",,,", b" "]
    return b"\n".join(rows)


def columns(content: bytes, draw: np.random.Generator) -> bytes:
    """Exchange two columns, fill one with an odd value, drop one, or change the separator."""
    rows = [line.split(b",") for line in content.split(b"\n")]
    width = len(rows[0])
    a, b = (int(draw.integers(width)) for _ in range(2))
    how = int(draw.integers(5))
    odd = ODD[int(draw.integers(len(ODD)))].encode()
    for n, row in enumerate(rows):
        if len(row) != width:
            continue
        if how == 0 and n:
            row[a], row[b] = row[b], row[a]
        elif how == 1 and n:
            row[a] = odd
        elif how == 2:
            del row[a]
        elif how == 3 and not n:
            row[a] = row[b]
    return b"\n".join((b"\t" if how == 4 else b",").join(row) for row in rows)


def value(content: bytes, draw: np.random.Generator) -> bytes:
    """Put a value of another type in the place of one."""
    found = list(re.finditer(rb'(?<=[:=\[,] )[^,\]}\n{\[]+|(?<=[:=])"[^"]*"', content))
    if not found:
        return content
    hit = found[int(draw.integers(len(found)))]
    return content[: hit.start()] + RAW[draw.integers(len(RAW))].encode() + content[hit.end() :]


def number(content: bytes, draw: np.random.Generator) -> bytes:
    """Put an odd value in the place of a number."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", content))
    if not found:
        return content
    hit = found[int(draw.integers(len(found)))]
    odd = ODD[int(draw.integers(len(ODD)))].encode()
    return content[: hit.start()] + odd + content[hit.end() :]


def inside(content: bytes, draw: np.random.Generator) -> bytes:
    """Change one file of an archive, so that its checksum still holds, or how it says it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {n: archive.read(n) for n in archive.namelist()}
    except Exception:
        return flip(content, draw)
    if not members:
        return content
    names = sorted(members)
    name = names[int(draw.integers(len(names)))]
    pool: list[Mutation] = [cut, flip, overwrite, remove, cell, number, value]
    members[name] = pool[int(draw.integers(len(pool)))](members[name], draw)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in names:
            archive.writestr(n, members[n])
    return out.getvalue()
