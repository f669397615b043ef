"""Which programme covered each corridor first: what whole programmes are exchanged by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.inference.panel.panel import Panel


def path_of(table: pd.DataFrame, panel: Panel) -> np.ndarray:
    """Lay a table of doses, a row a corridor and year, out as the panel's: (corridor, year)."""
    row = pd.Index(panel.corridors).get_indexer(pd.Index(table["corridor"].astype(str)))
    year = pd.Index(panel.data["year"].values).get_indexer(pd.Index(table["year"]))
    dose = table["dose"].to_numpy(float)
    known = (row >= 0) & (year >= 0) & np.isfinite(dose)
    wide = np.zeros((len(panel.corridors), panel.data.sizes["year"]))
    # hundreds of sets of placebo towers are laid out: a pivot table took longer than each fit
    wide[row[known], year[known]] = dose[known]
    return wide


def blocks_of(panel: Panel, batches: Mapping[str, pd.DataFrame]) -> list[str] | None:
    """Return the block of every corridor: (corridor,).

    Parameters
    ----------
    panel
        The corridors that enter.
    batches
        Programme to the dose without its towers.

    Returns
    -------
    list of str or None
        The programme that gives a corridor most of its first dose; the corridor itself where none
        does. None where the study tells no programmes apart.

    Examples
    --------
    >>> from geo import examples
    >>> panel = examples.panel()
    >>> alone = panel.data["dose"].to_series().reset_index().assign(dose=0.0)
    >>> blocks_of(panel, {"one": alone}).count("one")
    5
    """
    if not batches:
        return None
    dose = panel.dose
    gain = np.stack([dose - path_of(table, panel) for table in batches.values()])
    names, out = list(batches), []
    for unit, corridor in enumerate(panel.corridors):
        dosed = np.flatnonzero(dose[unit] > 0)
        first = gain[:, unit, dosed[0]] if len(dosed) else np.zeros(len(names))
        out.append(names[int(np.argmax(first))] if first.max() > 0 else corridor)
    return out
