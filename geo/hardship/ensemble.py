"""What models and weights do to hardship: the range over members, the stated composite."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import xarray as xr

from geo.errors import StudyError
from geo.grid import same_grid
from geo.hardship.components import COMPONENTS


def spread(members: Mapping[str, xr.Dataset], central: str) -> xr.Dataset:
    """Put the range over an ensemble beside its central member.

    Parameters
    ----------
    members
        Components by model or scenario, all on one grid.
    central
        The member that is reported; its variables keep their names.

    Returns
    -------
    xr.Dataset
        Each component, and `<component>_low` and `<component>_high` over the members that have
        it; `attrs["members"]` names them.

    Raises
    ------
    StudyError
        If the central member is not there.

    Examples
    --------
    >>> from geo import examples, hardship
    >>> near = hardship.components(examples.walker(), hours_to_road=examples.remoteness())
    >>> far = near.assign(hours_to_road=(near["hours_to_road"] * 2).assign_attrs(units="h"))
    >>> found = hardship.spread({"near": near, "far": far}, "near")
    >>> float(found["hours_to_road_high"].max()), found.attrs["members"]
    (2.75, 'far near')
    """
    if central not in members:
        raise StudyError(f"ensemble has no member {central!r}; choose from {', '.join(members)}")
    result = members[central].copy()
    for name in map(str, members[central].data_vars):
        with_it = [m[name] for m in members.values() if name in m]
        same_grid(*with_it)
        stack = xr.concat(with_it, dim="member", coords="minimal", compat="override")
        for bound, reduced in (("low", stack.min("member")), ("high", stack.max("member"))):
            reduced.attrs = dict(members[central][name].attrs)
            result[f"{name}_{bound}"] = reduced
    result.attrs["members"] = " ".join(sorted(members))
    return result


def composite(dataset: xr.Dataset, weights: Mapping[str, float]) -> xr.Dataset:
    """Weighted sum of the ranks of components, never without what its weights do to it.

    Parameters
    ----------
    dataset
        Components.
    weights
        Positive weight by component; they are divided by their sum.

    Returns
    -------
    xr.Dataset
        The components, `composite` [1, 0 easiest to 1 hardest cell], and `composite_low` and
        `composite_high`: its range when each component in turn is left out.

    Raises
    ------
    StudyError
        If fewer than two weights are given, one is not positive or names no component.

    Examples
    --------
    >>> from geo import examples, hardship, terrain
    >>> hours, land = examples.remoteness(), examples.elevation()
    >>> effort = hardship.effort(terrain.slope(land), examples.energy().table)
    >>> parts = hardship.components(examples.walker(), effort=effort, hours_to_road=hours)
    >>> found = hardship.composite(parts, {"effort": 1.0, "hours_to_road": 1.0})
    >>> float(found["composite"].max().round(2)), float(found["composite_low"].max().round(2))
    (0.81, 0.71)
    """
    unknown = [k for k in weights if k not in dataset or k not in COMPONENTS]
    if unknown or len(weights) < 2 or min(weights.values()) <= 0:
        raise StudyError(
            f"composite takes two or more positive weights of components present, got "
            f"{dict(weights)}; choose from {', '.join(map(str, dataset.data_vars))}"
        )
    ranks = {k: _rank(dataset[k], COMPONENTS[k].more_is_harder) for k in weights}

    def weighted(names: list[str]) -> xr.DataArray:
        total = sum(weights[k] for k in names)
        parts = [ranks[k] * (weights[k] / total) for k in names]
        return sum(parts[1:], start=parts[0])

    names = list(weights)
    left_out = [weighted([k for k in names if k != gone]) for gone in names]
    stack = xr.concat(left_out, dim="left_out", coords="minimal", compat="override")
    stated = " + ".join(f"{weights[k] / sum(weights.values()):.3g} {k}" for k in names)
    result = dataset.copy()
    for name, values in (
        ("composite", weighted(names)),
        ("composite_low", stack.min("left_out")),
        ("composite_high", stack.max("left_out")),
    ):
        long_name = f"Weighted sum of ranks: {stated}"
        values.attrs = {"units": "1", "long_name": long_name, "grid_mapping": "spatial_ref"}
        result[name] = values
    return result


def _rank(raster: xr.DataArray, more_is_harder: bool) -> xr.DataArray:  # noqa: FBT001 one of two directions
    values = raster.to_numpy().astype(float)
    flat = pd.Series(values.ravel()).rank(pct=True, ascending=more_is_harder)
    return raster.copy(data=flat.to_numpy().reshape(values.shape))
