"""What is shipped of the tables of `make validate`: how often the decision rule is wrong."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

import pandas as pd

ONLY = "-only-"
"""In the name of a table of `validation/results`: some gates, run by themselves."""
FIRST_PLAN = 1
"""Definition: plan of tables of `validation/results` from before they named theirs."""
DAY = 10
"""Definition: characters of the day that a table's name begins with, YYYY-MM-DD."""


def calibration(folder: Traversable | None = None) -> pd.DataFrame | None:
    """Return what the decision rule does on records of known truth.

    Of each gate the table with the most simulations counts, of equals the newest, so that a short
    run puts no long one out of a bundle. Tables older than the largest whole one are history.
    """
    folder = folder or resources.files("validation").joinpath("results")
    tables = [_rates(p) for p in sorted(folder.iterdir(), key=lambda p: p.name)
              if p.name.endswith(".csv")]  # fmt: skip
    whole = [t for t in tables if ONLY not in t.attrs["name"]]
    if not whole:
        return None
    largest = max(whole, key=lambda t: (t["n"].sum(), t.attrs["name"]))
    since = [t for t in tables if t.attrs["name"][:DAY] >= largest.attrs["name"][:DAY]]
    best: dict[str, pd.DataFrame] = {}
    for table in since:
        for gate, own in table.groupby("gate", sort=False):
            held = best.get(str(gate))
            if held is None or own["n"].max() >= held["n"].max():
                best[str(gate)] = own
    order = dict.fromkeys([*largest["gate"], *(g for t in since for g in t["gate"])])
    return pd.concat([best[gate] for gate in order], ignore_index=True)


def _rates(path: Traversable) -> pd.DataFrame:
    """Read one table of `make validate`."""
    with path.open("r", encoding="utf-8") as file:
        # a gate is named "null"
        own = pd.read_csv(file, keep_default_na=False, na_values=[""])
    own.attrs["name"] = path.name
    return own if "plan" in own else own.assign(plan=FIRST_PLAN)
