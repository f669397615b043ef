"""Whether rows of the battery agree with the headline, as the gates of the ladder ask.

Every answer is True, False or None: not run.
"""

from __future__ import annotations

from collections.abc import Sequence

from geo.inference.estimation.rows import Estimate, alpha


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


def silent(rows: Sequence[Estimate]) -> bool | None:
    """Whether every row was estimated and none rejects.

    Returns
    -------
    bool or None
        False where any row rejects; None where none rejects but one or more were not run: a test
        that was not made has not been passed.
    """
    if any(r.p is not None and r.p <= alpha() for r in rows):
        return False
    return True if rows and all(r.p is not None for r in rows) else None


def rejects(rows: Sequence[Estimate]) -> bool | None:
    """Whether every row was estimated and all reject; False where any does not reject."""
    if any(r.p is not None and r.p > alpha() for r in rows):
        return False
    return True if rows and all(r.p is not None for r in rows) else None
