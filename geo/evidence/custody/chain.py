"""The custody log and the manifest: who can check that nothing was changed, and how.

A line of `custody.jsonl` holds the hash of the line before it, so a changed, removed or reordered
line breaks the chain; the manifest `SHA256SUMS` pins the whole. Lines state facts of the inputs
only, so that equal inputs give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Problem
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.records import rounded_class

MANIFEST = "SHA256SUMS"
SIGNATURE, TIMESTAMP = f"{MANIFEST}.sig", f"{MANIFEST}.tsr"
"""Of the manifest, beside it and not in it; only where a bundle is signed or stamped."""
CUSTODY = "custody.jsonl"
APART = "run-log"
"""Folder with clock times, under its own chain and outside the manifest."""
START = "0" * 64
"""Definition: what stands for the line before the first."""
FORMAT = 2
"""Definition: of bundles as this program writes them. Format 1 stated no format, and of a step only
its name and fingerprint."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes, hex."""
    return hashlib.sha256(data).hexdigest()


def events(
    findings: Findings, tables: Mapping[str, pd.DataFrame], restricted: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the custody events of a run: bundle, study, code, sources, counts, steps, records."""
    study = findings.study
    yield {"event": "bundle", "format": FORMAT, "run_id": findings.run_id}
    yield {
        "event": "study",
        "name": study.name,
        "as_of": study.as_of.isoformat(),
        "fingerprint": study.fingerprint(),
        "data_status": findings.data_status,
    }
    yield {
        "event": "code",
        "version": findings.code_version,
        "environment_sha256": sha256(findings.environment.encode()),
    }
    for row in tables["snapshots"].to_dict("records"):
        kept = {str(k): (None if pd.isna(v) else v) for k, v in row.items()}
        yield {"event": "snapshot", **kept}
    for count in each(tables["counts"]):
        yield {
            "event": "counted",
            "source_id": count.source_id,
            "step": count.step,
            "reason": count.reason,
            "records": count.records_class,
        }
    yield {"event": "withdrawn", "records": rounded_class(findings.withdrawn)}
    for facts in findings.steps.values():
        yield {"event": "step", **facts}
    yield {"event": "restricted", **restricted}


def chain(items: Iterable[Mapping[str, Any]]) -> bytes:
    """Return events as JSON lines, each with its number and the hash of the line before."""
    lines: list[bytes] = []
    before = START
    for number, item in enumerate(items, start=1):
        line = json.dumps(
            {"n": number, "previous": before, **item}, sort_keys=True, ensure_ascii=False
        ).encode()
        before = sha256(line)
        lines.append(line)
    return b"\n".join(lines) + b"\n"


def check_chain(data: bytes, where: str = CUSTODY) -> Iterator[Problem]:
    """Yield the first break of a chain, or what cannot be read of it."""
    remedy = "The log was altered after the run; ask for the original bundle"
    before = START
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            entry = json.loads(line)
            kept = entry["n"], entry["previous"]
        except (ValueError, KeyError, TypeError):
            yield Problem(where, "the line is not a custody entry", remedy, row=number)
            return
        if kept != (number, before):
            what = f"the chain breaks: entry {kept[0]} does not follow the line before it"
            yield Problem(where, what, remedy, row=number)
            return
        before = sha256(line)
    if before == START:
        yield Problem(where, "the log is empty", remedy)


def files(folder: Path) -> list[str]:
    """Return every file of a tree that its manifest must list, as relative paths, sorted."""
    found = (p for p in folder.rglob("*") if p.is_file() or p.is_symlink())
    names = (p.relative_to(folder).as_posix() for p in found)
    own = {MANIFEST, SIGNATURE, TIMESTAMP}
    return sorted(n for n in names if n not in own and not n.startswith(f"{APART}/"))


def manifest(folder: Path) -> bytes:
    """Return the manifest of a tree in the format of `sha256sum`."""
    lines = (f"{sha256((folder / name).read_bytes())}  {name}\n" for name in files(folder))
    return "".join(lines).encode()


def check_manifest(folder: Path) -> Iterator[Problem]:
    """Yield every file of a tree that was changed, removed or added since its manifest."""
    path = folder / MANIFEST
    if not path.is_file():
        yield Problem(
            MANIFEST, "the manifest is missing", "This is no complete bundle; get the original"
        )
        return
    listed: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != len(START) or not name:
            yield Problem(MANIFEST, "the line is no entry", "Get the original bundle", row=number)
            continue
        listed[name] = digest
    there = set(files(folder))
    for name in sorted(set(listed) | there):
        if name not in there:
            yield Problem(name, "the file is missing", "Get it from the original bundle")
        elif name not in listed:
            yield Problem(name, "the file was added after the run", "Remove it")
        elif sha256((folder / name).read_bytes()) != listed[name]:
            yield Problem(name, "the file was changed after the run", "Get the original file")
