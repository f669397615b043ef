"""A made-up OpenStreetMap extract: a PBF, written byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

Tags = Mapping[str, str]
Point = tuple[float, float]


def number(value: int) -> bytes:
    """Return a varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def field(key: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return number(key << 3) + number(value)
    return number(key << 3 | 2) + number(len(value)) + value


def packed(key: int, values: Sequence[int]) -> bytes:
    return field(key, b"".join(number(v) for v in values)) if values else b""


def pbf(
    points: Sequence[tuple[Point, Tags]], ways: Sequence[tuple[Sequence[Point], Tags]]
) -> bytes:
    """Return an extract with tagged points and ways, in the format's own messages."""
    words: list[str] = [""]

    def word(text: str) -> int:
        if text not in words:
            words.append(text)
        return words.index(text)

    nodes, lines = [], []
    count = 0

    def node(at: Point, tags: Tags) -> int:
        nonlocal count
        count += 1
        lon, lat = at
        body = field(1, zigzag(count))
        body += packed(2, [word(k) for k in tags]) + packed(3, [word(v) for v in tags.values()])
        body += field(8, zigzag(round(lat * 1e7))) + field(9, zigzag(round(lon * 1e7)))
        nodes.append(field(1, body))
        return count

    for at, tags in points:
        node(at, tags)
    for n, (shape, tags) in enumerate(ways, start=1):
        ids = [node(at, {}) for at in shape]
        steps = [b - a for a, b in zip([0, *ids], ids, strict=False)]
        body = field(1, n)
        body += packed(2, [word(k) for k in tags]) + packed(3, [word(v) for v in tags.values()])
        body += packed(8, [zigzag(s) for s in steps])
        lines.append(field(3, body))
    table = field(1, b"".join(field(1, w.encode()) for w in words))
    groups = b"".join(field(2, b"".join(part)) for part in (nodes, lines) if part)
    header = field(4, b"OsmSchema-V0.6")
    return _blob("OSMHeader", header) + _blob("OSMData", table + groups)


def _blob(kind: str, content: bytes) -> bytes:
    blob = field(2, len(content)) + field(3, zlib.compress(content))
    head = field(1, kind.encode()) + field(3, len(blob))
    return struct.pack(">I", len(head)) + head + blob


AREA = (26.0, 40.9, 26.4, 41.2)
POINTS = [
    ((26.20, 41.15), {"place": "town", "name": "MADE UP Town"}),
    ((26.30, 41.12), {"place": "hamlet", "name": "MADE UP Hamlet"}),
    ((26.10, 41.00), {"natural": "peak", "name": "MADE UP Peak"}),
]
WAYS = [
    ([(26.0, 40.93), (26.2, 40.935), (26.4, 40.93)],
     {"boundary": "administrative", "admin_level": "2", "name": "MADE UP - Elsewhere"}),
    ([(26.0, 41.0), (26.4, 41.0)], {"boundary": "administrative", "admin_level": "6"}),
    ([(26.4, 40.93), (26.5, 40.7)],
     {"boundary": "administrative", "admin_level": "2", "maritime": "yes"}),
    ([(26.0, 41.17), (26.4, 41.17)], {"highway": "primary", "name": "MADE UP Road"}),
    ([(26.1, 41.1), (26.1, 41.17)], {"highway": "tertiary"}),
    ([(26.3, 41.17), (26.31, 41.18)], {"highway": "motorway_link"}),
    ([(26.2, 40.95), (26.2, 41.1)], {"highway": "track"}),
    ([(26.25, 40.95), (26.25, 41.1)], {"highway": "footway"}),
    ([(26.05, 41.0), (26.05, 41.1)], {"waterway": "river"}),
    ([(10.0, 50.0), (10.1, 50.0)], {"highway": "primary", "name": "far away"}),
]  # fmt: skip


def write_pbf(path: Path) -> Path:
    path.write_bytes(pbf(POINTS, WAYS))
    return path
