"""Doses by month, from the spans between the days on which a tower or zone starts or ends.

Between two such days what is covered stays as it is, so a few spans hold every month of a study.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.visibility.activity import activity_days, moments


@dataclass(frozen=True)
class Span:
    """Days [start, end) on which coverage does not change."""

    id: str
    start: date
    end: date


def constant_spans(settled: gpd.GeoDataFrame, years: Sequence[int]) -> tuple[Span, ...]:
    """Cut study years where a tower or zone starts or ends.

    Parameters
    ----------
    settled
        Towers or zones with settled dates (`dated`).
    years
        Study years, in order.

    Returns
    -------
    tuple of Span
        In order of time, without a gap.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> settled = visibility.dated(examples.towers())
    >>> spans = visibility.constant_spans(settled, range(2001, 2013))
    >>> spans[0].start, spans[-1].end
    (datetime.date(2001, 1, 1), datetime.date(2013, 1, 1))
    """
    start, end = activity_days(settled)
    cut = moments([*start, *end], Span("", date(years[0], 1, 1), date(years[-1] + 1, 1, 1)))
    return tuple(
        Span(f"s{n}", first.astype(date), last.astype(date)) for n, (first, last) in enumerate(cut)
    )


def dose_by_month(doses: pd.DataFrame, spans: Sequence[Span], years: Sequence[int]) -> pd.DataFrame:
    """Turn doses of spans into doses of months, by the days that each span has in a month.

    Parameters
    ----------
    doses
        corridor, period (id of a span), dose.
    spans
        From `constant_spans`.
    years
        Study years; every month of them.

    Returns
    -------
    DataFrame
        corridor, year, month, dose (0 to 1).

    Examples
    --------
    >>> from datetime import date
    >>> import pandas as pd
    >>> from geo.visibility import Span, dose_by_month
    >>> spans = [Span("s0", date(2001, 1, 1), date(2001, 1, 16)),
    ...          Span("s1", date(2001, 1, 16), date(2002, 1, 1))]
    >>> doses = pd.DataFrame({"corridor": "A", "period": ["s0", "s1"], "dose": [0.0, 0.31]})
    >>> dose_by_month(doses, spans, [2001])["dose"].round(2).tolist()[:2]
    [0.16, 0.31]
    """
    months = pd.period_range(f"{years[0]}-01", f"{years[-1]}-12", freq="M")
    first = months.start_time.to_numpy("datetime64[D]")
    after = (months + 1).start_time.to_numpy("datetime64[D]")
    starts = np.array([s.start for s in spans], "datetime64[D]")
    ends = np.array([s.end for s in spans], "datetime64[D]")
    shared = np.minimum(ends[:, None], after) - np.maximum(starts[:, None], first)
    days = np.clip(shared.astype(int), 0, None) / (after - first).astype(int)
    wide = doses.pivot_table(index="corridor", columns="period", values="dose", sort=False)
    path = wide[[s.id for s in spans]].to_numpy(float) @ days
    count = len(months)
    return pd.DataFrame(
        {
            "corridor": np.repeat(wide.index.to_numpy(), count),
            "year": np.tile(months.year, len(wide)),
            "month": np.tile(months.month, len(wide)),
            "dose": path.ravel(),
        }
    )
