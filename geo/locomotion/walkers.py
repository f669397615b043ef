"""Walkers: named scenarios of body and load.

A walker is an assumption to vary, not a description of anybody; none is defined by nationality or
race. Values and sources: `data/parameters/walkers.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo import parameters
from geo import quantities as q
from geo.errors import StudyError
from geo.parameters import load

_ADULT_KG = float(load("heat")["adult_mass_kg"].value)
"""Heat equations were fitted to adults; a lighter walker is an extrapolation."""


@dataclass(frozen=True)
class Walker:
    """Body and load.

    Attributes
    ----------
    name
        Name of the scenario.
    mass_kg, height_m
        Body mass and height.
    load_kg
        Everything carried, water included, at the start.
    water_l
        Water carried at the start.
    acclimatised
        Whether used to work in the heat.
    """

    name: str
    mass_kg: float
    height_m: float
    load_kg: float
    water_l: float
    acclimatised: bool

    def __post_init__(self) -> None:
        q.MASS.check(self.mass_kg)
        q.LOAD.check(self.load_kg)
        if self.water_l > self.load_kg:
            raise StudyError(
                f"walker {self.name}: {self.water_l} L of water weigh more than the whole load of "
                f"{self.load_kg} kg; raise load_kg, which includes water"
            )

    @property
    def surface_m2(self) -> float:
        """Body surface, 0.202 m^0.425 h^0.725 [m2] (DuBois & DuBois 1916)."""
        return float(0.202 * self.mass_kg**0.425 * self.height_m**0.725)

    @property
    def body(self) -> tuple[float, float, bool]:
        """Mass, height and acclimatisation: all that heat strain knows of a walker."""
        return self.mass_kg, self.height_m, self.acclimatised

    @property
    def is_extrapolated(self) -> bool:
        """Whether heat equations, fitted to adults, are extrapolated to this body."""
        return self.mass_kg < _ADULT_KG


def walker(name: str) -> Walker:
    """Return a walker of `data/parameters/walkers.yaml`.

    Parameters
    ----------
    name
        Name of the scenario of body and load.

    Returns
    -------
    Walker
        Mass and load [kg], height [m], water carried [L].

    Raises
    ------
    StudyError
        If there is none of this name; it lists those there are.

    Notes
    -----
    Reference body mass and height of ICRP Publication 89 (2002); what is carried is assumed.

    Examples
    --------
    >>> from geo.locomotion import walker
    >>> walker("adult").mass_kg, walker("adult").load_kg
    (73.0, 10.6)
    """
    known = parameters.load("walkers")
    if name not in known:
        raise StudyError(f"walker {name!r} is unknown; use one of {', '.join(known)}")
    return Walker(name=name, **known[name].value)


def walkers() -> tuple[Walker, ...]:
    """Return all named walkers.

    Returns
    -------
    tuple of Walker
        In the order of `data/parameters/walkers.yaml`.

    Examples
    --------
    >>> from geo.locomotion import walkers
    >>> [w.name for w in walkers()][:3]
    ['adult', 'adult-small', 'adult-unacclimatised']
    """
    return tuple(walker(name) for name in parameters.load("walkers"))
