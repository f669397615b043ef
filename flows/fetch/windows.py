"""The study's window of a large cloud-optimised raster, read by HTTP range."""

from __future__ import annotations

import io
from typing import Any

import rasterio
from pyproj import Transformer
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.windows import Window, from_bounds

from flows.fetch.request import Want
from flows.fetch.web import Web
from geo.errors import SourceUnreachableError

BLOCK = 1 << 18


class RangeFile(io.RawIOBase):
    """A file of a publisher, read in blocks as they are asked for, each one once."""

    def __init__(self, web: Web, want: Want) -> None:
        self.web, self.want = web, want
        self.blocks: dict[int, bytes] = {}
        self.at = 0
        content, self.size, self.etag = web.ranged(want, 0, BLOCK)
        self.blocks[0] = content
        self.read_bytes = len(content)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        self.at = max(0, base + offset)
        return self.at

    def read(self, size: int = -1) -> bytes:
        """Return bytes from the position on."""
        stop = self.size if size < 0 else min(self.size, self.at + size)
        out = b""
        while self.at < stop:
            block = self.at // BLOCK
            part = self._block(block)[self.at - block * BLOCK : stop - block * BLOCK]
            out += part
            self.at += len(part)
        return out

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from the position on."""
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def _block(self, number: int) -> bytes:
        if number not in self.blocks:
            start = number * BLOCK
            stop = min(self.size, start + BLOCK)
            if self.read_bytes + stop - start > self.want.max_bytes:
                raise SourceUnreachableError(
                    f"{self.want.name}: the study's window of it is larger than this source "
                    "may be. Make the area smaller."
                )
            content, size, etag = self.web.ranged(self.want, start, stop)
            if (size, etag) != (self.size, self.etag):
                raise SourceUnreachableError(
                    f"{self.want.name}: changed at the publisher while it was read. Try again."
                )
            self.blocks[number] = content
            self.read_bytes += len(content)
        return self.blocks[number]


def cut(
    web: Web, want: Want, bounds_lonlat: tuple[float, float, float, float]
) -> tuple[bytes, str | None] | None:
    """Return the window of a raster that an area needs as a GeoTIFF, and the raster's ETag.

    None if the raster does not touch the area. Cells are those of the publisher, not resampled.

    Raises
    ------
    SourceUnreachableError
        If the publisher does not answer in ranges or the file is no GeoTIFF.
    """
    remote = RangeFile(web, want)
    try:
        with rasterio.open(remote, driver="GTiff") as dataset:
            to_own = Transformer.from_crs("EPSG:4326", dataset.crs, always_xy=True)
            area = to_own.transform_bounds(*bounds_lonlat)
            whole = Window(0, 0, dataset.width, dataset.height)
            asked = from_bounds(*area, transform=dataset.transform)
            try:
                window = asked.round_offsets().round_lengths().intersection(whole)
            except rasterio.errors.WindowError:
                return None
            values = dataset.read(1, window=window)
            profile = {
                "driver": "GTiff",
                "count": 1,
                "height": values.shape[0],
                "width": values.shape[1],
                "dtype": values.dtype.name,
                "crs": dataset.crs,
                "transform": dataset.window_transform(window),
                "nodata": dataset.nodata,
                "compress": "deflate",
                "tiled": min(values.shape) >= 256,
            }
    except RasterioError as error:
        raise SourceUnreachableError(
            f"{want.name}: its window cannot be read ({type(error).__name__}). Try again later."
        ) from None
    with MemoryFile() as memory:
        with memory.open(**profile) as written:
            written.write(values, 1)
        return memory.read(), remote.etag
