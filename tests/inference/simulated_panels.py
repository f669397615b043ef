"""Simulated panels and a small landscape that the tests of this room share."""

from __future__ import annotations

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
