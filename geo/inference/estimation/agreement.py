"""Whether rows of the battery agree with the headline, as the gates of the ladder ask."""

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


def silent(rows: Sequence[Estimate], *, want: bool = True) -> bool | None:
    """Whether no row rejects; None where none could be estimated."""
    known = [r.p > alpha() for r in rows if r.p is not None]
    if not known:
        return None
    return all(known) if want else not any(known)
