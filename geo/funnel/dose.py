"""Dose of each corridor: the share of its modelled movement before towers that they then saw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo.errors import ContractError
from geo.grid import same_grid
from geo.strips import rows_of, strips

Floats = NDArray[np.float64]


def dose(
    in_view: xr.DataArray, weight: xr.DataArray | None, corridors: xr.DataArray
) -> pd.DataFrame:
    """Return the share of each corridor that towers had in view, period by period.

    Parameters
    ----------
    in_view
        (period, y, x) share of the period on which an active tower had the cell in view, 0 to 1.
        The leading dimension may have any name; its coordinate names the periods.
    weight
        (y, x) route density before the first tower; None where no route model is validated.
    corridors
        (y, x) labels (`corridor_labels`).

    Returns
    -------
    DataFrame
        corridor, the leading dimension's name, area_share (share of the land in view) and dose
        (share of the route density in view; equal to area_share without `weight`, and where a
        corridor has no route density), each 0 to 1; corridors in the order of the labels.

    Raises
    ------
    ContractError
        If `in_view` has no leading dimension or the labels carry no names.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> table = funnel.dose(examples.in_view(), None, examples.labels())
    >>> table[table["year"] == 2012].round(2).values.tolist()
    [['West', 2012, 0.0, 0.0], ['East', 2012, 0.7, 0.7]]
    """
    if in_view.ndim != 3 or "names" not in corridors.attrs:
        raise ContractError("dose takes in_view (period, y, x) and labels with names; give those")
    same_grid(in_view, corridors, *([weight] if weight is not None else []))
    names = list(corridors.attrs["names"])
    axis = str(in_view.dims[0])
    area, route = np.zeros((2, len(names)))
    seen, routed = np.zeros((2, in_view.shape[0], len(names)))
    for rows in strips(corridors.shape[0], corridors.shape[1]):
        label = corridors.values[rows].ravel()
        inside = label >= 0
        label = label[inside]

        def summed(weights: Floats, label: NDArray[np.int16] = label) -> NDArray[Any]:
            return np.bincount(label, weights=weights, minlength=len(names))

        def known(
            raster: xr.DataArray, rows: slice = rows, inside: NDArray[np.bool_] = inside
        ) -> Floats:
            here: Floats = np.nan_to_num(rows_of(raster, rows).astype(np.float64))
            return here.ravel()[inside]

        mass = np.ones(label.size) if weight is None else known(weight)
        area += summed(np.ones(label.size))
        route += summed(mass)
        for number in range(in_view.shape[0]):
            view = known(in_view[number])
            seen[number] += summed(view)
            routed[number] += summed(view * mass)
    parts = []
    for number, period in enumerate(in_view[axis].values):
        share = _ratio(seen[number], area)
        parts.append(
            pd.DataFrame(
                {
                    "corridor": names,
                    axis: period,
                    "area_share": share,
                    "dose": np.where(route > 0, _ratio(routed[number], route), share),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    return np.asarray(part / np.where(whole > 0, whole, 1.0))
