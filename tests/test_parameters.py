"""Every choice stands in the registry with unit, source and range; the rest says why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo import parameters

ROOT = Path(__file__).parents[1]
ROOMS = ("geo", "flows/stages")
REASONS = {
    "Numerical": "precision, memory or speed: no result depends on it beyond rounding",
    "Definition": "of a unit, a format, a calendar, a geometry, or a constant of nature",
    "Guard": "a bound beyond which an input is damaged, mistaken or hostile",
    "Safeguard": "a floor of what is published or quoted about people",
    "Display": "how something is printed or drawn",
    "Made up": "of the made-up land, records and towers; touches no real record",
}
"""Opening words of the docstring of a constant that is no analytic choice."""
ANALYTIC = ("geo/inference", "geo/funnel", "geo/hardship", "geo/visibility", "flows/stages")
"""Rooms in whose functions a threshold has a name, too."""
PLAIN = 3
"""Whole numbers up to this count dimensions, points or sides."""
ROUNDING = 1e-6
"""Numbers below this are tolerances of arithmetic."""
READ_ELSEWHERE = {
    "development_seeds": "seeds that validation may not use",
    "e_value_note": "the formula itself",
    "degrees_of_freedom": "the rule itself",
    "interval_scale": "the rule itself",
    "reached_dose": "the rule itself",
    "detection_at_nominal_range": "follows from the formula of detection at distance = range",
}


def modules(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def numeric(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def test_a_module_level_number_is_registered_or_says_why_it_is_no_choice():
    silent, seen = [], 0
    for name, tree in modules(*ROOMS):
        for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                continue
            # a type has no value, and a registered value stands in no source file
            if not any(map(numeric, ast.walk(node.value))) or _is_type(node):
                continue
            seen += 1
            said = _docstring(after)
            kind, _, why = said.partition(":")
            if kind not in REASONS or len(why.split()) < 3:
                silent.append(f"{name}:{node.lineno} {ast.unparse(node)[:70]}")
    assert seen > 150
    assert not silent, "register it in data/parameters, or say why it is no choice: " + "; ".join(
        silent
    )


def _docstring(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


def _is_type(node: ast.Assign | ast.AnnAssign) -> bool:
    return isinstance(node.value, ast.Subscript) and ast.unparse(node.value).startswith("Literal[")


def test_thresholds_and_defaults_of_analytic_rooms_have_names():
    found = []
    for name, tree in modules(*ANALYTIC):
        for node in ast.walk(tree):
            numbers: list[ast.AST] = []
            if isinstance(node, ast.Compare):
                numbers = [node.left, *node.comparators]
            elif isinstance(node, ast.arguments):
                numbers = [*node.defaults, *(d for d in node.kw_defaults if d is not None)]
            found += [
                f"{name}:{n.lineno} {n.value}"
                for n in numbers
                if numeric(n) and not _plain(n.value)
            ]
    assert not found, found


def _plain(value: float) -> bool:
    whole = float(value).is_integer() and abs(value) <= PLAIN
    return whole or value == 0.5 or 0.0 < abs(value) < ROUNDING


@pytest.mark.parametrize("file", parameters.names())
def test_every_parameter_has_unit_source_and_range(file):
    for one in parameters.load(file).values():
        where = f"{file}.{one.name}"
        assert one.unit.strip(), where
        assert len(one.source.split()) > 1 or one.confidence != "assumed", where
        assert (one.low is None) == (one.high is None), where
        if one.low is not None and type(one.value) in (int, float):
            assert one.low <= one.value <= one.high, where
        if one.confidence == "assumed" and type(one.value) in (int, float):
            assert one.low is not None, f"{where}: an assumed number needs low and high"


def test_no_registered_choice_is_dead():
    text = "\n".join(
        path.read_text("utf-8") for room in ("geo", "flows") for path in (ROOT / room).rglob("*.py")
    )
    dead = [
        f"{file}.{name}"
        for file in ("battery", "corridors", "funnel", "inference", "planting", "study",
                     "terrain", "visibility", "working_crs")
        for name in parameters.load(file)
        if f'"{name}"' not in text and name not in READ_ELSEWHERE
    ]  # fmt: skip
    assert not dead, dead
