"""Arrows between rooms, the purity of geo, numbers that are choices, what is never committed."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import house
import pytest

ROOT = Path(__file__).parents[1]

WITH_NUMBERS = ("geo", "flows/stages")
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
# Lowest first: a room may import rooms of lower rank only (and its own parts).
RANK = {
    "geo.errors": 0,
    "geo.typing": 0,
    "geo.identity": 0,
    "geo.parameters": 1,
    "geo.quantities": 1,
    "geo.guard": 1,
    "geo.sizes": 1,
    "geo.date_intervals": 1,
    "geo.grid": 1,
    "geo.aggregation": 2,
    "geo.scale": 2,
    "geo.contract": 2,
    "geo.records": 3,
    "geo.tower_dates": 3,
    "geo.study": 4,
    "geo.sources": 5,
    "geo.terrain": 5,
    "geo.climate": 6,
    "geo.locomotion": 7,
    "geo.visibility": 7,
    "geo.leastcost": 7,
    "geo.funnel": 8,
    "geo.hardship": 9,
    "geo.accessor": 9,
    "geo.synthetic": 10,
    "geo.inference": 11,
    "geo.evidence": 12,
    "geo.examples": 13,
    "maps": 14,
    "flows": 15,
}
# The four rooms of rank 7 and the two of rank 5 know nothing of each other.

# Rooms inside rooms, lowest first. Modules that stand beside them (a face) rank highest.
INSIDE = {
    "flows": (("fetch", "core"), ("stages",), ("workflow",), ("orchestration",), ("cli",)),
    "geo.evidence": (("tables",), ("formats",), ("custody",), ("documents",), ("checks",)),
    "geo.inference": (
        ("estimation",),
        ("panel",),
        ("registered",),
        ("robustness",),
        ("spatial",),
    ),
}
FORBIDDEN_IN_GEO = {
    "prefect",
    "prefect_dask",
    "distributed",
    "folium",
    "httpx",
    "requests",
    "urllib.request",
    "socket",
    "http",
    "aiohttp",
}
CLOCK_OR_ENVIRONMENT = re.compile(
    r"\b(os\.environ|os\.getenv|time\.time|datetime\.now|date\.today|Path\.home|Path\.cwd|getcwd)\b"
)


def modules(*packages: str) -> list[Path]:
    return [p for package in packages for p in sorted((ROOT / package).rglob("*.py"))]


def name_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] in ("maps", "flows"):
        return parts[0]
    return ".".join(parts[:2]) if parts[0] == "geo" and len(parts) > 1 else None


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions."""
    found: set[str] = set()
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    [*package.split(".")[: len(package.split(".")) - node.level + 1], base]
                )
            found |= {f"{base}.{alias.name}".strip(".") for alias in node.names} | {base}
    return found


@pytest.mark.parametrize("path", modules("geo", "maps", "flows"), ids=name_of)
def test_imports_point_one_way(path):
    own = room_of(name_of(path))
    for module in imports(path):
        other = room_of(module)
        if other is None or other == own or own is None or other not in RANK:
            continue
        assert RANK[other] < RANK[own], f"{name_of(path)} imports {module}"


def inner_rank(package: str, module: str) -> int | None:
    """Floor of a module inside a room; above all floors where it stands beside them."""
    if not module.startswith(f"{package}."):
        return None
    name = module.removeprefix(f"{package}.").split(".")[0]
    floors = INSIDE[package]
    return next((n for n, floor in enumerate(floors) if name in floor), len(floors))


@pytest.mark.parametrize("package", INSIDE)
def test_arrows_inside_rooms_point_one_way(package):
    for path in modules(package.replace(".", "/")):
        own = inner_rank(package, name_of(path))
        for module in imports(path) if own is not None else ():
            other = inner_rank(package, module)
            # names that a face re-exports have no floor of their own
            if other is None or other == len(INSIDE[package]):
                continue
            assert other <= own, f"{name_of(path)} imports {module}"


def test_no_modules_import_each_other_in_a_circle():
    trees = house.sources(ROOT, *house.ROOMS)
    assert len(trees) > 400
    assert house.circles(trees) == []
    trees["geo.typing"] = ast.parse("import geo.examples")
    assert any("geo.typing" in group for group in house.circles(trees)), "a circle would be seen"


@pytest.mark.parametrize("path", modules("geo"), ids=name_of)
def test_geo_is_pure(path):
    text = path.read_text("utf-8")
    for module in imports(path):
        for banned in FORBIDDEN_IN_GEO:
            assert not f"{module}.".startswith(f"{banned}."), module
    assert not CLOCK_OR_ENVIRONMENT.search(text)
    if name_of(path) != "geo.grid":
        assert not re.search(r"\.(odc|rio)\.", text), "only geo/grid.py touches accessors"


def test_only_flows_imports_prefect():
    for path in modules("geo", "maps", "notebooks", "validation"):
        assert not any(m.split(".")[0] == "prefect" for m in imports(path)), path


def test_every_rule_of_the_never_list_has_a_line_in_the_impact_assessment():
    text = (ROOT / "IMPACT-ASSESSMENT.md").read_text("utf-8").lower()
    rules = [
        "name past the reader",
        "re-identifies a person",
        "aggregates",
        "present-day or forward-looking routes",
        "best-route line",
        "finer than 1 km",
        "unclosed period",
        "where a tower could stand",
        "aid, water-station, cache or pick-up site",
        "towers killed n people",
        "invented coordinates or dates",
        "third-party code",
    ]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for rule in rules:
        fitting = [r for r in rows if rule in r]
        assert fitting, f"no line for: {rule}"
        assert all(len(cell.strip()) > 3 for cell in fitting[0].strip("|").split("|")), rule
    for section in (
        "purpose",
        "necessity",
        "people affected",
        "misuse by agencies",
        "misuse by smugglers",
        "residual risk",
        "owner",
        "review",
    ):
        assert section in text


def test_every_room_of_the_architecture_exists_and_every_room_stands_in_it():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for room in RANK:
        path = ROOT / room.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), room
        assert room.replace(".", "/") in text, room


def parsed(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def numeric(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def test_a_module_level_number_is_registered_or_says_why_it_is_no_choice():
    silent, seen = [], 0
    for name, tree in parsed(*WITH_NUMBERS):
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
    for name, tree in parsed(*ANALYTIC):
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


def test_tests_that_share_what_they_make_stay_on_one_worker(request):
    """A runner that ignores the groups passes all the same, and makes everything twice."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("one process: nothing to keep together")
    assert request.node.nodeid.endswith("@test_architecture.py")
