"""Real records, where their folder is named: series, class counts, a known coefficient."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.inference.estimation.fixed_effects import Design
from geo.inference.estimation.poisson import fit
from geo.inference.panel.ground import study_years
from geo.sources import read

pytestmark = pytest.mark.real

CALENDAR = {2000: 75, 2001: 79, 2002: 151, 2003: 164, 2004: 186, 2005: 203, 2006: 174, 2007: 221,
            2008: 166, 2009: 197, 2010: 224, 2011: 182, 2012: 163, 2013: 184, 2014: 140, 2015: 147,
            2016: 164, 2017: 124, 2018: 128, 2019: 144, 2020: 223, 2021: 225, 2022: 173, 2023: 200,
            2024: 129}  # fmt: skip
FISCAL = {2000: 72, 2001: 76, 2002: 147, 2003: 153, 2004: 188, 2005: 204, 2006: 175, 2007: 214,
          2008: 164, 2009: 189, 2010: 224, 2011: 177, 2012: 176, 2013: 196, 2014: 131, 2015: 149,
          2016: 152, 2017: 144, 2018: 125, 2019: 133, 2020: 211, 2021: 237, 2022: 182, 2023: 186,
          2024: 166}  # fmt: skip
PRECISION = {"gps": 3065, "address": 98, "directions": 605, "vague": 463, "moved": 36, "none": 33}
PMI = {"day": 1175, "week": 466, "3-weeks": 274, "5-weeks": 373, "3-months": 345, "8-months": 391,
       "longer": 949, "unknown": 327}  # fmt: skip


@pytest.fixture(scope="module")
def deaths(real_data):
    path = real_data / "deaths" / "ogis_migrant_deaths_2024-10.csv"
    return read(path, role="deaths", source_id="ogis").records


def test_yearly_series(deaths):
    found = pd.to_datetime(deaths["found_on"])
    calendar = pd.Series(study_years(deaths["found_on"])).value_counts()
    fiscal = (found + pd.DateOffset(months=3)).dt.year.value_counts()
    assert {y: int(calendar[y]) for y in CALENDAR} == CALENDAR
    assert {y: int(fiscal[y]) for y in FISCAL} == FISCAL
    assert fiscal.loc[range(2015, 2020)].sum() == pytest.approx(699, rel=0.01)  # GAO-22-105053


def test_class_counts(deaths):
    """Placeholder places at the examiners' offices leave the class that they were given."""
    precision = deaths["precision_class"].value_counts()
    moved = int(precision.get("placeholder", 0))
    assert sum(abs(int(precision.get(k, 0)) - n) for k, n in PRECISION.items()) <= moved
    pmi = deaths["pmi_class"].value_counts()
    assert {k: int(pmi[k]) for k in PMI} == PMI


def test_cell_panel_coefficient(real_data):
    """Post x danger with cell and sector-by-period effects: 0.309, as any Poisson fit gives."""
    rows = pd.read_csv(real_data / "aggregates" / "bansak_panel_data.csv")
    rows = rows[rows.groupby("cell_id")["deaths"].transform("sum") > 0]
    cells, unit = np.unique(rows["cell_id"], return_inverse=True)
    period = 2 * rows["sector"].astype("category").cat.codes + rows["Post"].astype(int)
    index = (unit, np.zeros(len(rows), int), period.to_numpy())
    y, x = np.zeros((len(cells), 1, 4)), np.zeros((1, len(cells), 1, 4))
    inside = np.full(y.shape, -np.inf)
    y[index], x[0][index], inside[index] = rows["deaths"], rows["Post_x_Di"], 0.0
    found = fit(Design(y, x, np.zeros(1, int), condition=False, offset=inside))
    assert found.beta[0] == pytest.approx(0.3091, abs=1e-4)
