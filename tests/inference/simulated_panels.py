"""Simulated panels and a small landscape that the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import xarray as xr

from geo.inference import Panel
from geo.synthetic.panels import PanelPlan, simulate


def panel_of(data: xr.Dataset) -> Panel:
    """Wrap a simulated dataset."""
    empty = pd.DataFrame(columns=["corridor", "records", "records_before", "reason"])
    return Panel(data, empty, pd.DataFrame({"step": ["used"], "records": [int(data.deaths.sum())]}))


def simulated(plan: PanelPlan, rng) -> Panel:
    """Simulate a panel."""
    return panel_of(simulate(plan, rng))


def by_r(model: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a panel's fixture and what R's glm makes of it: of all corridors, then without each.

    `fixtures/glm.R` makes the second of the first.
    """
    fixtures = Path(__file__).parent / "fixtures"
    made = pd.read_csv(fixtures / "glm.csv")
    return pd.read_csv(fixtures / f"{model}.csv"), made[made["model"] == model]
