"""Whether rows of the battery agree with the headline, as the gates of the ladder ask.

Every answer is True, False or None: not run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import stats

from geo.inference.estimation.rows import Estimate, alpha
from geo.parameters import load


def same_sign(one: Estimate, other: Estimate) -> bool | None:
    """Return whether two ratios lie on one side of one; None where one was not estimated."""
    if one.estimate is None or other.estimate is None:
        return None
    return (one.estimate > 1.0) == (other.estimate > 1.0)


def inside(one: Estimate, other: Estimate) -> bool | None:
    """Whether the first estimate lies in the interval of the second, on its side of one."""
    if one.estimate is None or other.low is None or other.high is None:
        return None
    return bool(other.low <= one.estimate <= other.high and same_sign(one, other))


def powered(row: Estimate) -> bool:
    """Whether a check would find the registered ratio at least as often as miss it.

    A two-sided test finds a log ratio b with a power of one half where b is the critical value
    times the standard error: half the interval's width on the log scale. So the interval must reach
    no further than the registered ratio from its middle, whatever the estimate is.

    Example
    -------
    >>> [powered(Estimate("x", "ratio", 1.0, 1 / r, r)) for r in (1.6, 2.0)]
    [True, False]
    """
    if row.low is None or row.high is None or not row.low > 0:
        return False
    settings = load("inference")
    half = 0.5 * math.log(row.high / row.low)
    beyond = float(stats.norm.ppf(settings["least_check_power"].value))  # nothing at one half
    reach = half * (1.0 + beyond / float(stats.norm.ppf(1.0 - alpha() / 2.0)))
    return reach <= math.log(float(settings["registered_ratio"].value))


def loud(row: Estimate) -> bool:
    """Whether a check found something: by its p, or by its interval."""
    outside = row.low is not None and row.high is not None and not row.low <= 1.0 <= row.high
    return (row.p is not None and row.p <= alpha()) or outside


def silent(rows: Sequence[Estimate]) -> bool | None:
    """Whether every row was estimated with enough power and none finds anything.

    Returns
    -------
    bool or None
        False where any row finds something; None where none does but one or more were not run, or
        could not have found the registered ratio: a test that was not made has not been passed.
    """
    if any(loud(r) for r in rows):
        return False
    return True if rows and all(r.p is not None and powered(r) for r in rows) else None


def rejects(rows: Sequence[Estimate]) -> bool | None:
    """Whether every row was estimated and all reject; False where any does not reject."""
    if any(r.p is not None and r.p > alpha() for r in rows):
        return False
    return True if rows and all(r.p is not None for r in rows) else None
