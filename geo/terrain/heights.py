"""What a raster's numbers are: heights, in which unit, on which scale; or no heights at all."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import CRS
from rasterio.enums import ColorInterp

from geo.errors import LayoutError

FOOT_M = 0.3048
"""Definition: metres of an international foot."""
US_FOOT_M = 1200 / 3937
"""Definition: metres of a US survey foot."""
UNITS = {
    **dict.fromkeys(("", "m", "metre", "meter", "metres", "meters", "metros"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "international feet"), FOOT_M),
    **dict.fromkeys(("us survey foot", "us survey feet", "us foot", "us feet", "us ft", "ftus",
                     "survey foot", "survey feet", "foot us", "feet us", "us survey feet ft",
                     "us survey foot ft"), US_FOOT_M),
    **dict.fromkeys(("dm", "decimetre", "decimeter", "decimetres", "decimeters"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimeter", "centimetres", "centimeters"), 0.01),
    **dict.fromkeys(("mm", "millimetre", "millimeter", "millimetres", "millimeters"), 0.001),
    **dict.fromkeys(("km", "kilometre", "kilometer", "kilometres", "kilometers"), 1000.0),
    **dict.fromkeys(("yd", "yard", "yards"), 3 * FOOT_M),
}  # fmt: skip
"""Definition: metres in the units that rasters of heights state."""
TAGS = ("UNITS", "units", "UNIT", "unit", "UNITTYPE", "Z_UNITS", "VERTICAL_UNITS", "vertical_units")
"""Tags in which programs write a unit beside the band's own field for it."""
IN_WORDS = re.compile(
    r"\b(us survey f(?:ee|oo)t|f(?:ee|oo)t|ft|decimet(?:re|er)s?|dm|centimet(?:re|er)s?|cm)\b"
)
"""Units other than metres in the words of a band's description."""
BESIDE = {ColorInterp.alpha, ColorInterp.undefined}
"""What a second band of a raster of heights may be: a mask beside them."""


@dataclass(frozen=True)
class Heights:
    """How a raster's numbers become metres: number x scale + offset.

    Attributes
    ----------
    scale, offset
        Metres.
    said
        Sentences on what is converted, for the person whose file it is.
    """

    scale: float = 1.0
    offset: float = 0.0
    said: tuple[str, ...] = ()


METRES = Heights()
"""Numbers that are metres already."""


def heights_in(dataset: Any, name: str) -> Heights:
    """Return how a raster's numbers become metres.

    Parameters
    ----------
    dataset
        An opened rasterio dataset.
    name
        The file, for messages.

    Raises
    ------
    LayoutError
        If it is a picture, or states a unit that is no length.
    """
    _no_picture(dataset, name)
    unit = _unit(dataset)
    factor = UNITS.get(" ".join(re.findall(r"[a-z]+", unit.lower())))
    if factor is None:
        raise LayoutError(
            f"{name}: its heights are in {unit!r}, which is no unit of length known here. Convert "
            f"them to metres, or correct the tag with gdal_edit -units m."
        )
    if not unit:
        unit, factor = _vertical(dataset.crs)
    scale, offset = float(dataset.scales[0]), float(dataset.offsets[0])
    if not (math.isfinite(scale) and math.isfinite(offset) and scale):
        raise LayoutError(
            f"{name}: the scale {scale:g} and the offset {offset:g} of its cells give no heights. "
            "Correct them with gdal_edit -scale 1 -offset 0."
        )
    said = []
    if (scale, offset) != (1.0, 0.0):
        said.append(f"heights have the scale {scale:g} and the offset {offset:g}: applied")
    if factor != 1.0:
        said.append(f"heights are in {unit}: converted to metres")
    return Heights(scale * factor, offset * factor, tuple(said))


def _no_picture(dataset: Any, name: str) -> None:
    first, *others = dataset.colorinterp
    if others and (len(others) > 1 or others[0] not in BESIDE):
        raise LayoutError(
            f"{name}: it has {dataset.count} bands, a picture (of the relief, perhaps) and not "
            "heights. Give the raster that the picture was drawn from, with one band of metres."
        )
    if first is ColorInterp.palette:
        raise LayoutError(
            f"{name}: its band has a colour table, so its numbers are classes or a picture and not "
            "heights. Give one band of metres."
        )
    kind = np.dtype(dataset.dtypes[0])
    if kind.itemsize == 1 or kind.kind not in "iuf":
        raise LayoutError(
            f"{name}: its cells are {kind.name}: a picture (of the relief, perhaps), classes or "
            "waves, and not heights. Give the raster of heights itself, with one band of metres."
        )


def _unit(dataset: Any) -> str:
    """Return the unit that a raster states: in its field, in a tag, or in words."""
    if dataset.units[0]:
        return str(dataset.units[0])
    tags = {**dataset.tags(), **dataset.tags(1)}
    tagged = next((str(tags[t]) for t in TAGS if tags.get(t)), "")
    if tagged:
        return tagged
    found = IN_WORDS.search(str(dataset.descriptions[0] or "").lower())
    return found[1] if found else ""


def _vertical(crs: Any) -> tuple[str, float]:
    """Return unit and metres of the heights of a compound CRS; metres where it has none."""
    known = CRS.from_user_input(crs)
    if not known.is_compound:
        return "m", 1.0
    axis = known.sub_crs_list[-1].axis_info[0]
    return str(axis.unit_name), float(axis.unit_conversion_factor)
