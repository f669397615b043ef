"""How a tower's view is told: by lines of sight, or, on coarse cells, as a share of its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import UnitsError
from geo.parameters import load


@dataclass(frozen=True)
class Sight:
    """What a tower has in view of the cells within its range.

    Attributes
    ----------
    share
        None draws the line of sight to every cell. A number between 0 and 1 is the share of each
        cell within range that is in view, the same everywhere and of each tower by itself: range,
        not viewshed.
    """

    share: float | None = None

    def __post_init__(self) -> None:
        if self.share is not None and not 0.0 < self.share <= 1.0:
            raise UnitsError(f"share={self.share}; give a number above 0 and at most 1, or None")

    @property
    def by_range(self) -> bool:
        """Whether views are shares of a range."""
        return self.share is not None

    def covered(self, towers: NDArray[Any]) -> NDArray[Any]:
        """Return the part of each cell in view of at least one of a number of towers.

        Booleans with lines of sight; with a share s of each of n towers 1 - (1 - s)^n.
        """
        if self.share is None:
            return np.asarray(towers > 0)
        return np.asarray(1.0 - (1.0 - self.share) ** towers)

    def gains(self, most: int) -> NDArray[np.float64]:
        """Return what the first, second, ... tower adds to the part of a cell in view."""
        if self.share is None:
            return np.asarray(np.eye(1, most)[0])
        return np.asarray(self.share * (1.0 - self.share) ** np.arange(most))


LINES = Sight()
"""Lines of sight."""


def sight_on(cell_m: float, *, exact: bool = False) -> Sight:
    """Return how views are told on cells of a size.

    Parameters
    ----------
    cell_m
        Side of the grid's cells, m.
    exact
        Whether the land is made up at this resolution, so that nothing lies between its cells.

    Returns
    -------
    Sight
        Lines of sight up to `viewshed_cell_m` of data/parameters/visibility.yaml and on exact
        land, else the registered share of the range.

    Examples
    --------
    >>> from geo.visibility import sight_on
    >>> sight_on(30.0).share is None, sight_on(800.0).share is None
    (True, False)
    """
    known = load("visibility")
    if exact or cell_m <= float(known["viewshed_cell_m"].value):
        return LINES
    return Sight(float(known["range_share"].value))


def drawn_sight(sight: Sight, generator: np.random.Generator) -> Sight:
    """Return the sight with its share drawn, uniformly, from the registered range.

    Parameters
    ----------
    sight
        What is drawn from; lines of sight have no share and come back as they are.
    generator
        Source of randomness.

    Returns
    -------
    Sight
        With the share drawn between `low` and `high` of `visibility.yaml: range_share`.

    Examples
    --------
    >>> import numpy as np
    >>> from geo.visibility import drawn_sight, sight_on
    >>> drawn = drawn_sight(sight_on(800.0), np.random.default_rng(0))
    >>> drawn_sight(sight_on(30.0), np.random.default_rng(0)) == sight_on(30.0)
    True
    """
    if sight.share is None:
        return sight
    known = load("visibility")["range_share"]
    return Sight(float(generator.uniform(float(known.low or 0.0), float(known.high or 1.0))))
