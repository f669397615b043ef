"""`funnel towers`: how a tower file is read, the form filled from it, and the mapping to paste."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tomli_w

from flows.core.store import write_text
from flows.workflow.studies import locate
from geo.errors import InputProblems, Problem

if TYPE_CHECKING:
    from geo.sources.towers.description import TowerFileDescription
    from geo.study import Study

FORM = "form.csv"
Order = Literal["day", "month"]


def describe_file(path: Path, named: str | None, order: Order | None, out: Path | None) -> int:
    """Print how a tower file is read, and write its form.

    Only titles of columns, words of programmes and statuses, numbers and dates are printed.
    """
    from geo.sources import Hints  # noqa: PLC0415 - readers load slowly
    from geo.sources.towers.description import describe  # noqa: PLC0415

    if not path.is_file():
        raise InputProblems([Problem(str(path), "there is no such file", "Check the path")])
    target = _target(path, out)
    study = None if named is None else locate(named).study
    own = None if study is None else study.source("towers")
    hints = Hints() if own is None else Hints.of(own)
    if order is not None:
        hints = Hints(hints.columns, order, hints.programmes)
    found = describe(
        path,
        str(path),
        "own-towers",
        hints,
        None if study is None else study.as_of,
        None if study is None else study.bounds_lonlat,
    )
    lines = _read_as(found, path)
    if study is not None:
        lines += _dated(found, study)
    write_text(target, found.form.to_csv(index=False))
    lines += [
        "",
        f"written: {target}",
        "",
        "To paste into a study:",
        "",
        _mapping(found, path, order),
    ]
    print("\n".join(lines))  # noqa: T201 - the command line speaks
    return 0


def _target(path: Path, out: Path | None) -> Path:
    """Return where the form goes: as asked, or a name in this folder that is free."""
    if out is not None:
        if out.exists() and out.samefile(path):
            remedy = "Give another --out"
            raise InputProblems([Problem("--out", f"{out} is the file to be read", remedy)])
        return out
    names = (FORM, *(f"form-{n}.csv" for n in range(2, 1_000)))
    free = next((Path(n) for n in names if not Path(n).exists()), None)
    if free is None:
        raise InputProblems([Problem("--out", "every usual name is taken", "Give --out FILE")])
    return free


def _read_as(found: TowerFileDescription, path: Path) -> list[str]:
    counts = found.reading.counts
    faults = found.reading.quarantine
    fields = faults[faults["scope"].notna()]
    aside = f"{counts['quarantined']} rows and {len(fields)} single fields set aside"
    lines = [f"{path}: {counts['read']} rows read, {counts['kept']} towers kept, {aside}", ""]
    lines.append("Columns")
    for name, column in found.columns.items():
        mark = "guessed" if name in found.guessed else ""
        lines.append(f'  {name:24} from "{column}"  {mark}'.rstrip())
    if found.unread:
        lines.append(f"  not read: {', '.join(found.unread)}")
    for title, field in (("Programmes", "programme"), ("Statuses", "status")):
        words = [(w, r, n) for f, w, r, n in found.words if f == field]
        if words:
            lines += [
                "",
                title,
                *(f"  {w} -> {r}  ({n})".replace("->   (", "(") for w, r, n in words),
            ]
    lines += ["", "Numbers and dates", *(f"  {line}" for line in _ranges(found))]
    if found.reading.warnings:
        lines += ["", "Said of the file", *(f"  {w}" for w in found.reading.warnings)]
    if len(faults):
        lines += ["", "Set aside"]
        for fault, rows in faults.groupby(
            ["field", "reason", faults["scope"].fillna("the whole row")], sort=True
        ):
            name, reason, scope = (str(part) for part in tuple(fault))
            where = ", ".join(str(n) for n in rows["source_row"].head(5))
            more = ", ..." if len(rows) > 5 else ""
            lines.append(f"  {name}: {reason} ({len(rows)}; {scope}; row {where}{more})")
    if found.missing:
        lines += ["", "Missing"]
        lines += [f"  {what}: {n} towers; each {then}" for what, n, then in found.missing]
    return lines


def _ranges(found: TowerFileDescription) -> list[str]:
    towers = found.reading.records
    said = []
    for name, unit in (("height_m", "m"), ("range_m", "m")):
        values = towers[name].dropna()
        if len(values):
            said.append(f"{name}: {len(values)}, {values.min():,.1f} to {values.max():,.1f} {unit}")
    for name in ("active_from", "active_to"):
        first = towers[f"{name}_earliest"].dropna()
        if len(first):
            last = towers[f"{name}_latest"].dropna()
            said.append(f"{name}: {len(first)}, {first.min():%Y-%m-%d} to {last.max():%Y-%m-%d}")
    return said or ["none"]


def _dated(found: TowerFileDescription, study: Study) -> list[str]:
    from geo import sources  # noqa: PLC0415

    rules = study.tower_dates
    ruled = sources.date_by_rules(found.reading.records, rules, study.window)
    counts = sources.dating(ruled, rules)
    lines = ["", f"In the study {study.name}: {sources.sentence(counts)}"]
    for rule in rules:
        if rule.corridor is not None:
            lines.append(f"  {rule.label}: counted by `funnel check`, which reads the corridors")
            continue
        number = int(counts.loc[counts["dated_by"] == rule.label, "towers"].sum())
        lines.append(f"  {rule.label}  ({number} towers; {rule.citation})")
    return lines if rules else [*lines, "  the study has no dating rules ([[tower_dates]])"]


def _mapping(found: TowerFileDescription, path: Path, order: Order | None) -> str:
    source: dict[str, object] = {
        "id": "my-towers",
        "role": "towers",
        "file": path.name,
        "credit": "who made this file, and when",
    }
    if order is not None:
        source["date_order"] = order
    source["columns"] = dict(found.columns)
    return tomli_w.dumps({"sources": [source]}).strip()
