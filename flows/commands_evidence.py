"""`funnel verify`, `funnel explain` and `funnel diff`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flows.bundles import find
from geo import evidence
from geo.errors import EvidenceError

Rerun = Callable[[Path, Path], Path]
"""Computes a run again from its restricted tree and returns the new bundle."""


def verify_bundle(
    run: str,
    *,
    restricted: Path | None = None,
    rerun: bool = False,
    out: Path | None = None,
    again: Rerun | None = None,
) -> int:
    """Check a bundle; print every problem, or what was checked.

    Parameters
    ----------
    run, restricted, out
        The bundle, its restricted tree, the folder of bundles.
    rerun
        Compute the run again and compare.
    again
        What computes it; the command line passes `flows.rerun.rerun`.
    """
    folder = find(run, out)
    if rerun and restricted is None:
        raise EvidenceError("--rerun needs the snapshots; name the restricted tree (--restricted)")
    problems = evidence.verify(folder, restricted)
    for problem in problems:
        _say(f"  - {problem}")
    if problems:
        _say(f"{folder.name}: {len(problems)} problems")
        return 2
    also = " and its restricted tree" if restricted else ""
    _say(f"{folder.name}{also}: hashes, chain, crate, contracts and safeguards hold")
    if not rerun:
        return 0
    if again is None or restricted is None:
        raise EvidenceError("this program cannot compute a run again; use `funnel verify`")
    comparison = evidence.compare(folder, again(folder, restricted))
    _say(comparison.sentence())
    return 0 if comparison.equal else 2


def explain_row(
    run: str,
    row_id: str,
    *,
    restricted: Path | None = None,
    as_json: bool = False,
    out: Path | None = None,
) -> int:
    """Trace one row and print it for a person, or as JSON."""
    found = evidence.explain(find(run, out), row_id, restricted)
    _say(found.json() if as_json else found.text.rstrip())
    return 0


def diff_bundles(
    first: str,
    second: str,
    *,
    restricted: tuple[Path, Path] | None = None,
    as_json: bool = False,
    out: Path | None = None,
) -> int:
    """Print what changed between two runs; exit 2 where the change isolates a small group."""
    found = evidence.diff(find(first, out), find(second, out), restricted)
    _say(found.json() if as_json else found.text.rstrip())
    return 2 if found.isolated else 0


def _say(text: str) -> None:
    print(text)  # noqa: T201 - the command line speaks
