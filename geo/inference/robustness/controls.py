"""Negative controls and detection: what would fake a shift, and how much of it would be needed."""

from __future__ import annotations

import numpy as np

from geo.errors import IdentificationError
from geo.inference.estimation.compare import Comparison, ask
from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import refusal
from geo.typing import Array

FRESH = ("day", "week")
"""Post-mortem classes that count as fresh."""


def fresh_against_skeletal(
    panel: Panel,
    fresh: Array,
    rng: np.random.Generator,
    *,
    draws: int | None = None,
    parents: str = "",
) -> Estimate:
    """Compare the shift of skeletal with that of fresh records.

    Where people died moves both alike. Search effort that follows towers onto hard ground finds
    old remains there that would have stayed unfound, and so moves skeletal records more: the log
    ratio is the observed search tilt.

    Parameters
    ----------
    panel
        All records.
    fresh
        (corridor, bin, year) those of them recovered within a week of death.
    rng
        Stream of this analysis.
    draws
        Permutations where not all can be listed.
    parents
        Identifiers of the inputs.

    Returns
    -------
    Estimate
        Ratio of the two shifts per unit dose [1]; 1 where search effort tilts nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> panel = examples.panel()
    >>> fresh = panel.data["fresh"].sum("ground").values
    >>> row = inference.fresh_against_skeletal(panel, fresh, np.random.default_rng(0), draws=99)
    >>> row.low < 1.0 < row.high
    True
    """
    counts = np.concatenate([fresh, panel.deaths - fresh], axis=1)
    bins = panel.slope.shape[1]
    both = panel.dose[:, None, :] * np.tile(panel.slope, 2)[:, :, None]
    slope = np.concatenate([np.zeros_like(panel.slope), panel.slope], axis=1)
    row = Estimate(
        "R3.fresh_against_skeletal",
        "ratio: shift of skeletal over shift of fresh records, each a ratio of rate ratios",
        n=int(counts.sum()),
        parents=parents,
    )
    question = Comparison(
        counts, panel.dose, slope, panel.strata, np.arange(2 * bins), held=both[None],
        system=panel.system,
    )  # fmt: skip
    try:
        answer = ask(question, rng, draws)
    except IdentificationError as error:
        return refusal(row, str(error))
    row = answer.row(row)
    assert row.estimate is not None and row.p is not None  # noqa: S101, PT018 - filled just above
    if row.p <= alpha():
        return row.says(
            f"Skeletal records moved by another factor than fresh ones (ratio "
            f"{ratio_words(row.estimate)}, {ratio_words(row.low or np.nan)} to "
            f"{ratio_words(row.high or np.nan)}; {p_words(row.p)}): search effort may have tilted "
            "with coverage, and the headline may be biased by it."
        )
    least = "" if row.mde is None else f"; smallest ratio this could find {ratio_words(row.mde)}"
    return row.says(
        f"Fresh and skeletal records were not found to move differently (ratio "
        f"{ratio_words(row.estimate)}, {ratio_words(row.low or np.nan)} to "
        f"{ratio_words(row.high or np.nan)}; {p_words(row.p)}{least})."
    )
