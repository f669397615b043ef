"""Walking speed on a slope.

Every function takes the signed grade (rise over run, uphill positive) and returns metres per second
along the ground. Constants and sources: `data/parameters/locomotion.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo import quantities as q
from geo.errors import UnitsError
from geo.locomotion import _speed


def tobler(grade: Any) -> Any:
    r"""Speed on a path.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Tobler 1993:

    $$v = 6\,e^{-3.5\,|s + 0.05|}\ \text{km/h}$$

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> (speed.tobler([-0.05, 0.0, 0.3]) * 3.6).round(2)
    array([6.  , 5.04, 1.76])
    """
    return q.apply(_speed.tobler, q.GRADE.check(grade), unit="m s-1", name="speed")


def tobler_off_path(grade: Any) -> Any:
    """Tobler's speed off path: 0.6 times that on a path.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Tobler 1993.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> round(float(speed.tobler_off_path(-0.05)) * 3.6, 2)
    3.6
    """
    return q.apply(_speed.tobler_off_path, q.GRADE.check(grade), unit="m s-1", name="speed")


def irmischer_clarke_on_path(grade: Any) -> Any:
    """Speed on a path.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Irmischer & Clarke 2018.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.irmischer_clarke_on_path([0.0, 0.3]).round(2)
    array([1.1 , 0.62])
    """
    return q.apply(_speed.irmischer_on, q.GRADE.check(grade), unit="m s-1", name="speed")


def irmischer_clarke_off_path(grade: Any) -> Any:
    """Speed off path, as measured in wooded navigation.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Irmischer & Clarke 2018.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.irmischer_clarke_off_path([0.0, 0.3]).round(2)
    array([0.78, 0.49])
    """
    return q.apply(_speed.irmischer_off, q.GRADE.check(grade), unit="m s-1", name="speed")


def campbell(grade: Any, percentile: int = 25) -> Any:
    """Speed of a percentile of 30,000 people on foot, in m s-1.

    Parameters
    ----------
    grade
        Signed rise over run; held beyond +-30 degrees.
    percentile
        1, 5, 10, ... 95, 99. The median jogs; walkers are at or below 25.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the percentile is not tabulated.

    Notes
    -----
    Campbell et al. 2019, Applied Geography 106:93-107, Lorentz form.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.campbell([-0.2, 0.0, 0.2]).round(2)
    array([1.28, 1.9 , 0.99])
    """
    return _lorentz_public(grade, _speed.CAMPBELL, percentile)


def sullivan(grade: Any, percentile: int = 50) -> Any:
    """Speed of wildland fire crews with packs.

    Parameters
    ----------
    grade
        Signed rise over run [1]; held beyond +-30 degrees.
    percentile
        17, 50 or 83.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the percentile is not tabulated.

    Notes
    -----
    Sullivan et al. 2020, in the Lorentz form of Campbell et al. 2019.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.sullivan([0.0, 0.2]).round(2)
    array([1.38, 1.03])
    """
    return _lorentz_public(grade, _speed.SULLIVAN, percentile)


def levan_off_trail(grade: Any) -> Any:
    """Speed off trail in juniper and sagebrush.

    Parameters
    ----------
    grade
        Signed rise over run [1]; held beyond +-30 degrees, where it would soon turn negative.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Quadratic in the slope angle; Campbell, Dennison et al., as registered in `data/parameters`.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.levan_off_trail([0.0, 0.2]).round(2)
    array([1.66, 1.46])
    """
    return q.apply(_speed.levan, q.GRADE.check(grade), unit="m s-1", name="speed")


def langmuir_pace(grade: Any) -> Any:
    """Seconds per metre of horizontal distance.

    Jumps at -5 and -12 degrees, so it is here for comparison and in no table of costs.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        s m-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Naismith-Langmuir, as in GRASS r.walk.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.langmuir_pace([-0.15, 0.0, 0.2]).round(2)
    array([0.42, 0.72, 1.92])
    """
    return q.apply(_speed.langmuir, q.GRADE.check(grade), unit="s m-1", name="pace")


def _lorentz_public(grade: Any, table: Mapping[str, list[float]], percentile: int) -> Any:
    try:
        coefficients = table[str(int(percentile))]
    except KeyError as error:
        raise UnitsError(
            f"percentile {percentile} is not tabulated; use one of {', '.join(table)}"
        ) from error
    checked = q.GRADE.check(grade)
    return q.apply(
        lambda s: _speed.lorentz(s, tuple(coefficients)), checked, unit="m s-1", name="speed"
    )
