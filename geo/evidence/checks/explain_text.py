"""One traced row, told to a person: the number, the sentence, what it is made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo.evidence.checks.explain import Explanation

SHORT = 12
"""Display: hexadecimal digits of a hash in running text."""
WHOLE = 1_000
"""Display: from here on a number is written without digits after the point."""
WIDTH = 100
"""Display: characters of a line; a hash is never broken."""
CONSTANTS = 12
"""Display: constants that are told without being asked for all."""
LONGEST = 80
"""Display: characters of a constant in running text; `--all` tells it whole."""
TILES = 4
"""Display: files of one source from which on they are one line."""
PLAIN = ("", "1", "see unit", "see estimand")
"""Units that say nothing beside a number."""
LEAD = ("sentence", "gates", "analysis", "estimand", "estimate", "low", "high")
"""Columns told apart from the others."""
INSIDE = ("parameters_hash", "sentence_es")
"""Columns told with everything: what only the software reads, and what is said already."""
KINDS = (
    ("records", ("deaths", "vintage")),
    ("exposure", ("towers", "zones", "infrastructure")),
    ("land", ("elevation", "landcover", "climate")),
    ("lines and places", ("border", "roads", "places", "areas", "corridors", "covariates")),
    ("compared with", ("crosscheck",)),
)
"""Words = roles of the files told under them."""


def told(found: Explanation, *, whole: bool) -> str:
    """Return a traced row for a person, the number first; `whole` tells every constant too."""
    values = {str(v["column"]): v for v in found.values}
    estimate = "" if found.number else _estimate(values, untold=found.untold)
    lines = [_wrapped(text, "") for text in (found.number, estimate) if text]
    lines += ["", _wrapped(found.sentence, "")] if found.sentence else []
    where = f"row {found.id} of {found.table}" if found.values else found.table
    lines += ["", f"{found.title}, {found.data_status}{f' ({where})' if where else ''}"]
    # beside one of the brief's numbers the row's own stands unprinted, as it may not be quoted
    led = tuple(c for c in LEAD if c != "estimand") if "estimand" in values else LEAD[:2]
    apart = (*(LEAD if estimate else led), *(() if whole else INSIDE))
    rest = [v for v in found.values if v["column"] not in apart and v["value"] != ""]
    lines += [_wrapped(f"{v['meaning']}: {_number(v)}", "  ") for v in rest]
    lines += _gates(found.values)
    lines += ["", "Made of", *_tree(_parts(found, whole=whole))]
    if found.source_rows:
        lines += ["", f"Source rows ({len(found.source_rows)}), restricted"]
        lines += ["  " + ", ".join(f"{k} {v}" for k, v in row.items()) for row in found.source_rows]
    return "\n".join(lines).lstrip("\n") + "\n"


def _estimate(values: Mapping[str, Mapping[str, Any]], *, untold: bool) -> str:
    """Return an estimate as published; a ratio that is not quoted is no finding."""
    if not {"analysis", "estimand", "estimate"} <= values.keys():
        return ""
    number = _number(values["estimate"])
    if "low" in values and "high" in values:
        span = f"95 % interval {_number(values['low'])} to {_number(values['high'])}"
        number = f"{'no finding: the records cannot tell' if untold else number} ({span})"
    return f"{values['analysis']['value']}: {number}; {values['estimand']['value']}"


def _wrapped(text: str, indent: str) -> str:
    after = f"{indent}  " if indent else ""
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=after,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _number(entry: Mapping[str, Any]) -> str:
    """Write a value as it is published: three significant digits, whole numbers whole."""
    value, unit = entry["value"], entry["unit"]
    if isinstance(value, float) and unit == "degree":
        value = f"{value:.4f}"
    elif isinstance(value, float):
        value = f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:#.3g}".rstrip(".")
    return f"{value}" if unit in PLAIN else f"{value} {unit}"


def _gates(values: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the checks of a claim by how they ended, each not run with its reason."""
    text = next((str(v["value"]) for v in values if v["column"] == "gates"), "")
    ended: dict[str, list[str]] = {}
    for gate in filter(None, text.split(";")):
        name, _, how = gate.partition("=")
        outcome, _, why = how.partition(" (")
        reason = f" ({why}" if why else ""
        ended.setdefault(outcome, []).append(name.replace("_", " ") + reason)
    order = ("fail", "not run", "pass")
    words = {"fail": "failed", "not run": "not run", "pass": "passed"}
    told_by = ((words[how], ended[how]) for how in order if how in ended)
    return [_wrapped(f"Checks {how}: {', '.join(gates)}", "  ") for how, gates in told_by]


