"""Rasters as pictures that lie true on a Web Mercator map: shaded relief and classed surfaces."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer

from geo.grid import align, grid_from_bounds
from maps.palette import RAMPS, Rgba, css

MERCATOR = "EPSG:3857"
RELIEF_PIXELS = 1_500
"""Width of the shaded relief of a page, at most."""
EMBED_PIXELS = 640
"""Width of the shaded relief of an embed, at most. Lowered from 760 after an embed of Arizona had
weighed 0.79 MB, where 0.7 is asked of the sample's."""
CELL_PIXELS = 2
"""Display: pixels of the shaded relief of a page to a cell of land; more would show nothing new."""
SHADES = 18
"""Display: steps of shade between flat and steepest, so that a picture stays small."""
VIEW_BREAKS = (0.0, 0.25, 0.5, 0.75)
"""Lower bounds of the classes of the share in view; the first is open: above 0."""
FIFTH_BREAKS = (0.0, 20.0, 40.0, 60.0, 80.0)
"""Lower bounds of the fifths of the ground of a corridor."""
QUANTILES = {
    "route_density": (0.5, 0.75, 0.9, 0.97),
    "hardship": (0.0, 0.2, 0.4, 0.6, 0.8),
}
"""Quantiles of the positive cells of all periods at which the classes of a surface begin."""
_EXAGGERATION = 4.0
_LIGHTS = ((315.0, 0.55), (270.0, 0.2), (0.0, 0.15), (225.0, 0.1))
"""Azimuth [degree] and weight of each light; several, so that no range hides in its own shade."""


@dataclass(frozen=True)
class RasterImage:
    """A picture as a data address, with its corners (south, west), (north, east) [degree]."""

    url: str
    bounds: tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class SurfaceLayer:
    """A surface in classes: one picture a period (or one under "") and the legend."""

    name: str
    unit: str
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    pictures: dict[str, RasterImage]


def relief(
    elevation: xr.DataArray, bounds_lonlat: tuple[float, ...], pixels: int = RELIEF_PIXELS
) -> RasterImage:
    """Shade the land as translucent black and white, to lie over any paper colour.

    Parameters
    ----------
    elevation
        (y, x) metres, coarse.
    bounds_lonlat
        West, south, east, north, degrees.
    pixels
        Width of the picture.
    """
    for land, bounds, wide, picture in _RELIEFS:
        if land is elevation and (bounds, wide) == (bounds_lonlat, pixels):
            return picture
    cells = CELL_PIXELS * elevation.sizes["x"]
    picture = _relief(elevation, bounds_lonlat, min(pixels, max(cells, EMBED_PIXELS)))
    _RELIEFS[:] = [*_RELIEFS[-1:], (elevation, bounds_lonlat, pixels, picture)]
    return picture


_RELIEFS: list[tuple[xr.DataArray, tuple[float, ...], int, RasterImage]] = []
"""The two reliefs shaded last: a bundle shows one land on pages and stills of two languages."""


def _relief(elevation: xr.DataArray, bounds_lonlat: tuple[float, ...], pixels: int) -> RasterImage:
    left, _, right, _ = _mercator(bounds_lonlat)
    warped, bounds = _warp(elevation, bounds_lonlat, (right - left) / pixels, "cubic")
    middle = math.radians((bounds[0][0] + bounds[1][0]) / 2)
    step = (right - left) / warped.shape[1] * math.cos(middle)
    shade = np.round(_shade(warped, step) * SHADES) / SHADES
    alpha = np.where(shade < 0, -shade * 0.42, shade * 0.4)
    painted = np.zeros((*shade.shape, 4), np.uint8)
    painted[..., :3] = np.where(shade < 0, 30, 255)[..., None]
    painted[..., 3] = np.where(np.isfinite(warped), alpha * 255, 0).round()
    image = Image.fromarray(painted, "RGBA")
    return RasterImage(_encode(image, "WEBP", quality=50, alpha_quality=60, method=4), bounds)


def surface(array: xr.DataArray, bounds_lonlat: tuple[float, ...]) -> SurfaceLayer | None:
    """Class a surface and paint it, every period on the same classes.

    Returns
    -------
    Surface or None
        None where no cell has a positive value.
    """
    name = str(array.name)
    values = np.asarray(array.values, float)
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return None
    breaks = _breaks(name, positive)
    colours = RAMPS[name].colours(len(breaks))
    step = float(abs(array["x"].values[1] - array["x"].values[0])) * 0.6
    layers = {str(p): array.sel(period=p) for p in array["period"].values} if (
        "period" in array.dims
    ) else {"": array}  # fmt: skip
    pictures = {
        period: _paint(layer, bounds_lonlat, step, breaks, colours)
        for period, layer in layers.items()
    }
    unit = str(array.attrs.get("units", ""))
    return SurfaceLayer(name, unit, breaks, tuple(css(c) for c in colours), pictures)


