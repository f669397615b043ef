"""A bundle that somebody changed and then sealed again, as one would who wants to hide it."""

from __future__ import annotations

import json

from geo.evidence import Findings, verify
from geo.evidence.custody.chain import chain, manifest
from geo.evidence.custody.crate import crate_bytes


def seal(folder, found: Findings):
    """Write crate and manifest anew, as someone would who wants to hide a change."""
    (folder / "ro-crate-metadata.json").write_bytes(crate_bytes(folder, found))
    (folder / "SHA256SUMS").write_bytes(manifest(folder))
    return folder


def rewritten(folder, found, change):
    """Edit custody entries and rehash all that follows, as a forger would."""
    path = folder / "custody.jsonl"
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in entries:
        del entry["n"], entry["previous"]
        change(entry)
    path.write_bytes(chain(e for e in entries if e))
    return seal(folder, found)


def said(folder, restricted=None):
    """Return file = what `verify` says of it."""
    return {p.where: p.what for p in verify(folder, restricted)}
