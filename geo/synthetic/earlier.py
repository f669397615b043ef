"""The death file as it stood years before: what was revised since, made up at the real rates."""

from __future__ import annotations

import pandas as pd

from geo.study import stream
from geo.synthetic.death_file import Row, as_csv, whole_rows
from geo.synthetic.deaths import last_day
from geo.synthetic.ground_truth import GroundTruth

YEARS_BEFORE = 4
"""Made up: how much older the earlier state of the records is."""
LATE, GONE, MOVED, RECLASSIFIED = 127 / 3_627, 148 / 3_627, 6 / 3_627, 7 / 3_627
"""Made up: shares of a vintage's rows that came late, are gone, moved or changed class since.

Counted by key between the states of February 2021 and October 2024 of the Arizona OpenGIS
Initiative for Deceased Migrants (3,627 rows in the earlier).
"""
SHIFT_DEG = 0.01
"""Made up: how far a corrected place moves."""


def earlier_csv(world: GroundTruth) -> bytes:
    """Return the death file of a world as it stood four years before its last report."""
    rng = stream(world.study.seed, "synthetic vintage")
    whole = whole_rows(world, stream(world.study.seed, "synthetic ledger"))
    day = f"{last_day(world) - pd.DateOffset(years=YEARS_BEFORE):%Y-%m-%d}"
    rows = [r for r in whole if r["Reporting Date"] <= day]
    chance = rng.random((4, len(rows)))
    out: list[Row] = []
    for row, (late, gone, moved, other) in zip(rows, chance.T, strict=True):
        if late >= LATE:
            was = _before(row, moved=moved < MOVED, reclassified=other < RECLASSIFIED)
            out.append(was)
        if gone < GONE:
            out.append({**row, "ML Number": f"SV-{len(out):05d}", "Name": "Unidentified"})
    return as_csv(out)


def _before(row: Row, *, moved: bool, reclassified: bool) -> Row:
    was = dict(row)
    if moved:
        # the second position of the layout follows the first, or the two would contradict
        was |= {"Latitude": f"{float(row['Latitude']) + SHIFT_DEG:.6f}", "UTM X": "", "UTM Y": ""}
    if reclassified:
        was["Cause of Death"] = "Undetermined"
    return was
