"""Commands about sources, and about this installation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def sources(*, json: bool = False) -> int:
    """List the catalogue of public sources: publisher, licence, reader.

    Example: `funnel sources --json`.

    Parameters
    ----------
    json
        Print JSON.
    """
    from flows.cli.data import list_sources  # noqa: PLC0415

    return list_sources(as_json=json)


def fetch(study: str = "arizona", /, *, offline: bool = False) -> int:
    """Snapshot the sources of a study into the vault, and say what changed since last time.

    Example: `funnel fetch arizona`.

    Parameters
    ----------
    study
        A built-in name or the path of a study file.
    offline
        Only look at what is there already.
    """
    from flows.cli.data import fetch_study  # noqa: PLC0415

    return fetch_study(study, offline=offline)


def describe_towers(
    file: Path,
    /,
    *,
    study: str | None = None,
    date_order: Literal["day", "month"] | None = None,
    out: Path | None = None,
) -> int:
    """Show how a file of towers is read, write it as a clean form, print the mapping to paste.

    Example: `funnel towers towers.xlsx --study arizona`.

    Parameters
    ----------
    file
        CSV, XLSX, JSON, GeoJSON, Esri JSON, a shapefile, GeoPackage, KML or KMZ.
    study
        Also say how many towers each dating rule of this study dates.
    date_order
        Whether the day or the month stands first in dates such as 03/04/2015.
    out
        The form; by default form.csv here, or the next free name.
    """
    from flows.cli.towers import describe_file  # noqa: PLC0415

    return describe_file(file, study, date_order, out)


def describe_deaths(
    file: Path,
    /,
    *,
    study: str | None = None,
    date_order: Literal["day", "month"] | None = None,
    against: Path | None = None,
    json: bool = False,
) -> int:
    """Show how a file of recorded deaths is read, and print the mapping to paste.

    Names and free text stay in the file: only titles of columns, numbers, dates and words of the
    contract are printed. Example: `funnel deaths county.csv --date-order month`.

    Parameters
    ----------
    file
        CSV, XLSX or a JSON list of records.
    study
        Read it as this study would, and count what it leaves out.
    date_order
        Whether the day or the month stands first in dates such as 03/04/2015.
    against
        Only say, in classes, how many people this other file of deaths holds too.
    json
        Print the same as JSON.
    """
    from flows.cli.deaths import compare_files, describe_file  # noqa: PLC0415

    if against is not None:
        return compare_files(file, against)
    return describe_file(file, study, date_order, as_json=json)


def purge(*, yes: bool = False) -> int:
    """Empty the vault: remove every snapshot of what publishers published.

    Example: `funnel purge --yes`.

    Parameters
    ----------
    yes
        Do it; without this the command only says what it would remove.
    """
    from flows.cli.data import purge_vault  # noqa: PLC0415

    return purge_vault(yes=yes)


def doctor(*, json: bool = False) -> int:
    """Check this installation: versions, GDAL, memory, disk, browser; say what to do.

    Leaves with 2 where something vital is not sound. Example: `funnel doctor`.

    Parameters
    ----------
    json
        Print JSON.
    """
    from flows.cli.doctor import report  # noqa: PLC0415

    return report(as_json=json)
