"""What two bundles stand on, and what would change in the brief: the parts of an errata note."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.evidence.custody.chain import CUSTODY
from geo.evidence.documents.results import OBJECTIONS, strongest
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import key_numbers

STUDY, ENVIRONMENT = "study.toml", "environment.txt"
SHORT = 12
"""Display: hexadecimal digits of a hash in running text."""
REASONS = (("code", "its code"), ("environment", "its environment"), ("settings", "its settings"))
"""Field of a step in the custody log = what is said of its change."""
Tables = Mapping[str, pd.DataFrame]
Events = Mapping[str, Any]


def events(folder: Path) -> dict[str, Any]:
    """Return the custody events of a bundle by kind, snapshots by hash and steps by name."""
    found: dict[str, Any] = {"snapshots": {}, "steps": {}}
    for line in (folder / CUSTODY).read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["event"] == "snapshot":
            found["snapshots"][entry["sha256"]] = entry["title"]
        elif entry["event"] == "step":
            found["steps"][entry["name"]] = entry
        else:
            found.setdefault(entry["event"], entry)
    return found


def inputs(
    folders: tuple[Path, Path], told: tuple[Events, Events], tables: tuple[Tables, Tables]
) -> Iterator[str]:
    """Say what two bundles do not share: files, settings, constants, packages, code."""
    one, two = told
    for digest in sorted(set(one["snapshots"]) ^ set(two["snapshots"])):
        way = "gone" if digest in one["snapshots"] else "new"
        title = (one["snapshots"] | two["snapshots"])[digest]
        yield f"file {way}: {title} (sha256 {digest})"
    settings = [_flat(tomllib.loads(_text(f / STUDY))) for f in folders]
    yield from _changed("study", *settings)
    yield from _changed("constant", *(_constants(t) for t in tables))
    yield from _changed("package", *(_packages(f) for f in folders))
    codes = [e.get("code", {}).get("version", "") for e in (one, two)]
    if codes[0] != codes[1]:
        yield f"code: {codes[0][:SHORT]} to {codes[1][:SHORT]}"


def reasons(told: tuple[Events, Events]) -> Iterator[str]:
    """Say of every step that differs through what it does."""
    one, two = (events["steps"] for events in told)
    for name in dict.fromkeys([*one, *two]):
        if name not in one or name not in two:
            yield f"{name}: only in the {'earlier' if name in one else 'later'} bundle"
            continue
        old, new = one[name], two[name]
        if old["fingerprint"] == new["fingerprint"]:
            continue
        found = [words for field, words in REASONS if old.get(field) != new.get(field)]
        needs = old.get("needs", {}), new.get("needs", {})
        before = [n for n in needs[1] if needs[0].get(n) != needs[1][n]]
        found += [f"what it starts from ({', '.join(before)})"] if before else []
        yield f"{name}: {', '.join(found) or 'its files or the values of its settings'}"


def brief_changes(old: Tables, new: Tables) -> Iterator[dict[str, str]]:
    """Yield every sentence and number of the brief that would read otherwise: what, before, after.

    The answer, the numbers E1 to E6, and the arguments against it.
    """
    sides = [dict(_brief(t)) for t in (old, new)]
    for what in dict.fromkeys([*sides[0], *sides[1]]):
        before, after = (s.get(what, "") for s in sides)
        if before != after:
            yield {"what": what, "before": before, "after": after}


def _brief(tables: Tables) -> Iterator[tuple[str, str]]:
    rows = {r.analysis: r for r in each(tables["estimates"])}
    if "headline" in rows:
        yield "answer", str(rows["headline"].sentence)
        yield "level", str(rows["headline"].claim_level)
    for number in key_numbers(tables):
        yield f"{number.id} ({number.asks})", number.value
    for n, (why, sentence) in enumerate(strongest(tables)[:OBJECTIONS], 1):
        yield f"argument {n} against it", f"{why}. {sentence}"


def _constants(tables: Tables) -> dict[str, str]:
    frame = tables.get("parameters")
    if frame is None:
        return {}
    return {f"{r.file}.{r.name}": str(r.value) for r in each(frame)}


def _packages(folder: Path) -> dict[str, str]:
    lines = _text(folder / ENVIRONMENT).splitlines()
    return dict(line.split("==", 1) for line in lines if "==" in line)


def _changed(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        before, after = old.get(name, "not there"), new.get(name, "not there")
        if before != after:
            yield f"{kind} {name}: {before} to {after}"


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return a study's settings by dotted name; an entry of a list goes by its id or number."""
    if isinstance(value, dict):
        parts = {str(k): v for k, v in value.items()}
    elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        parts = {str(v.get("id", n)): v for n, v in enumerate(value)}
    else:
        return {name: value}
    found: dict[str, Any] = {}
    for key, part in parts.items():
        found |= _flat(part, f"{name}.{key}" if name else key)
    return found


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""
