"""What to ask a publisher for, so that a study has what it needs."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from flows.fetch.catalogue import Entry
from flows.fetch.request import Want
from geo.study import Study

ENDINGS = {
    "csv": ".csv",
    "json": ".json",
    "zip": ".zip",
    "tiff": ".tif",
    "netcdf": ".nc",
    "xlsx": ".xlsx",
    "hgt": ".hgt.gz",
    "any": ".bin",
}
MAX_PAGES = 500


def wants(source_id: str, entry: Entry, study: Study) -> tuple[Want, ...]:
    """Return the files of a source that a study needs; for pages, the first one.

    Tiles are those that the study's bounds touch; years those from its first period to `as_of`.
    """
    if entry.kind == "tiles":
        from geo.terrain import tiles_for  # noqa: PLC0415 - loads the raster libraries

        return tuple(
            _want(source_id, entry, study, tile=name, tile_row=name[:3])
            for name, _south, _west in tiles_for(entry.product, study.bounds_lonlat)
        )
    if entry.kind == "years":
        first, last = entry.years or (study.periods[0].start.year, study.as_of.year)
        years = range(max(first, study.periods[0].start.year), min(last, study.as_of.year) + 1)
        return tuple(_want(source_id, entry, study, year=str(y)) for y in years)
    return (_want(source_id, entry, study),)


def page(want: Want, pattern: str, offset: int) -> Want:
    """Return the request for the page of a feature service that begins at a feature."""
    return Want(
        url=pattern.replace("{offset}", str(offset)),
        name=want.name,
        content=want.content,
        max_bytes=want.max_bytes,
        hosts=want.hosts,
    )


def window_name(want: Want, study: Study) -> str:
    """Return the name of the study's window of a larger raster."""
    key = hashlib.sha256(repr(study.bounds_lonlat).encode()).hexdigest()[:8]
    stem, _, ending = want.name.rpartition(".")
    return f"{stem}.{key}.{ending}"


def _want(source_id: str, entry: Entry, study: Study, **given: str) -> Want:
    west, south, east, north = study.bounds_lonlat
    fields = {
        "west": f"{west:g}",
        "south": f"{south:g}",
        "east": f"{east:g}",
        "north": f"{north:g}",
        "lon": f"{(west + east) / 2:.4f}",
        "lat": f"{(south + north) / 2:.4f}",
        "start": study.periods[0].start.isoformat(),
        "end": min(study.periods[-1].end, study.as_of).isoformat(),
        "offset": "0",
        **given,
    }
    url = entry.url
    for key, value in fields.items():
        url = url.replace("{" + key + "}", value)
    return Want(
        url=url,
        name=_name(source_id, entry, url, given),
        content=entry.content,
        max_bytes=int(entry.max_mb * 1e6),
        hosts=entry.hosts,
    )


def _name(source_id: str, entry: Entry, url: str, given: dict[str, str]) -> str:
    last = PurePosixPath(urlsplit(url).path).name
    ending = ENDINGS[entry.content]
    if last.lower().endswith(ending):
        return last
    return "-".join([source_id, *(given[k] for k in ("year", "tile") if k in given)]) + ending
