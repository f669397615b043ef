"""Record systems: who records the dead of which ground and years, and who comes first there.

Two systems that record the same people are never added. A study says of each series which system
it is, its area and years; a record counts in its own system's area and years alone, and not where
a system that stands earlier in the study answers for the same ground and day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.date_intervals import interval
from geo.errors import Problem
from geo.parameters import load
from geo.sources.fitting import CLAIMED, ELSEWHERE
from geo.study import Source, Study

NO_AREA = 'area = [west, south, east, north] and years = "2000/2024"'


@dataclass(frozen=True)
class RecordSystem:
    """One record system of a study.

    Attributes
    ----------
    source_id
        Series that holds its records.
    name
        Name of the system.
    area
        West, south, east, north, degrees; None where it is the only one.
    first, last
        First and last day it answers for; None for an open end.
    """

    source_id: str
    name: str
    area: tuple[float, float, float, float] | None
    first: date | None
    last: date | None

    def answers_for(self, deaths: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        """Return which records lie on its ground and in its years; undated ones by ground alone."""
        x, y = deaths.geometry.x.to_numpy(float), deaths.geometry.y.to_numpy(float)
        day = deaths["found_on"]
        inside = np.ones(len(deaths), bool)
        if self.area is not None:
            west, south, east, north = self.area
            with np.errstate(invalid="ignore"):
                inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        if self.first is not None:
            inside &= ~(day < pd.Timestamp(self.first)).to_numpy(bool)
        if self.last is not None:
            inside &= ~(day > pd.Timestamp(self.last)).to_numpy(bool)
        return np.asarray(inside, bool)


def systems_of(study: Study) -> tuple[RecordSystem, ...]:
    """Return the record systems of a study, in the order in which they decide.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    tuple of RecordSystem
        One for each series of deaths that states a system; empty where none does.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.systems_of(examples.made_up_study())
    ()
    """
    found = []
    for source in study.sources:
        if source.role != "deaths" or source.system is None:
            continue
        first, last = (
            (None, None) if source.years is None else interval(source.years) or (None,) * 2
        )
        found.append(RecordSystem(source.id, source.system, source.area, first, last))
    return tuple(found)


def divide(
    deaths: gpd.GeoDataFrame, source_id: str, systems: Sequence[RecordSystem]
) -> gpd.GeoDataFrame:
    """Leave out records that the series's own system does not answer for, or an earlier one does.

    Parameters
    ----------
    deaths
        Contract `deaths` from `fit`.
    source_id
        The series.
    systems
        From `systems_of`.

    Returns
    -------
    GeoDataFrame
        The same rows; those that were used and are not now have a reason.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.divide(examples.deaths(), "own", ()).shape == examples.deaths().shape
    True
    """
    place = next((n for n, s in enumerate(systems) if s.source_id == source_id), None)
    if place is None:
        return deaths
    out = deaths.copy()
    reason = out["exclusion_reason"].astype(object)
    used = reason.isna().to_numpy(bool)
    elsewhere = used & ~systems[place].answers_for(out)
    claimed = np.zeros(len(out), bool)
    for earlier in systems[:place]:
        claimed |= earlier.answers_for(out)
    reason[elsewhere] = ELSEWHERE
    reason[used & ~elsewhere & claimed] = CLAIMED
    out["exclusion_reason"] = reason.astype("str")
    return out


def undeclared(study: Study) -> list[Problem]:
    """Return what is wrong with how a study declares its record systems.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    list of Problem
        A series without a system beside others that have one, and a system of several without
        area or years.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.undeclared(examples.made_up_study())
    []
    """
    deaths = [s for s in study.sources if s.role == "deaths"]
    if len(deaths) < 2 or all(s.system is None for s in deaths):
        return []
    return [_undeclared(s) for s in deaths if None in (s.system, s.area, s.years)]


def _undeclared(source: Source) -> Problem:
    lacking = [n for n in ("system", "area", "years") if getattr(source, n) is None]
    what = (
        f"the record system {source.system or 'of these records'} states no {', no '.join(lacking)}"
    )
    remedy = f'Say under this source system = "name", {NO_AREA}: who comes first is decided by them'
    return Problem(source.id, what, remedy, field=lacking[0])


def series_notes(deaths: gpd.GeoDataFrame, name: str, last: date | None) -> list[str]:
    """Say where a series stops within a year, and where recording changed at once.

    Parameters
    ----------
    deaths
        Contract `deaths`: the rows that its own system answers for.
    name
        The series.
    last
        Last day that its system answers for, or None.

    Returns
    -------
    list of str
        Sentences; a change is a year with more than `recording_change` times the records of the
        year before, or fewer than its inverse, where the larger has `recording_least` or more.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.series_notes(examples.deaths(), "own", None)[0][:26]
    'own: its last record is of'
    """
    days = deaths["found_on"].dropna()
    if days.empty:
        return []
    said = []
    end = days.max()
    patience = float(load("recorded_deaths")["series_gap_days"].value)
    until = pd.Timestamp(last or date(end.year, 12, 31))
    if (until - end).days > patience:
        said.append(
            f"{name}: its last record is of {end:%Y-%m}, before {until:%Y-%m-%d}: what it holds of "
            "that year may be a part. End its years there."
        )
    whole = days[days.dt.year < end.year].dt.year.value_counts().sort_index()
    by_year = whole.reindex(range(int(days.min().year), int(end.year)), fill_value=0)
    times, least = (
        float(load("recorded_deaths")[n].value) for n in ("recording_change", "recording_least")
    )
    for before, year in zip(by_year.index[:-1], by_year.index[1:], strict=True):
        small, large = sorted((int(by_year[before]), int(by_year[year])))
        if large >= least and large > times * max(small, 1):
            way = "more" if by_year[year] == large else "fewer"
            said.append(
                f"{name}: many {way} records in {year} than in {before}: recording may have "
                "changed. Begin or end its years there, or say why it is real."
            )
    return said
