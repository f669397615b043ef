"""Find a run's bundle by folder, id prefix, study, or as the latest."""

from __future__ import annotations

import csv
from pathlib import Path

from flows.core.settings import home
from geo.errors import InputProblems, Problem

SHOWN = 8  # runs named in an error: those made last


def find(named: str, out: Path | None = None) -> Path:
    """Return the folder of a finished bundle.

    Parameters
    ----------
    named
        A folder, the beginning of a run id, the name of a study for its latest run, or "latest".
    out
        Folder of the bundles; `./runs` by default.

    Raises
    ------
    InputProblems
        If none, or more than one, fits.
    """
    folder = Path(named)
    if (folder / "SHA256SUMS").is_file():
        return folder.absolute()
    root = home(out).out
    bundles = sorted((p.parent for p in root.glob("*/*/SHA256SUMS")), key=_made)
    if named == "latest":
        fitting = bundles[-1:]
    else:
        of_study = [p for p in bundles if p.parent.name == named]
        fitting = of_study[-1:] or [p for p in bundles if p.name.startswith(named)]
    if len(fitting) == 1:
        return fitting[0]
    what = "no run fits" if not fitting else f"{len(fitting)} runs fit"
    raise InputProblems([Problem(named, what, _which(named, bundles, root))])


def counted(folder: Path) -> dict[str, dict[str, int]]:
    """Return what became of the rows of every source, as a bundle publishes it.

    Returns
    -------
    dict
        Source = step (read, used, excluded, quarantined) = rows; empty without the table.
    """
    path = folder / "tables" / "counts.csv"
    found: dict[str, dict[str, int]] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            steps = found.setdefault(row["source_id"], {})
            steps[row["step"]] = steps.get(row["step"], 0) + int(row["records"] or 0)
    return found


def _made(bundle: Path) -> tuple[float, str]:
    return (bundle / "SHA256SUMS").stat().st_mtime, bundle.name


def _which(named: str, bundles: list[Path], root: Path) -> str:
    """Return what to give instead: the nearest run, and those there are."""
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    if not bundles:
        return f"Make one with `funnel run`; --out names another folder than {root}"
    close = get_close_matches(named, [p.name for p in bundles], n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    known = ", ".join(f"{p.parent.name}/{p.name}" for p in bundles[-SHOWN:])
    return f"{hint}Choose from the runs in {root.name}: {known}"