def _parts(found: Explanation, *, whole: bool) -> list[tuple[str, list[str]]]:
    """Return what a row is made of: a head and its lines each."""
    files: dict[str, Mapping[str, Any]] = {}
    for entry in sorted(found.inputs, key=lambda i: str(i["is"]).startswith("bytes")):
        if "sha256" in entry:
            files.setdefault(str(entry["sha256"]), entry)
    parts: list[tuple[str, list[str]]] = (
        [(f"records: {found.records}", [])] if found.records else []
    )
    for words, roles in KINDS:
        of_roles = [f for f in files.values() if f.get("role") in roles]
        if here := list(_files(of_roles, whole=whole)):
            parts.append((words if words != "records" else "files of records", here))
    rest = [i for i in found.inputs if i["is"] != "step" and "sha256" not in i]
    if rest:
        parts.append(("other rows", [f"{i['id']}: {i['is']}" for i in rest]))
    if found.steps:
        runs = sorted({s["computed_in"] for s in found.steps if s["computed_in"]})
        one = f", computed in run {runs[0]}" if len(runs) == 1 else ""
        lines = list(_steps(found, whole=whole, by_run=not one))
        parts.append((f"steps, first to last{one}", lines))
    if found.parameters:
        parts.append(_constants(found.parameters, whole=whole))
    return parts or [
        ("nothing: no row of the tables holds it" if found.number else "the study alone", [])
    ]


def _files(entries: list[Mapping[str, Any]], *, whole: bool) -> Iterator[str]:
    """Yield a line a file; the tiles of one source are one line until all is asked for."""
    titled: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        titled.setdefault(str(entry.get("title") or entry["id"]), []).append(entry)
    for title, own in titled.items():
        if whole or len(own) < TILES:
            yield from (_file(entry, whole=whole) for entry in own)
        else:
            first, last = (f"{own[n]['sha256'][:SHORT]}... (row {own[n]['id']})" for n in (0, -1))
            yield f"{title}: {len(own)} files, sha256 {first} to {last}; each with --all"


def _file(entry: Mapping[str, Any], *, whole: bool) -> str:
    by = f", {entry['publisher']}" if whole and entry.get("publisher") else ""
    title = entry.get("title") or entry["id"]
    digest = entry["sha256"] if whole else f"{entry['sha256'][:SHORT]}..."
    return f"{title}{by}; sha256 {digest} (row {entry['id']})"


def _steps(found: Explanation, *, whole: bool, by_run: bool) -> Iterator[str]:
    for step in found.steps:
        marks = [
            f"{word} {step[word][:SHORT]}"
            for word in ("code", "environment")
            if step[word] and (whole or word == "code")
        ]
        if by_run and step["computed_in"]:
            marks.append(f"computed in run {step['computed_in']}")
        made = f" [{', '.join(marks)}]" if marks else ""
        after = f" ({step['reference']})" if whole and step["reference"] else ""
        yield f"{step['name']}{made}: {step['does']}{after}"


def _constants(parameters: Iterable[Mapping[str, str]], *, whole: bool) -> tuple[str, list[str]]:
    """List the assumed constants of the last step, or all of them with their sources."""
    everything = list(parameters)
    if whole:
        lines = [f"{_constant(p)} ({p['source']})" for p in everything]
        return f"constants: {len(everything)}", lines
    assumed = [p for p in everything if p["last"] == "True" and p["confidence"] == "assumed"]
    shown = assumed[:CONSTANTS]
    left = len(everything) - len(shown)
    more = f"; {left} more with --all" if left else ""
    head = f"constants of the last step that are assumed: {len(shown)} of {len(assumed)}{more}"
    return head, ["; ".join(_cut(_constant(p)) for p in shown)] if shown else []


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _constant(entry: Mapping[str, str]) -> str:
    unit = "" if entry["unit"] == "1" else f" {entry['unit']}"
    return f"{entry['file']}.{entry['name']} = {entry['value']}{unit}"


def _tree(parts: list[tuple[str, list[str]]]) -> Iterator[str]:
    for n, (head, lines) in enumerate(parts):
        last = n == len(parts) - 1
        yield f"{'└' if last else '├'}─ {head}"
        for line in lines:
            yield _wrapped(line, f"{' ' if last else '│'}    ")
