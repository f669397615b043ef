"""The fingerprint of a step: the hash of everything it depends on, derived and never listed.

Code: the import closure of the step's module, package data file by file included. Environment:
Python, architecture and the distributions in that closure. Study and sources: what the step
declares, which is all that it can read. The facts are stated in custody, so that a bundle's
fingerprints can be computed again from the bundle (`geo.identity`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flows.core.closure import Program
from flows.core.stage import RunSpec, Stage
from geo.identity import environment_hash, step_fingerprint

FINGERPRINT = "fingerprint"


@cache
def this_program(kept: Path | None = None) -> Program:
    """Return the program that runs, read once."""
    return Program(kept)


def facts(
    stage: Stage, question: RunSpec, needed: Mapping[str, str], program: Program
) -> dict[str, Any]:
    """Return what a step depends on, and its fingerprint.

    Parameters
    ----------
    stage
        The step.
    question
        The run.
    needed
        Fingerprints of the steps before it.
    program
        Where its code and distributions are looked up.
    """
    closure = program.closure(stage.module)
    environment = program.environment([stage.module])
    found: dict[str, Any] = {
        "name": stage.name,
        "code": closure.code,
        "distributions": list(closure.distributions),
        "environment": environment_hash(environment, closure.distributions),
        "settings": list(stage.settings),
        "roles": list(stage.roles),
        "needs": {name: needed[name] for name in stage.needs},
        "whole": stage.whole,
    }
    found[FINGERPRINT] = step_fingerprint(
        found, question.study.toml(), identities(question), question.run_id
    )
    return found


def store_key(stage: Stage, question: RunSpec, fingerprint: str) -> str:
    """Return the name of a step in the store: its fingerprint, and what else it prints.

    How and when a file came into the vault, and what is not there, is printed by a step that
    reads the whole question, and is no part of the question.
    """
    if not stage.whole:
        return fingerprint
    sources = [[i.role, i.source_id, dict(i.facts)] for i in question.inputs]
    gaps = [[s.what, s.missing, s.how] for s in question.missing]
    printed = json.dumps([fingerprint, sources, gaps, question.titles], sort_keys=True, default=str)
    return hashlib.sha256(printed.encode()).hexdigest()


def identities(question: RunSpec) -> list[tuple[str, str]]:
    """Return source and hash of every snapshot of a run."""
    return [(i.source_id, i.sha256) for i in question.inputs]
