"""Tower programmes: their cited heights and ranges, and how detection falls with range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.parameters import Parameter, load


@dataclass(frozen=True)
class Programme:
    """A procurement of towers of one kind.

    Attributes
    ----------
    name, label
        Key used in the towers table, and words for people.
    height_m, range_m
        Height of the eye above ground and nominal range for a person walking, each with its
        source and with the disagreement between sources as low and high.
    active_from
        Documented interval of the programme's start; None where no source was found. It is not
        given to any tower: towers carry their own dates.
    """

    name: str
    label: str
    height_m: Parameter
    range_m: Parameter
    active_from: Parameter | None


@cache
def programmes() -> Mapping[str, Programme]:
    """Return the programmes of `data/parameters/tower_programmes.yaml` by name.

    Returns
    -------
    mapping of str to Programme
        Height [m], range [m] and first day, each with its source.

    Examples
    --------
    >>> from geo.visibility import programmes
    >>> programmes()["ift"].label
    'Integrated Fixed Towers'
    """
    attributes: dict[str, dict[str, Parameter]] = {}
    for entry in load("tower_programmes").values():
        attributes.setdefault(entry.extra["programme"], {})[entry.extra["attribute"]] = entry
    return MappingProxyType(
        {
            name: Programme(
                name=name,
                label=found["height_m"].extra["label"],
                height_m=found["height_m"],
                range_m=found["range_m"],
                active_from=found.get("active_from"),
            )
            for name, found in attributes.items()
        }
    )


def detection_probability(distance_m: ArrayLike, range_m: float) -> NDArray[np.float64]:
    """Return the probability that a person in view is noticed, falling with distance.

    The target transform probability function of Ratches et al. (1975), built on the criteria of
    Johnson (1958): P = r^E / (1 + r^E) with E = 2.7 + 0.7 r. Here r, the resolvable detail over
    the detail needed for half of the trials, is `range_m` / distance, so P = 1/2 at the nominal
    range.

    Parameters
    ----------
    distance_m
        Distances, m, at least 0.
    range_m
        Nominal range, m.

    Returns
    -------
    array
        Probabilities in [0, 1], of the shape of `distance_m`.

    Examples
    --------
    >>> from geo.visibility import detection_probability
    >>> detection_probability([1_000.0, 12_000.0, 24_000.0], 12_000.0).round(2)
    array([1.  , 0.5 , 0.11])
    """
    known = load("visibility")
    intercept = float(known["detection_exponent_intercept"].value)
    slope = float(known["detection_exponent_slope"].value)
    with np.errstate(divide="ignore"):
        ratio = np.minimum(range_m / np.asarray(distance_m, float), 20.0)
    return np.asarray(1.0 / (1.0 + ratio ** -(intercept + slope * ratio)))
