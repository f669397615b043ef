"""Floors of what is published, and the classes, blocks and roundings that keep to them.

They are constants: a study may raise them and nothing may lower them.
"""

from __future__ import annotations

DEATH_H3 = 5
"""Safeguard: resolution of the H3 cells on which deaths are published, of every study; finer ones
never are.

Two resolutions together would narrow small counts (a cell less its children leaves the rest).
"""
BLOCK_YEARS = 5
"""Safeguard: calendar years of the blocks in which deaths are published: 2000-04, 2005-09, ..."""
DEATH_CELL_M = 5_000.0
"""Safeguard: side of the cells in which the analysis may speak of places, at least [m]."""
DEATH_CELL_MOST_M = 11_000.0
"""Safeguard: what the public cells measure in any case (square root of the smallest one's area)
[m]."""
SURFACE_CELL_M = 1_000.0
"""Safeguard: side of the cells of a published surface, at least [m]."""
CLOSED_MONTHS = 24
"""Safeguard: a period is published as a surface only this long after it ended, at least [months].
"""
MIN_GROUP = 5
"""Safeguard: a group that carries an attribute of persons is published only from this size on."""
COUNT_CLASSES = ((1, "1-4"), (5, "5-9"), (10, "10-19"), (20, "20+"))
"""Safeguard: lower bound and label of the classes in which public counts stand; zero is "0"."""


def count_class(n: int) -> str:
    """Return the public class of a count: "0", "1-4", "5-9", "10-19" or "20+".

    Parameters
    ----------
    n
        Number of records, 0 or more.

    Returns
    -------
    str
        Label of `COUNT_CLASSES`, or "0".

    Examples
    --------
    >>> from geo import records
    >>> [records.count_class(n) for n in (0, 3, 19, 250)]
    ['0', '1-4', '10-19', '20+']
    """
    label = "0"
    for floor, name in COUNT_CLASSES:
        if n >= floor:
            label = name
    return label


def class_span(label: str) -> tuple[int, int | None]:
    """Return the least and the most that a class holds; None where it has no upper end.

    Parameters
    ----------
    label
        As `count_class` returns it.

    Returns
    -------
    low, high
        Numbers of records.

    Examples
    --------
    >>> from geo import records
    >>> records.class_span("5-9"), records.class_span("20+")
    ((5, 9), (20, None))
    """
    floors = [low for low, _ in COUNT_CLASSES]
    for i, (low, name) in enumerate(COUNT_CLASSES):
        if name == label:
            return low, floors[i + 1] - 1 if i + 1 < len(floors) else None
    return 0, 0


def rounded(n: int) -> int | None:
    """Return a number of records that a study selects, as it is published.

    To the nearest 10, and None for fewer than 5: whether it is none or a few stays open.

    Parameters
    ----------
    n
        Number of records, 0 or more.

    Returns
    -------
    int or None
        A multiple of 10.

    Examples
    --------
    >>> from geo import records
    >>> records.rounded(4), records.rounded(5), records.rounded(14)
    (None, 10, 10)
    """
    return None if n < MIN_GROUP else (n + 5) // 10 * 10


def rounded_class(n: int) -> str:
    """Return the numbers that `rounded` may stand for: "0-4", "5-14", "15-24", ...

    Parameters
    ----------
    n
        Number of records, 0 or more.

    Returns
    -------
    str
        Least and most, both counted.

    Examples
    --------
    >>> from geo import records
    >>> records.rounded_class(0), records.rounded_class(14), records.rounded_class(15)
    ('0-4', '5-14', '15-24')
    """
    near = rounded(n)
    return f"0-{MIN_GROUP - 1}" if near is None else f"{near - 5}-{near + 4}"


def block_name(year: int) -> str:
    """Return the block of a calendar year: 2000-04 for 2000 to 2004.

    Parameters
    ----------
    year
        Calendar year.

    Returns
    -------
    str
        First year, and the last two digits of the last one.

    Examples
    --------
    >>> from geo import records
    >>> records.block_name(2007)
    '2005-09'
    """
    first = year - year % BLOCK_YEARS
    return f"{first}-{(first + BLOCK_YEARS - 1) % 100:02d}"


def block_years(name: str) -> tuple[int, int]:
    """Return the first and the last calendar year of a block.

    Parameters
    ----------
    name
        As `block_name` returns it.

    Returns
    -------
    first, last
        Calendar years, both counted.

    Examples
    --------
    >>> from geo import records
    >>> records.block_years("2005-09")
    (2005, 2009)
    """
    first = int(name[:4])
    return first, first + BLOCK_YEARS - 1


CLASS_LABELS = ("0", *(name for _, name in COUNT_CLASSES))
