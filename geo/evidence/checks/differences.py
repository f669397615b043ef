"""What changed between two bundles, and whether publishing both would expose anyone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo.evidence.checks import errata
from geo.evidence.checks.revisions import Changes, causes, changes, isolated, open_trees
from geo.evidence.checks.row_comparison import changed_rows, comparable_tables, plain
from geo.evidence.tables.identifiers import each

SHOWN = 5
"""Display: changed rows named per table in the text; JSON names all."""
NUMBERS = ("estimate", "low", "high", "p")


@dataclass(frozen=True)
class Difference:
    """What changed from one bundle to another.

    Attributes
    ----------
    inputs
        What they do not share, in words: files, settings, constants, packages, code.
    reasons
        Steps that differ, each with what it differs through.
    brief
        Sentences and numbers of the brief that would read otherwise: what, before, after.
    tables
        Table = rows added, removed and changed, in published classes and values.
    estimates
        Analyses before and after.
    records
        Records by kind of change, by their keys; None without both restricted trees.
    causes
        Parts of each change of a mean; empty without both restricted trees.
    isolated
        Groups that publishing both bundles would isolate; None without both restricted trees.
    """

    inputs: tuple[str, ...]
    reasons: tuple[str, ...]
    brief: tuple[dict[str, str], ...]
    tables: Mapping[str, Mapping[str, list[Any]]]
    estimates: tuple[dict[str, Any], ...]
    records: Changes | None = None
    causes: tuple[dict[str, Any], ...] = ()
    isolated: tuple[str, ...] | None = None

    @property
    def equal(self) -> bool:
        """Whether no table differs."""
        return not any(any(kind.values()) for kind in self.tables.values())

    def json(self) -> str:
        """Return the difference as JSON."""
        content = dict(self.__dict__)
        content["records"] = self.records.__dict__ if self.records else None
        return json.dumps(content, indent=2, ensure_ascii=False, default=str)

    @property
    def text(self) -> str:
        """The difference for a person: an errata note."""
        lines = ["What changed", *(f"  {i}" for i in self.inputs or ("nothing",))]
        lines += ["", "Through what, step by step"]
        lines += [f"  {r}" for r in self.reasons or ("every step is the same",)]
        lines += ["", "What the brief would say"]
        lines += list(self._brief_lines()) or ["  the same: answer, E1 to E6, arguments against it"]
        lines += ["", "Rows"]
        lines += list(self._table_lines()) or ["  the same"]
        if self.estimates:
            lines += ["", "Estimates"]
            lines += [_estimate_line(e) for e in self.estimates]
        if self.records is not None:
            lines += ["", "Records"]
            lines += [f"  {kind}: {n}" for kind, n in self.records.counts().items()]
        if self.causes:
            lines += ["", "Means, and what changed them (removed, added, changed records)"]
            lines += [
                f"  {c['period']}, {c['component']}: {c['before']:g} to {c['after']:g} {c['unit']} "
                f"({c['removed']:+g}, {c['added']:+g}, {c['changed']:+g})"
                for c in self.causes
            ]
        if self.isolated:
            lines += ["", refusal(self.isolated)]
        elif self.isolated is None:
            lines += ["", "Whether both may be published is judged with both restricted trees."]
        return "\n".join(lines) + "\n"

    def _brief_lines(self) -> Iterator[str]:
        for change in self.brief:
            yield f"  {change['what']}"
            yield f"    before: {change['before'] or 'not there'}"
            yield f"    after:  {change['after'] or 'not there'}"

    def _table_lines(self) -> Iterator[str]:
        for name, kinds in self.tables.items():
            counts = {k: len(v) for k, v in kinds.items() if v}
            if not counts:
                continue
            yield f"  {name}: " + ", ".join(f"{n} {kind}" for kind, n in counts.items())
            for change in kinds["changed"][:SHOWN]:
                what = f"{change['row_id']} {change['column']}"
                yield f"    {what}: {change['before']} to {change['after']}"


def diff(first: Path, second: Path, restricted: tuple[Path, Path] | None = None) -> Difference:
    """Compare two bundles in published classes, and record by record with both trees.

    Parameters
    ----------
    first, second
        Public bundles, the earlier first.
    restricted
        Their restricted trees, in the same order.

    Returns
    -------
    Difference
        What changed in study, code, sources and published classes; with both trees also record by
        record, in counts.

    Raises
    ------
    EvidenceError
        If a bundle or tree cannot be read.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> found = evidence.diff(examples.bundle(), examples.bundle())
    >>> type(found).__name__
    'Difference'
    """
    folders = Path(first), Path(second)
    one, two = comparable_tables(folders[0]), comparable_tables(folders[1])
    told = errata.events(folders[0]), errata.events(folders[1])
    found = Difference(
        inputs=tuple(errata.inputs(folders, told, (one, two))),
        reasons=tuple(errata.reasons(told)),
        brief=tuple(errata.brief_changes(one, two)),
        tables={
            name: changed_rows(one[name], two[name])
            for name in one
            if name in two and name not in ("snapshots", "parameters")
        },
        estimates=tuple(_estimates(one["estimates"], two["estimates"])),
    )
    if restricted is None:
        return found
    old, new = open_trees(*restricted)
    return replace(
        found,
        records=changes(old, new),
        causes=tuple(causes(old, new)),
        isolated=tuple(sorted(isolated(old, new))),
    )


def refusal(groups: tuple[str, ...]) -> str:
    """Return why two bundles may not both be published, and the way out."""
    return (
        f"REFUSED: {len(groups)} published groups differ by fewer than five records, so that "
        "subtracting one bundle from the other would leave those few. Way out: publish the later "
        "bundle with these groups empty (geo.evidence.withheld does that to its tables), "
        "or wait for a vintage in which five or more differ. Groups: "
        + ", ".join(groups[:SHOWN])
        + (" ..." if len(groups) > SHOWN else "")
    )


def _estimates(one: pd.DataFrame, two: pd.DataFrame) -> Iterator[dict[str, Any]]:
    rows = [{r.analysis: r._asdict() for r in each(f)} for f in (one, two)]
    for analysis in sorted(set(rows[0]) | set(rows[1])):
        sides = [r.get(analysis) for r in rows]
        values = [{c: plain(s[c]) for c in NUMBERS} if s else None for s in sides]
        levels = [s["claim_level"] if s else None for s in sides]
        if values[0] != values[1] or levels[0] != levels[1]:
            yield {
                "analysis": analysis,
                "before": values[0],
                "after": values[1],
                "level_before": levels[0],
                "level_after": levels[1],
            }


def _estimate_line(entry: Mapping[str, Any]) -> str:
    sides = []
    for side, level in (("before", "level_before"), ("after", "level_after")):
        values = entry[side]
        if values is None:
            sides.append("not there")
        else:
            low, high = values["low"], values["high"]
            sides.append(f"{values['estimate']} ({low} to {high}), {entry[level]}")
    return f"  {entry['analysis']}: {sides[0]} -> {sides[1]}"
