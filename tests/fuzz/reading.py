"""Read any file as the project reads it, and check that what comes back adds up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from geo import climate, sources
from geo.study import parse
from geo.terrain import elevation_file
from geo.terrain.opening import opened

PLACE = climate.Place(-111.0, 32.0, 700.0)
ARIZONA = (-114.0, 31.0, -109.0, 33.0)


def read(path: Path, role: str, columns: dict[str, str]) -> None:
    """Read a file; whatever a reader raises comes through."""
    if role == "climate":
        climate.read(path, PLACE)
    elif role == "raster":
        elevation_file.describe(path)
        with opened(path) as (dataset, _):
            dataset.read(1, window=((0, 8), (0, 8)))
    elif role == "study":
        text = path.read_text("utf-8", "replace")
        parse(text, path.name)
    else:
        day = date(2024, 1, 1)
        found = sources.read(
            path, role=role, source_id="s", columns=columns, as_of=day, plausible=ARIZONA
        )
        adds_up(found)


def adds_up(found: sources.Reading) -> None:
    """Assert that every row was kept or stands in quarantine with a reason."""
    counts, rows = found.counts, found.quarantine[found.quarantine["scope"].isna()]
    assert counts["read"] == counts["quarantined"] + counts["kept"]
    assert counts["kept"] == len(found.records)
    assert counts["quarantined"] == rows["source_row"].nunique()
    assert found.quarantine["reason"].notna().all()
