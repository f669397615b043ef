"""Identities of a run and of its steps, computed from what a bundle states and nothing else.

`flows` names runs and steps by these functions, and `geo.evidence` computes them again from a
finished bundle: the text of its study, the hashes of its sources, the hash of its code and the
text of its environment. Neither needs the program that is installed.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

RUN_DIGITS = 12
"""Display: hex digits of a run id: a name for people, not a proof; the manifest holds whole hashes.
"""
HEAD = ("python", "architecture")
"""Entries of an environment that every step depends on."""


def run_id(study: str, code: str, environment: str, inputs: Iterable[tuple[str, str]]) -> str:
    """Return the id of a run.

    Parameters
    ----------
    study
        The resolved study, as TOML text.
    code
        Hash of the sources of all packages.
    environment
        Text of the environment.
    inputs
        (source id, SHA-256) of every snapshot; the order does not matter.
    """
    parts = {
        "study": _sha256(study),
        "code": code,
        "environment": _sha256(environment),
        "inputs": sorted({tuple(i) for i in inputs}),
    }
    return _hashed(parts)[:RUN_DIGITS]


def environment_hash(environment: str, distributions: Collection[str]) -> str:
    """Return the hash of the interpreter and of some distributions of an environment.

    Raises
    ------
    ValueError
        If the environment states no version of one of them.
    """
    versions = dict(line.split("==", 1) for line in environment.splitlines() if "==" in line)
    wanted = (*HEAD, *sorted(distributions))
    missing = [name for name in wanted if name not in versions]
    if missing:
        raise ValueError(f"the environment states no version of {', '.join(missing)}")
    return _sha256("".join(f"{name}=={versions[name]}\n" for name in wanted))


def step_fingerprint(
    facts: Mapping[str, Any], study: str, inputs: Iterable[tuple[str, str]], run: str
) -> str:
    """Return the hash of everything that a step depends on.

    Parameters
    ----------
    facts
        What custody states of the step: `name`, `code`, `environment`, `settings` (keys of the
        study, dotted), `roles`, `needs` (step = fingerprint), and `whole` where the step depends
        on the whole run.
    study
        The resolved study, as TOML text.
    inputs
        (source id, SHA-256) of every snapshot of the run.
    run
        The run id.
    """
    raw = tomllib.loads(study)
    roles = set(facts["roles"])
    sources = [s for s in raw.get("sources", ()) if s["role"] in roles]
    ids = {s["id"] for s in sources}
    parts = {
        "name": facts["name"],
        "code": facts["code"],
        "environment": facts["environment"],
        "settings": {key: setting(raw, key) for key in facts["settings"]},
        "inputs": sorted({tuple(i) for i in inputs if i[0] in ids}),
        # where a file lies says nothing of what it holds
        "sources": [{k: v for k, v in s.items() if k != "file"} for s in sources],
        "needs": dict(facts["needs"]),
    }
    if facts["whole"]:
        parts["run"] = run
    return _hashed(parts)


def setting(study: Mapping[str, Any], key: str) -> Any:
    """Return what a study says under a dotted key; None where it says nothing."""
    found: Any = study
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _hashed(parts: Any) -> str:
    return _sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
