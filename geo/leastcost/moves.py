"""The steps a walker may take from a cell: 8, 16 or 32 neighbours and the cells each step crosses.

A step runs straight from centre to centre. The friction of a step is the mean of the friction of
the cells under that line, weighted by the length of line in each: one half and one half for the 8
adjacent cells, four quarters for a knight's move (2, 1), and sixths, thirds, quarters and twelfths
for the moves (3, 1) and (3, 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.errors import CostError

REACH = {8: 1, 16: 2, 32: 3}
"""Definition: number of neighbours = cells that a move goes at most."""
_FAMILIES = {8: ((1, 0), (1, 1)), 16: ((2, 1),), 32: ((3, 1), (3, 2))}
"""Definition: moves that a number of neighbours adds, up to mirror and exchange of axes."""


@dataclass(frozen=True)
class Moves:
    """Steps in a fixed order, adjacent cells first.

    Attributes
    ----------
    steps
        (n, 2) rows and columns of each step.
    length
        (n,) in cell sides.
    crossed
        (n, 4, 2) up to two pairs of cells crossed between the ends; unused ones are (0, 0).
    share
        (n, 3) part of the length in each end cell, each cell of the first pair, of the second.
    """

    steps: NDArray[np.int64]
    length: NDArray[np.float64]
    crossed: NDArray[np.int64]
    share: NDArray[np.float64]

    @property
    def reach(self) -> int:
        """Rows or columns the longest step spans."""
        return int(np.abs(self.steps).max())


def moves(neighbours: int) -> Moves:
    """Return the steps of an 8, 16 or 32 cell neighbourhood; CostError for any other number."""
    if neighbours not in REACH:
        raise CostError(f"neighbours={neighbours} is not possible; use 8, 16 or 32")
    steps = [s for n, family in _FAMILIES.items() if n <= neighbours for s in _images(family)]
    crossed = np.zeros((len(steps), 4, 2), np.int64)
    share = np.zeros((len(steps), 3))
    for k, step in enumerate(steps):
        cells = crossing(step)
        share[k, 0] = cells.pop((0, 0))
        cells.pop(step)
        ranked = sorted(cells, key=lambda c: (-cells[c], c))
        for m, cell in enumerate(ranked):
            crossed[k, m] = cell
            share[k, 1 + m // 2] = cells[cell]
    length = np.array([math.hypot(*s) for s in steps])
    return Moves(np.array(steps, np.int64), length, crossed, share)


def crossing(step: tuple[int, int]) -> dict[tuple[int, int], float]:
    """Return the cells under the line from (0, 0) to `step` and the part of the line in each."""
    cuts = {Fraction(0), Fraction(1)}
    for span in step:
        cuts |= {Fraction(2 * i + 1, 2 * abs(span)) for i in range(abs(span))}
    edges = sorted(cuts)
    parts: dict[tuple[int, int], float] = {}
    for start, end in pairwise(edges):
        middle = (start + end) / 2
        cell = (round(middle * step[0]), round(middle * step[1]))
        parts[cell] = parts.get(cell, 0.0) + float(end - start)
    return parts


def _images(family: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Mirror and turn each step of a family into all its directions."""
    images: list[tuple[int, int]] = []
    for a, b in family:
        for p, q in ((a, b), (b, a)):
            for i in (1, -1):
                for j in (1, -1):
                    if (i * p, j * q) not in images:
                        images.append((i * p, j * q))
    return images
