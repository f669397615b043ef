"""Complementary suppression: what is held back may not follow from what is shown."""

from __future__ import annotations

from collections.abc import Sequence

from geo.inference.estimation.rows import Estimate


def complemented(rows: Sequence[Estimate]) -> list[Estimate]:
    """Take the smallest number back too where a single one was held back.

    Parameters
    ----------
    rows
        Parts of one total; a row without `n` has fewer than 5 deaths or nothing to compare with.

    Returns
    -------
    list of Estimate
        The same rows, of which none or at least two are without a number: the total less the parts
        given tells no count under 5.
    """
    known = [r for r in rows if r.n is not None]
    if len(rows) - len(known) != 1 or not known:
        return list(rows)
    least = min(known, key=lambda r: (r.n or 0, r.analysis))
    bare = Estimate(least.analysis, least.estimand, parents=least.parents, level="L0")
    held = bare.says(
        "No ratio is given: with it, the count of another year, under five or without a "
        "comparison, could be told from the total."
    )
    return [held if r is least else r for r in rows]
