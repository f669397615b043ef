"""GRASS r.viewshed and gdal_viewshed on the same elevation, as other programs see it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

CRS = "EPSG:32612"
HAS_GRASS = shutil.which("grass") is not None
HAS_GDAL = shutil.which("gdal_viewshed") is not None


def write_elevation(path: Path, z: np.ndarray, cell_m: float) -> None:
    """Write a GeoTIFF whose upper left corner is (500 000, 3 600 000)."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=z.shape[0],
        width=z.shape[1],
        count=1,
        dtype="float32",
        crs=CRS,
        transform=from_origin(500_000, 3_600_000, cell_m, cell_m),
    ) as file:
        file.write(z.astype(np.float32), 1)


def centre(row: int, col: int, cell_m: float) -> tuple[float, float]:
    return 500_000 + (col + 0.5) * cell_m, 3_600_000 - (row + 0.5) * cell_m


def _read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def gdal_viewshed(folder, cell_m, row, col, height, target, range_m, curvature):
    """Visible cells by gdal_viewshed (Wang, Robinson & White 2000: XDraw-like reference planes)."""
    x, y = centre(row, col, cell_m)
    out = folder / "gdal.tif"
    command = ["gdal_viewshed", "-q", "-ox", x, "-oy", y, "-oz", height, "-tz", target]
    command += ["-md", range_m, "-cc", curvature, folder / "z.tif", out]
    subprocess.run([str(c) for c in command], check=True, capture_output=True)
    with rasterio.open(out) as file, rasterio.open(folder / "z.tif") as whole:
        # gdal crops its output to the range: put it back in place
        top = round((whole.transform.f - file.transform.f) / cell_m)
        left = round((file.transform.c - whole.transform.c) / cell_m)
        full = np.zeros(whole.shape, bool)
        seen = file.read(1) == 255
        full[top : top + seen.shape[0], left : left + seen.shape[1]] = seen
    return full


def grass_viewshed(folder, cell_m, row, col, height, target, range_m, refraction):
    """Visible cells by GRASS r.viewshed (Haverkort, Toma & Zhuang 2009: radial sweep)."""
    x, y = centre(row, col, cell_m)
    script = folder / "viewshed.sh"
    script.write_text(
        f"""set -e
r.in.gdal -o --quiet input={folder}/z.tif output=z
g.region raster=z
r.viewshed -b -c -r --quiet input=z output=seen coordinates={x},{y} \
  observer_elevation={height} target_elevation={target} max_distance={range_m} \
  refraction_coeff={refraction} memory=500
r.out.gdal --o --quiet -f -c input=seen output={folder}/grass.tif format=GTiff type=Byte nodata=255
"""
    )
    command = ["grass", "--tmp-location", CRS, "--exec", "bash", str(script)]
    subprocess.run(command, check=True, capture_output=True)
    return _read(folder / "grass.tif") == 1


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the cells in either set that are in both."""
    return float((a & b).sum() / max(1, (a | b).sum()))
