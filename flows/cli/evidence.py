"""`funnel verify`, `funnel explain` and `funnel diff`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from flows.workflow import seals
from flows.workflow.bundles import find
from geo import evidence
from geo.errors import EvidenceError
from geo.evidence import BundleComparison

Rerun = Callable[[Path, Path], Path]
"""Computes a run again from its restricted tree and returns the new bundle."""


def verify_bundle(
    run: str,
    *,
    restricted: Path | None = None,
    rerun: bool = False,
    signers: Path | None = None,
    authorities: Path | None = None,
    as_json: bool = False,
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
    signers, authorities
        Whose signature and time stamp count, see `flows.workflow.seals`.
    as_json
        Print one JSON object: run, problems, and the comparison where one was asked for.
    again
        What computes it; the command line passes `flows.workflow.rerun.rerun`.
    """
    folder = find(run, out)
    if rerun and restricted is None:
        raise EvidenceError("--rerun needs the snapshots; name the restricted tree (--restricted)")
    sealed = [seals.signed(folder, signers), seals.stamped(folder, authorities)]
    found = [*evidence.verify(folder, restricted), *(p for s in sealed for p in s.problems)]
    problems = [str(p) for p in found]
    foreign, comparison = evidence.foreign(folder), None
    if rerun and foreign:
        raise EvidenceError(f"{foreign}; --rerun needs the version of the program that made it")
    if rerun and not problems:
        if again is None or restricted is None:
            raise EvidenceError("this program cannot compute a run again; use `funnel verify`")
        comparison = evidence.compare(folder, again(folder, restricted))
    if as_json:
        said = None if comparison is None else comparison.sentence()
        answer = {
            "run": folder.name,
            "problems": problems,
            "rerun": said,
            "format": foreign,
            "signature": sealed[0].said,
            "timestamp": sealed[1].said,
        }
        _say(json.dumps(answer, indent=1))
    else:
        if foreign:
            _say(foreign)
        _verdict(folder.name, problems, comparison, restricted, partly=bool(foreign))
        for seal in sealed:
            _say(f"{folder.name}: {seal.said}")
    # what could not be asked did not hold: a bundle of another format is never called whole
    whole = not problems and not foreign
    return 0 if whole and (comparison is None or comparison.equal) else 2


def _verdict(
    name: str,
    problems: list[str],
    comparison: BundleComparison | None,
    restricted: Path | None,
    *,
    partly: bool,
) -> None:
    for problem in problems:
        _say(f"  - {problem}")
    if problems:
        _say(f"{name}: {len(problems)} problems")
        return
    also = " and its restricted tree" if restricted else ""
    if partly:
        _say(f"{name}{also}: no problem in what could be checked; not verified as a whole")
        return
    _say(f"{name}{also}: hashes, chain, run id, crate, copies, contracts and safeguards hold")
    if comparison is not None:
        _say(comparison.sentence())


def explain_row(
    run: str,
    row_id: str,
    *,
    restricted: Path | None = None,
    whole: bool = False,
    as_json: bool = False,
    out: Path | None = None,
) -> int:
    """Trace one row and print it for a person, or as JSON."""
    found = evidence.explain(find(run, out), row_id, restricted)
    _say(found.json() if as_json else found.text(whole=whole).rstrip())
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
