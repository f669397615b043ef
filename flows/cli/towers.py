"""`funnel towers`: how a tower file is read, the form filled from it, and the mapping to paste."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flows.cli.described import Order, asked, column_lines, fault_lines, mapping
from flows.core.store import write_text
from geo.errors import InputProblems, Problem

if TYPE_CHECKING:
    from geo.sources.towers.description import TowerFileDescription
    from geo.study import Study

FORM = "form.csv"


def describe_file(path: Path, named: str | None, order: Order | None, out: Path | None) -> int:
    """Print how a tower file is read, and write its form.

    Only titles of columns, words of programmes and statuses, numbers and dates are printed.
    """
    from geo.sources.towers.description import describe  # noqa: PLC0415 - readers load slowly

    study, hints = asked(path, "towers", named, order)
    target = _target(path, out)
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
        mapping("towers", path, order, found.columns),
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
    lines += column_lines(found.columns, found.guessed)
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
        lines += ["", "Set aside", *(f"  {line}" for line in fault_lines(faults))]
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