def change(
    array: xr.DataArray,
    bounds_lonlat: tuple[float, ...],
    breaks: NDArray[np.float64],
    ends: tuple[tuple[int, int, int], tuple[int, int, int]],
    alphas: tuple[int, ...],
) -> RasterImage:
    """Paint a difference: what was lost in one colour, what was gained in the other.

    Parameters
    ----------
    array
        (y, x) difference.
    bounds_lonlat
        West, south, east, north, degrees.
    breaks
        Sizes at which the classes begin, smallest first; smaller changes are not painted.
    ends
        Red, green and blue of lost and of gained.
    alphas
        Opacity of the classes, 0 to 255.
    """
    step = float(abs(array["x"].values[1] - array["x"].values[0]))
    warped, bounds = _warp(array, bounds_lonlat, step, "nearest")
    size = np.searchsorted(breaks, np.abs(warped), side="right")
    index = np.where(np.isfinite(warped), size, 0)
    index = np.where((index > 0) & (warped > 0), index + len(alphas), index).astype(np.uint8)
    image = Image.fromarray(index, "P")
    image.putpalette([0, 0, 0, *(part for end in ends for _ in alphas for part in end)])
    opacity = bytes([0, *alphas, *alphas])
    return RasterImage(_encode(image, "PNG", optimize=True, transparency=opacity), bounds)


def _breaks(name: str, positive: NDArray[np.float64]) -> tuple[float, ...]:
    if name == "in_view_share":
        return VIEW_BREAKS
    if name == "hardness_rank":
        return FIFTH_BREAKS
    raw = [_round(float(np.quantile(positive, q))) for q in QUANTILES[name]]
    return tuple(sorted(set(raw)))


def _round(value: float, digits: int = 2) -> float:
    if value <= 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(value)))


def _paint(
    layer: xr.DataArray,
    bounds_lonlat: tuple[float, ...],
    step: float,
    breaks: tuple[float, ...],
    colours: tuple[Rgba, ...],
) -> RasterImage:
    warped, bounds = _warp(layer, bounds_lonlat, step, "nearest")
    index = np.searchsorted(np.asarray(breaks), warped, side="right")
    index = np.where(np.isfinite(warped) & (warped > 0), np.maximum(index, 0), 0).astype(np.uint8)
    image = Image.fromarray(index, "P")
    image.putpalette([0, 0, 0, *(part for c in colours for part in c[:3])])
    alphas = bytes([0, *(c[3] for c in colours)])
    return RasterImage(_encode(image, "PNG", optimize=True, transparency=alphas), bounds)


def _warp(
    array: xr.DataArray, bounds_lonlat: tuple[float, ...], step: float, how: str
) -> tuple[NDArray[np.float64], tuple[tuple[float, float], tuple[float, float]]]:
    left, bottom, right, top = _mercator(bounds_lonlat)
    grid = grid_from_bounds((left, bottom, right, top), MERCATOR, step)
    warped = np.asarray(align(array.astype("float32"), grid, how).values, float)
    box = grid.boundingbox
    back = Transformer.from_crs(MERCATOR, "EPSG:4326", always_xy=True)
    west, south = back.transform(box.left, box.bottom)
    east, north = back.transform(box.right, box.top)
    return warped, ((round(south, 6), round(west, 6)), (round(north, 6), round(east, 6)))


def _mercator(bounds_lonlat: tuple[float, ...]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds_lonlat
    to = Transformer.from_crs("EPSG:4326", MERCATOR, always_xy=True)
    return (*to.transform(west, south), *to.transform(east, north))


def _shade(elevation: NDArray[np.float64], step_m: float) -> NDArray[np.float64]:
    """Shade by Lambert's cosine, Horn (1981), from several lights: 0 is flat land, 1 the brightest.

    Contrast is stretched so that a coarse elevation model still shows its ranges.
    """
    filled = np.where(np.isfinite(elevation), elevation, np.nanmin(elevation))
    down, across = np.gradient(filled * _EXAGGERATION, step_m)
    slope = np.arctan(np.hypot(across, down))
    aspect = np.arctan2(down, -across)
    altitude = math.radians(45)
    total = np.zeros_like(filled)
    for azimuth, weight in _LIGHTS:
        angle = math.radians(450 - azimuth) % (2 * math.pi)
        light = math.sin(altitude) * np.cos(slope) + math.cos(altitude) * np.sin(slope) * np.cos(
            angle - aspect
        )
        total += weight * (light - math.sin(altitude))
    strong = float(np.percentile(np.abs(total), 99))
    return np.clip(total / strong, -1, 1) if strong > 0 else total


def _encode(image: Image.Image, kind: str, **options: Any) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
