"""Sweat rate by regression: the ensemble beside predicted heat strain.

Three formulas take the required and the maximal evaporation [W m-2] and return grams of sweat per
square metre and hour. They disagree by about a factor of two, and that spread is part of the
result. `evaporation` gives both from weather and metabolic rate in the classical form.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from geo import parameters
from geo import quantities as q
from geo.climate.weather import Weather
from geo.locomotion.walkers import Walker
from geo.typing import Floats

_P = parameters.load("heat")
_OSE, _OSE_C, _PW = _P["ose"].value, _P["ose_corrected"].value, _P["piecewise"].value
_LATENT = float(_P["latent_heat"].value)
_CLASSIC = _P["classic_skin"].value
_CLO = float(_P["clothing_clo"].value)
_IM = float(_P["moisture_permeability"].value)
MAX_SWEAT_G_H = float(_P["max_sweat"].value)
"""Most sweat a body gives [g h-1]."""
_TORR_PER_KPA = 7.50062
"""Definition: torr of a kilopascal."""


class Evaporation(NamedTuple):
    """Required and maximal evaporation [W m-2]."""

    required: Any
    maximal: Any


def ose(required_w_m2: Any, maximal_w_m2: Any) -> Any:
    r"""Sweat rate of the original equation, which over-predicts; the base of `ose_corrected`.

    Parameters
    ----------
    required_w_m2, maximal_w_m2
        Required and maximal evaporation per body surface [W m-2] (`evaporation`).

    Returns
    -------
    float, ndarray or DataArray
        g m-2 h-1.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Shapiro, Pandolf & Goldman 1982; its excess: Gonzalez et al. 2009.

    $$S = 27.9\,E_{req}\,E_{max}^{-0.455}$$

    Examples
    --------
    >>> from geo.locomotion import sweat
    >>> round(float(sweat.ose(250.0, 400.0)))
    457
    """
    return _rate(_ose, required_w_m2, maximal_w_m2)


def ose_corrected(required_w_m2: Any, maximal_w_m2: Any) -> Any:
    """Sweat rate of the original equation, corrected.

    Parameters
    ----------
    required_w_m2, maximal_w_m2
        Required and maximal evaporation per body surface [W m-2].

    Returns
    -------
    float, ndarray or DataArray
        147 exp(0.0012 OSE) [g m-2 h-1], OSE as `ose` gives it.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Gonzalez et al. 2009.

    Examples
    --------
    >>> from geo.locomotion import sweat
    >>> round(float(sweat.ose_corrected(250.0, 400.0)))
    254
    """
    return _rate(_ose_corrected, required_w_m2, maximal_w_m2)


def piecewise(required_w_m2: Any, maximal_w_m2: Any) -> Any:
    """Sweat rate of the piecewise regression.

    `piecewise_clamped` says where it was held at 0, which happens in hot dry air.

    Parameters
    ----------
    required_w_m2, maximal_w_m2
        Required and maximal evaporation per body surface [W m-2].

    Returns
    -------
    float, ndarray or DataArray
        147 + 1.527 Ereq - 0.87 Emax, not below 0 [g m-2 h-1].

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Gonzalez et al. 2009.

    Examples
    --------
    >>> from geo.locomotion import sweat
    >>> round(float(sweat.piecewise(250.0, 400.0)))
    181
    """
    return _rate(lambda r, m: np.maximum(_piecewise(r, m), 0.0), required_w_m2, maximal_w_m2)


def piecewise_clamped(required_w_m2: Any, maximal_w_m2: Any) -> Any:
    """Say where `piecewise` is negative and so held at 0.

    Parameters
    ----------
    required_w_m2, maximal_w_m2
        Required and maximal evaporation per body surface [W m-2].

    Returns
    -------
    bool, ndarray or DataArray
        Of the broadcast shape.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Examples
    --------
    >>> from geo.locomotion import sweat
    >>> bool(sweat.piecewise_clamped(250.0, 900.0))
    True
    """
    values = (q.FLUX.check(required_w_m2), q.FLUX.check(maximal_w_m2))
    return q.apply(lambda r, m: np.asarray(_piecewise(r, m) < 0, float), *values, unit="1") > 0


def heat_balance(required_w_m2: Any, maximal_w_m2: Any) -> Any:
    """Least sweat that carries the required heat away.

    A lower bound where evaporation can meet the requirement; where it cannot, the bound is that of
    the maximal evaporation.

    Parameters
    ----------
    required_w_m2, maximal_w_m2
        Required and maximal evaporation per body surface [W m-2].

    Returns
    -------
    float, ndarray or DataArray
        Ereq over the latent heat of sweat, 0.675 Wh/g [g m-2 h-1].

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Examples
    --------
    >>> from geo.locomotion import sweat
    >>> round(float(sweat.heat_balance(250.0, 400.0)))
    370
    """
    return _rate(
        lambda r, m: np.clip(np.minimum(r, m), 0.0, None) / _LATENT, required_w_m2, maximal_w_m2
    )


ENSEMBLE = {"ose_corrected": ose_corrected, "piecewise": piecewise, "heat_balance": heat_balance}
"""Members beside predicted heat strain."""


def evaporation(weather: Weather, metabolic_w_m2: Any, clothing_clo: float = _CLO) -> Evaporation:
    """Compute required and maximal evaporation in the classical form.

    Parameters
    ----------
    weather
        Its mean of air and radiant temperature stands for the operative temperature.
    metabolic_w_m2
        Metabolic rate per body surface [W m-2]; external work is taken as zero.
    clothing_clo
        Total insulation.

    Returns
    -------
    Evaporation
        Required (at least 0) and maximal (at least 1) evaporation [W m-2].

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Ereq = M + 6.45/clo (To - 36), Emax = 14.21 im/clo (44 - Pa), Pa in Torr (Givoni & Goldman
    1972, as used by Gonzalez et al. 2009). Air movement is inside the insulation, which therefore
    is that of a walker in still air; predicted heat strain resolves it.

    Examples
    --------
    >>> from geo import climate
    >>> from geo.locomotion import sweat
    >>> weather = climate.at_heights(climate.summer_mean(climate.synthetic()), [800.0])
    >>> [v.round() for v in sweat.evaporation(weather, 250.0)]
    [array([411.]), array([296.])]
    """
    air, radiant, vapour, _ = weather.checked()
    rate = q.METABOLIC.check(metabolic_w_m2)
    c = _CLASSIC

    def required(air: Floats, radiant: Floats, rate: Floats) -> Floats:
        dry = c["insulation"] / clothing_clo * (0.5 * (air + radiant) - c["skin_c"])
        return np.asarray(np.maximum(rate + dry, 0.0))

    def maximal(vapour: Floats) -> Floats:
        gap = c["skin_torr"] - vapour * _TORR_PER_KPA
        return np.asarray(np.maximum(c["evaporation"] * _IM / clothing_clo * gap, 1.0))

    return Evaporation(
        q.apply(required, air, radiant, rate, unit="W m-2", name="required_evaporation"),
        q.apply(maximal, vapour, unit="W m-2", name="maximal_evaporation"),
    )


def water_loss(rate_g_m2_h: Any, walker: Walker, hours: float) -> Any:
    """Sweat of a body over hours, at most `MAX_SWEAT_G_H` an hour.

    Parameters
    ----------
    rate_g_m2_h
        Sweat rate per body surface [g m-2 h-1], any shape.
    walker
        Sets body surface.
    hours
        Length of the walk [h].

    Returns
    -------
    float, ndarray or DataArray
        g, of the shape of the rate.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.locomotion import sweat
    >>> round(float(sweat.water_loss(300.0, examples.walker(), 8.0)))
    4523
    """
    if isinstance(rate_g_m2_h, xr.DataArray):
        hourly = (rate_g_m2_h * walker.surface_m2).clip(max=MAX_SWEAT_G_H)
        return q.label(hourly * hours, "water_loss", "g")
    return np.minimum(np.asarray(rate_g_m2_h) * walker.surface_m2, MAX_SWEAT_G_H) * hours


def _rate(kernel: Any, required: Any, maximal: Any) -> Any:
    values = (q.FLUX.check(required), q.FLUX.check(maximal))
    return q.apply(kernel, *values, unit="g m-2 h-1", name="sweat_rate")


def _ose(required: Floats, maximal: Floats) -> Floats:
    return np.asarray(
        _OSE["factor"] * np.maximum(required, 0.0) * np.maximum(maximal, 1.0) ** _OSE["power"]
    )


def _ose_corrected(required: Floats, maximal: Floats) -> Floats:
    return np.asarray(_OSE_C["factor"] * np.exp(_OSE_C["rate"] * _ose(required, maximal)))


def _piecewise(required: Floats, maximal: Floats) -> Floats:
    return np.asarray(_PW["constant"] + _PW["required"] * required + _PW["maximal"] * maximal)
