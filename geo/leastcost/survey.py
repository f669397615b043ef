"""One look over the rasters before any work: what the table must cover, and what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.errors import CostError
from geo.leastcost import tile_arrays
from geo.leastcost.moves import Moves
from geo.leastcost.tiles import Array, Tile, TileHalo, Tiling, as_block


@dataclass(frozen=True)
class Look:
    """What one tile holds."""

    rise: Array
    least_friction: float
    mean_friction: float
    open_cells: int
    wrong_friction: int
    rim: TileHalo
    digest: bytes


@dataclass(frozen=True)
class Starts:
    """How many sources a tile has, and how many of them lie on a barrier."""

    sources: int
    blocked: int
    digest: bytes


def look(
    elevation: Any,
    friction: Any,
    moves: Moves,
    digest: bool,  # noqa: FBT001 - executors pass positions
) -> Look:
    """Look over the ground of one tile; with `digest`, also take its fingerprint."""
    elevation, friction = as_block(elevation), as_block(friction)
    cleared = np.empty(elevation.shape, np.result_type(elevation, np.float32))
    least, total, n_open, n_wrong = tile_arrays.survey(elevation, friction, cleared)
    rise = rises(cleared, moves)
    z, f = TileHalo.of(elevation, moves.reach), TileHalo.of(friction, moves.reach)
    rim = TileHalo(
        _ground(z.top, f.top),
        _ground(z.bottom, f.bottom),
        _ground(z.left, f.left),
        _ground(z.right, f.right),
    )
    mean = total / max(n_open, 1)
    mark = fingerprint(elevation, friction) if digest else b""
    return Look(rise, least, mean, n_open, n_wrong, rim, mark)


def look_for_sources(
    sources: Any,
    elevation: Any,
    friction: Any,
    digest: bool,  # noqa: FBT001 - executors pass positions
) -> Starts:
    """Count the sources of one tile; ground is read only where there are any."""
    sources = as_block(sources)
    count, fit = int(np.count_nonzero(sources)), 0
    if count:
        ground = as_block(elevation)[sources], as_block(friction)[sources]
        fit = int(np.count_nonzero(np.isfinite(ground[0]) & np.isfinite(ground[1])))
    return Starts(count, count - fit, fingerprint(sources) if digest else b"")


def fingerprint(*parts: Any) -> bytes:
    """Return the SHA-256 of arrays and of anything else by its representation."""
    mark = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            mark.update(f"{part.dtype}{part.shape}".encode())
            mark.update(np.ascontiguousarray(part).data)
        else:
            mark.update(repr(part).encode())
    return mark.digest()


def half(moves: Moves) -> Array:
    """Return one of each pair of opposite steps, the one that leads down or to the right."""
    di, dj = moves.steps.T
    later: Array = (di > 0) | ((di == 0) & (dj > 0))
    return np.ascontiguousarray(moves.steps[later])


def rises(cleared: Array, moves: Moves) -> Array:
    """Largest rise or fall of each step of `half` between cells that are not NaN."""
    rows, cols = cleared.shape
    found = []
    for di, dj in half(moves):
        here = cleared[: max(rows - di, 0), max(0, -dj) : max(cols - max(0, dj), 0)]
        there = cleared[di:, max(0, dj) : max(cols - max(0, -dj), 0)]
        change = there - here if here.size else np.zeros(1)
        found.append(np.fmax.reduce(np.abs(change), axis=None, initial=0))
    return np.array(found, float)


def steepest(looks: dict[Tile, Look], tiling: Tiling, moves: Moves, cell: float) -> float:
    """Largest absolute slope of a step between open cells, within tiles and across their seams."""
    rise = np.max([item.rise for item in looks.values()], axis=0)
    for strip in _seams({tile: item.rim for tile, item in looks.items()}, tiling):
        cleared = np.where(np.isfinite(strip[..., 1]), strip[..., 0], np.nan)
        rise = np.maximum(rise, rises(cleared, moves))
    run = np.hypot(*half(moves).T) * cell
    return float((rise / run).max())


def wrong_ground(looks: Iterable[Look]) -> list[str]:
    """Say what is wrong with friction."""
    wrong = sum(item.wrong_friction for item in looks)
    if not wrong:
        return []
    return [
        f"friction is zero or negative at {wrong} cells; give a positive one, and NaN for a barrier"
    ]


def check(problems: list[str], starts: Iterable[Starts]) -> None:
    """Raise CostError, naming everything wrong with ground and sources at once."""
    found = list(starts)
    sources = sum(item.sources for item in found)
    blocked = sum(item.blocked for item in found)
    problems = list(problems)
    if not sources:
        problems.append(
            "no source lies inside the grid (and bounds); check the sources' coordinates and CRS"
        )
    if blocked:
        problems.append(
            f"{blocked} of {sources} source cells lie on a barrier (elevation or friction NaN or "
            "infinite); move them to open ground"
        )
    if problems:
        raise CostError("; ".join(problems))


def _ground(elevation: Array, friction: Array) -> Array:
    """Stack elevation and friction as the kernel wants them: a barrier is infinite friction."""
    shut = ~(np.isfinite(elevation) & np.isfinite(friction))
    z, f = np.where(shut, 0, elevation), np.where(shut, np.inf, friction)
    return np.stack([z, f], axis=-1)


def _seams(rims: dict[Tile, TileHalo], tiling: Tiling) -> Iterator[Array]:
    """Ground on both sides of every line between tiles, the whole line at a time."""
    n_rows = 1 + max(i for i, _ in tiling)
    n_cols = 1 + max(j for _, j in tiling)
    for j in range(n_cols - 1):
        west = np.concatenate([rims[i, j].right for i in range(n_rows)])
        east = np.concatenate([rims[i, j + 1].left for i in range(n_rows)])
        yield np.concatenate([west, east], axis=1)
    for i in range(n_rows - 1):
        north = np.concatenate([rims[i, j].bottom for j in range(n_cols)], axis=1)
        south = np.concatenate([rims[i + 1, j].top for j in range(n_cols)], axis=1)
        yield np.concatenate([north, south], axis=0)
