"""The one vector layer of a file or archive that serves a role, opened without a network."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj import CRS

from geo import sizes
from geo.errors import LayoutError
from geo.guard import DAMAGED
from geo.sources import osm
from geo.sources.archives import DAMAGED as BROKEN
from geo.sources.archives import HEAD, head_of, safe_members
from geo.sources.cells import Bounds
from geo.sources.tabular import refuse_foreign

ENDINGS = (".shp", ".geojson", ".json", ".gpkg", ".fgb")
MAGIC = (b"\x00\x00\x27\x0a", b"SQLite format 3\x00", b"fgb")
SAID = "said"
"""Key in a frame's `attrs`: how its features were chosen, in sentences."""
KINDS = "Give GeoJSON, a GeoPackage, or a zipped shapefile with .shp, .shx, .dbf and .prj."


def open_vector(
    path: Path, where: str, role: str = "", area: Bounds | None = None
) -> gpd.GeoDataFrame:
    """Read the one vector layer of a file or zip, without asking its name and without a network.

    Archives made on a Mac carry a `__MACOSX/` twin of every file; it is left aside. Of an
    OpenStreetMap extract the features of the role are read (`geo.sources.osm`).

    Parameters
    ----------
    path
        The file.
    where
        Its name in messages.
    role
        What it is for; "" where it is no source.
    area
        West, south, east, north, degrees, around which features of an extract are read.

    Raises
    ------
    LayoutError
        If there is no layer, more than one, or no CRS.
    """
    target = _target(path, where, role)
    try:
        layers = _layers(target)
        if osm.is_extract(layers) and osm.tagged(target, layers):
            frame, said = osm.read_extract(target, layers, role, where, area)
        else:
            _refuse_several(layers, where)
            layer = next(iter(layers), None)
            most = _judged(target, layer, path, where)
            frame = pyogrio.read_dataframe(target, layer=layer, max_features=most)
            said = ""
    except LayoutError:
        raise
    except (pyogrio.errors.FeatureError, UnboundLocalError):  # pyogrio's, of a CRS it cannot write
        raise LayoutError(f"{where}: this layer cannot be read to its end; {DAMAGED}") from None
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise LayoutError(
            f"{where}: no vector file that can be opened ({type(error).__name__}). {KINDS}"
        ) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayoutError(
            f"{where}: the file has attributes but no shapes. Export it with its geometry."
        )
    if frame.crs is None:
        raise LayoutError(
            f"{where}: the file does not say its CRS. Add the .prj file, or save it as GeoJSON "
            "(EPSG:4326)."
        )
    if not said:
        frame, said = osm.choose(frame, role)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if not frame.crs.equals(CRS.from_epsg(4326)):
        frame = frame.to_crs("EPSG:4326")
    frame.attrs[SAID] = (f"{where}: {said}",) if said else ()
    return frame


def _target(path: Path, where: str, role: str) -> str:
    """Return what the vector library is to open: a file of a kind that is let through."""
    if zipfile.is_zipfile(path):
        found = [m for m in safe_members(path, where) if m.lower().endswith(ENDINGS)]
        themed = [m for m in found if osm.themed(m, role)]
        found = themed if len(themed) == 1 else found
        if len(found) != 1:
            said = "no vector layer" if not found else f"{len(found)} vector layers"
            raise LayoutError(f"{where}: the archive holds {said}. Give one with exactly one.")
        _refuse_foreign(head_of(path, found[0], where), where)
        try:
            with zipfile.ZipFile(path) as archive, archive.open(found[0]) as stream:
                sizes.judge_shapes(stream, where)
        except LayoutError:
            raise
        except BROKEN as error:
            what = f"the layer in this archive cannot be unpacked ({type(error).__name__})"
            raise LayoutError(f"{where}: {what}; {DAMAGED}") from None
        return f"/vsizip/{path.resolve()}/{found[0]}"
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if osm.is_pbf(head):
        osm.refuse_pbf(path, where)
    else:
        _refuse_foreign(head, where)
        with path.open("rb") as stream:
            sizes.judge_shapes(stream, where)
    return str(path)


def _judged(target: str, layer: str | None, path: Path, where: str) -> int:
    """Return how many features are read; raise LayoutError where they would fill the memory."""
    said = pyogrio.read_info(target, layer=layer)
    return sizes.judge_layer(said["features"], len(said["fields"]), _unpacked(path), where)


def _unpacked(path: Path) -> int:
    """Return the bytes of a layer's files as they are once unpacked."""
    if not zipfile.is_zipfile(path):
        beside = path.parent.glob(f"{path.stem}.*") if path.suffix.lower() == ".shp" else [path]
        return sum(file.stat().st_size for file in beside)
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _layers(target: str) -> list[str]:
    """Return the layers with shapes; where there are none, every layer."""
    found = [(str(name), kind) for name, kind in pyogrio.list_layers(target)]
    return [name for name, kind in found if kind is not None] or [name for name, _ in found][:1]


def _refuse_several(layers: list[str], where: str) -> None:
    if len(layers) > 1:
        raise LayoutError(
            f"{where}: {len(layers)} layers ({', '.join(layers[:5])}). Give a file with exactly "
            "one: which of them is meant cannot be told."
        )


def _refuse_foreign(head: bytes, where: str) -> None:
    """Let through only kinds that cannot make the vector library open something else."""
    plain = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(MAGIC) or (
        plain.startswith(b"{") and re.search(rb'"type"\s*:\s*"(Feature|Geometry)', plain)
    ):
        return
    if plain.startswith(b"{"):
        raise LayoutError(f"{where}: this JSON is no GeoJSON. Give a FeatureCollection.")
    if not head.startswith(b"\x00"):
        refuse_foreign(plain, where)
    raise LayoutError(f"{where}: no vector file of a known kind. {KINDS}")
