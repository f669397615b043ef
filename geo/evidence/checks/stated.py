"""Compute a bundle's run id and step chain again from what the bundle itself states.

Nothing of the installed program takes part but the formulas (`geo.identity`), so a bundle of
another version is checked like one of this. Whoever edits a statement has to name another run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo import identity
from geo.errors import Problem
from geo.evidence.custody.chain import CUSTODY, FORMAT, sha256
from geo.evidence.custody.crate import CRATE

STUDY, ENVIRONMENT, SNAPSHOTS = "study.toml", "environment.txt", "tables/snapshots.csv"
FIRST_FORMAT = 1
"""Definition: of bundles whose custody log states no format."""
ALTERED = "The bundle was altered after the run; get the original"


def entries(folder: Path) -> list[dict[str, Any]]:
    """Return the custody log as far as it can be read; its chain is checked elsewhere."""
    try:
        lines = (folder / CUSTODY).read_text("utf-8").splitlines()
        found = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return []
    return [e for e in found if isinstance(e, dict)]


def format_of(folder: Path) -> Any:
    """Return the format that a bundle states."""
    stated = (e.get("format") for e in entries(folder) if e.get("event") == "bundle")
    return next(stated, FIRST_FORMAT)


def stated(folder: Path) -> Iterator[Problem]:
    """Yield every identity that differs from what the bundle's statements give.

    A bundle of format 1 states too little; it may then hold nothing that only later formats do.
    """
    log = entries(folder)
    if format_of(folder) == FIRST_FORMAT:
        if any("code" in e for e in log if e.get("event") == "step"):
            what = f"holds entries of format {FORMAT} and does not state it"
            yield Problem(CUSTODY, what, ALTERED)
        return
    try:
        study = (folder / STUDY).read_text("utf-8")
        environment = (folder / ENVIRONMENT).read_text("utf-8")
        sources = pd.read_csv(folder / SNAPSHOTS, dtype=str, keep_default_na=False)
        inputs = list(zip(sources["source_id"], sources["sha256"], strict=True))
        yield from _run(log, study, environment, inputs)
        yield from _crate(folder, log)
        yield from _steps(log, study, environment, inputs)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield Problem(CUSTODY, f"its run cannot be computed again: {error}", ALTERED)


def _event(log: list[dict[str, Any]], name: str) -> Mapping[str, Any]:
    return next((e for e in log if e.get("event") == name), {})


def _run(
    log: list[dict[str, Any]], study: str, environment: str, inputs: list[tuple[str, str]]
) -> Iterator[Problem]:
    code = _event(log, "code")
    if code.get("environment_sha256") != sha256(environment.encode()):
        yield Problem(ENVIRONMENT, "is not the environment that the custody log states", ALTERED)
    run = identity.run_id(study, str(code.get("version")), environment, inputs)
    claimed = _event(log, "bundle").get("run_id")
    if run != claimed:
        what = f"study, sources, code and environment make run {run}, and the log says {claimed}"
        yield Problem(CUSTODY, what, ALTERED, field="run_id")
    logged = {(e.get("source_id"), e.get("sha256")) for e in log if e.get("event") == "snapshot"}
    if logged != set(inputs):
        yield Problem(SNAPSHOTS, "lists other sources than the custody log", ALTERED)


def _crate(folder: Path, log: list[dict[str, Any]]) -> Iterator[Problem]:
    graph = json.loads((folder / CRATE).read_bytes())["@graph"]
    claims = {e["@id"]: e for e in graph}
    run, code = _event(log, "bundle").get("run_id"), _event(log, "code").get("version")
    if claims.get("./", {}).get("identifier") != run:
        yield Problem(CRATE, "names another run than the custody log", ALTERED, field="identifier")
    if claims.get("#funnel", {}).get("version") != code:
        yield Problem(CRATE, "names another code than the custody log", ALTERED, field="version")


def _steps(
    log: list[dict[str, Any]], study: str, environment: str, inputs: list[tuple[str, str]]
) -> Iterator[Problem]:
    run = str(_event(log, "bundle").get("run_id"))
    made: dict[str, str] = {}
    for entry in (e for e in log if e.get("event") == "step"):
        name = str(entry["name"])
        if entry["environment"] != identity.environment_hash(environment, entry["distributions"]):
            what = f"step {name} states an environment that {ENVIRONMENT} does not give"
            yield Problem(CUSTODY, what, ALTERED, row=entry["n"])
        if any(made.get(k) != v for k, v in entry["needs"].items()):
            what = f"step {name} follows from steps that the log does not hold"
            yield Problem(CUSTODY, what, ALTERED, row=entry["n"])
        made[name] = entry["fingerprint"]
        if entry["fingerprint"] != identity.step_fingerprint(entry, study, inputs, run):
            what = f"step {name} has another fingerprint than its study, sources and code give"
            yield Problem(CUSTODY, what, ALTERED, row=entry["n"])
