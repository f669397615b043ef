"""`funnel sign` and `funnel timestamp`."""

from __future__ import annotations

from pathlib import Path

from flows.workflow import seals
from flows.workflow.bundles import find
from geo import evidence
from geo.errors import EvidenceError, InputProblems, Problem


def sign_bundle(run: str, key: Path, out: Path | None = None) -> int:
    """Sign a bundle that verifies, and say with which key."""
    folder = _whole(run, out)
    fingerprint = seals.sign(folder, key.absolute())
    _say(f"{folder.name}: signed with {fingerprint}; the signature is {evidence.SIGNATURE}")
    return 0


def stamp_bundle(
    run: str,
    *,
    authority: str | None = None,
    token: Path | None = None,
    request: Path | None = None,
    out: Path | None = None,
) -> int:
    """Get a time stamp for a bundle that verifies: from an authority, or in two steps by hand."""
    given = [v for v in (authority, token, request) if v is not None]
    if len(given) != 1:
        remedy = "Give one of --authority ADDRESS, --request FILE, --token FILE"
        raise InputProblems([Problem("timestamp", f"{len(given)} ways were given", remedy)])
    if token is not None and not token.is_file():
        raise InputProblems([Problem("--token", f"there is no file {token}", "Check the path")])
    folder = _whole(run, out)
    if request is not None:
        request.write_bytes(seals.request(folder))
        _say(f"{folder.name}: the request is {request}; give the answer as --token FILE")
        return 0
    if token is not None:
        with token.open("rb") as stream:
            answer = stream.read(seals.LARGEST_TOKEN)
    else:
        from flows.fetch.authority import ask  # noqa: PLC0415 - only here is a network needed

        answer = ask(str(authority), seals.request(folder))
    _say(f"{folder.name}: {seals.stamp(folder, answer)}")
    return 0


def _whole(run: str, out: Path | None) -> Path:
    folder = find(run, out)
    problems = evidence.verify(folder)
    if problems:
        raise EvidenceError(
            f"{folder.name}: {len(problems)} problems ({problems[0]}); run "
            "`funnel verify`, and sign nothing that does not hold"
        )
    return folder


def _say(text: str) -> None:
    print(text)  # noqa: T201 - the command line speaks
