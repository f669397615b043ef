"""Which tiles of a product cover an area, and what they are called.

Products name a tile by different corners: Copernicus and SRTM by the south-west one, USGS 3DEP by
the north-west one, WorldCover by the south-west one on multiples of three degrees.
"""

from __future__ import annotations

import math

from geo.errors import GridError


def _hemispheres(lat: int, lon: int) -> tuple[str, str]:
    return ("N" if lat >= 0 else "S", "E" if lon >= 0 else "W")


def _copernicus(lat: int, lon: int) -> str:
    ns, ew = _hemispheres(lat, lon)
    return f"{ns}{abs(lat):02d}_00_{ew}{abs(lon):03d}_00"


def _srtm(lat: int, lon: int) -> str:
    ns, ew = _hemispheres(lat, lon)
    return f"{ns}{abs(lat):02d}{ew}{abs(lon):03d}"


def _usgs(lat: int, lon: int) -> str:
    north = lat + 1
    ns, ew = _hemispheres(north, lon)
    return f"{ns}{abs(north):02d}{ew}{abs(lon):03d}".lower()


NAMES = {"copernicus": _copernicus, "srtm": _srtm, "3dep": _usgs, "worldcover": _srtm}
STEPS = {"copernicus": 1, "srtm": 1, "3dep": 1, "worldcover": 3}
"""Definition: degrees along the side of a tile."""


def tiles_for(
    product: str, bounds_lonlat: tuple[float, float, float, float]
) -> list[tuple[str, int, int]]:
    """List the tiles of a product that an area touches.

    Parameters
    ----------
    product
        "copernicus", "srtm", "3dep" or "worldcover".
    bounds_lonlat
        West, south, east, north, degrees.

    Returns
    -------
    list of (name, south, west)
        Name as the publisher writes it, and the tile's south-west corner in whole degrees; from
        south-west to north-east.

    Raises
    ------
    GridError
        If the product is unknown.

    Examples
    --------
    >>> from geo.terrain import tiles_for
    >>> tiles_for("srtm", (-111.2, 31.5, -110.9, 31.9))
    [('N31W112', 31, -112), ('N31W111', 31, -111)]
    """
    if product not in NAMES:
        raise GridError(f"no tiles of {product!r} are known; use one of {', '.join(sorted(NAMES))}")
    west, south, east, north = bounds_lonlat
    step = STEPS[product]

    def corners(low: float, high: float) -> range:
        # whole degrees first: a subnormal latitude divided by the step is zero and loses its sign
        first = math.floor(low) // step * step
        return range(first, max(first + 1, -(-math.ceil(high) // step) * step), step)

    return [
        (NAMES[product](lat, lon), lat, lon)
        for lat in corners(south, north)
        for lon in corners(west, east)
    ]
