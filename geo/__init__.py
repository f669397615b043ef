"""The science of the funnel effect: pure functions on rasters and tables.

Nothing here opens a socket, starts a cluster, chooses a path, or reads the clock or the
environment; `flows` does that and calls this package. Rooms are imported when they are first
asked for, so that `import geo` costs nothing.

>>> import geo
>>> land = geo.open_elevation("dem.tif")                             # doctest: +SKIP
>>> seen = land.funnel.viewshed(-111.5, 31.6, height_m=25)           # doctest: +SKIP
>>> cost = land.funnel.cost_from([(-111.5, 31.5)], walker="adult-light")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

ROOMS = (
    "climate",
    "evidence",
    "funnel",
    "grid",
    "hardship",
    "inference",
    "leastcost",
    "locomotion",
    "records",
    "sources",
    "study",
    "synthetic",
    "terrain",
    "visibility",
)

__all__ = ["open_elevation", *ROOMS]  # noqa: PLE0604 - names of modules, resolved below


def open_elevation(*args: Any, **choices: Any) -> Any:
    """Open a raster of heights on a metric grid.

    Parameters
    ----------
    *args, **choices
        As `geo.accessor.open_elevation` takes them: the path, then `resolution_m` and `crs`.

    Returns
    -------
    DataArray
        (y, x) heights [m] in a projected CRS, with the accessor `.funnel`.

    Raises
    ------
    LayoutError, MissingInputError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geo
    >>> from geo import examples
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> geo.open_elevation(str(path)).attrs["units"]
    'm'
    """
    return import_module("geo.accessor").open_elevation(*args, **choices)


def __getattr__(name: str) -> Any:
    """Import a room when it is first asked for (PEP 562)."""
    if name in ROOMS:
        return import_module(f"geo.{name}")
    raise AttributeError(f"module 'geo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
