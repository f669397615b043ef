"""`funnel doctor`: is this installation sound, and what to do where it is not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.specifiers import SpecifierSet

from flows.core.settings import home
from flows.workflow.progress import answers

WORKING = {
    "prefect": "==3.8.8",
    "prefect-dask": "==0.3.7",
    "fastapi": ">=0.141,<0.155",
    "sqlalchemy": ">=2.0.40,<2.1",
}
"""Versions between which flows start, the server answers and scheduled runs are created."""
LEAST_MEMORY_GB = 2.0
LEAST_DISK_GB = 2.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    what, state
        What was looked at and how it is.
    remedy
        What to do; empty where it is sound.
    vital
        False where only some uses suffer.
    """

    what: str
    state: str
    remedy: str = ""
    vital: bool = True


def examine() -> tuple[Finding, ...]:
    """Look at everything a run depends on."""
    looks: tuple[Callable[[], list[Finding]], ...] = (
        _versions,
        _gdal,
        _memory,
        _disk,
        _leaflet,
        _browser,
    )
    return tuple(f for look in looks for f in look())


def report(*, as_json: bool = False) -> int:
    """Print what was found; 2 if something vital is not sound."""
    findings = examine()
    if as_json:
        print(json.dumps([asdict(f) for f in findings], indent=1))  # noqa: T201
    for f in () if as_json else findings:
        mark = (
            "[green]ok[/]  " if not f.remedy else "[red]fix[/] " if f.vital else "[yellow]note[/]"
        )
        answers.print(f"{mark} {f.what}: {f.state}" + (f". {f.remedy}" if f.remedy else ""))
    return 2 if any(f.vital and f.remedy for f in findings) else 0


def _versions() -> list[Finding]:
    found = []
    for name, window in WORKING.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            found.append(Finding(name, "not installed", "Install from requirements.lock"))
            continue
        sound = installed in SpecifierSet(window)
        remedy = "" if sound else f"Install a version {window}: others break flows or schedules"
        found.append(Finding(name, installed, remedy))
    return found


def _gdal() -> list[Finding]:
    import rasterio  # noqa: PLC0415 - only this look needs it
    from pyproj import CRS  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        CRS.from_epsg(32612)
    except CRSError:
        return [
            Finding(
                "coordinate systems",
                "PROJ finds no database",
                "Unset PROJ_LIB and PROJ_DATA, which another program has set",
            )
        ]
    return [Finding("GDAL", str(rasterio.__gdal_version__))]


def _memory() -> list[Finding]:
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    remedy = "" if gigabytes >= LEAST_MEMORY_GB else "The sample needs 2 GB"
    return [Finding("memory", f"{gigabytes:.0f} GB", remedy)]


def _disk() -> list[Finding]:
    place = home().root
    existing = next(p for p in (place, *place.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    remedy = "" if free >= LEAST_DISK_GB else "Free some space, or point FUNNEL_HOME elsewhere"
    return [Finding("disk", f"{free:.0f} GB free", remedy)]


def _leaflet() -> list[Finding]:
    from maps import leaflet  # noqa: PLC0415

    try:
        leaflet.script()
    except (OSError, ValueError) as error:
        return [Finding("Leaflet", str(error), "Install XStatic-Leaflet from requirements.lock")]
    return [Finding("Leaflet", "found, and its hash is the known one")]


def _browser() -> list[Finding]:
    found = next((b for b in BROWSERS if shutil.which(b)), None)
    if found:
        return [Finding("browser", str(Path(str(shutil.which(found)))))]
    return [
        Finding(
            "browser",
            "no Chromium (only the browser tests need one)",
            "apt-get install chromium",
            vital=False,
        )
    ]
