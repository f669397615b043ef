"""The size and shape of the house, as ARCHITECTURE.md states it: `python tests/house.py [FOLDER]`.

Read from the source alone, so that it measures any checkout, an old one too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path
from statistics import median

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOMS = ("geo", "flows", "maps")
MANY = 40
"""Lines up to which a function, its docstring left out, is short."""
LONG = 300
"""Lines up to which a file is."""
NUMPYDOC = re.compile(r"^(Parameters|Returns|Yields)\n-{3,}$", re.MULTILINE)


def sources(root: Path, *rooms: str) -> dict[str, ast.Module]:
    """Return module = its syntax tree."""
    paths = [p for room in rooms for p in sorted((root / room).rglob("*.py"))]
    return {_name(p.relative_to(root)): ast.parse(p.read_text("utf-8")) for p in paths}


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def lines(root: Path, *rooms: str) -> dict[str, int]:
    """Return file = its lines."""
    return {
        str(p.relative_to(root)): len(p.read_text("utf-8").splitlines())
        for room in rooms
        for p in sorted((root / room).rglob("*.py"))
    }


def functions(trees: dict[str, ast.Module]) -> dict[str, int]:
    """Return function = its lines, its docstring and decorators left out."""
    found = {}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                said = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) else 0
                found[f"{name}.{node.name}:{node.lineno}"] = (
                    node.end_lineno - node.lineno + 1 - said
                )
    return found


def exported(trees: dict[str, ast.Module]) -> list[ast.FunctionDef]:
    """Return every function that a package of `geo` takes from its modules into its `__all__`."""
    found = {}
    for name, tree in trees.items():
        offered = {n for node in tree.body for n in _listed(node)}
        for node in tree.body:
            if not isinstance(node, ast.ImportFrom) or not name.startswith("geo"):
                continue
            other = trees.get(node.module or "")
            own = {f.name: f for f in other.body if isinstance(f, ast.FunctionDef)} if other else {}
            kept = {a.name for a in node.names if (a.asname or a.name) in offered}
            found |= {(node.module, n): own[n] for n in kept & own.keys()}
    return list(found.values())


def _listed(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return [str(n.value) for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
    return []


def circles(trees: dict[str, ast.Module]) -> list[set[str]]:
    """Return the groups of modules that import each other in a circle, types left out."""
    place = {name: n for n, name in enumerate(trees)}
    arrows = [
        (place[name], place[other])
        for name, tree in trees.items()
        for other in _imports(tree, trees.keys()) - {name}
    ]
    one, two = zip(*arrows, strict=True)
    graph = coo_array((np.ones(len(arrows)), (one, two)), (len(place), len(place)))
    _, group = connected_components(graph, connection="strong")
    names = np.array(list(trees))
    return [set(names[group == g].tolist()) for g in np.flatnonzero(np.bincount(group) > 1)]


def _imports(tree: ast.AST, known: AbstractSet[str]) -> set[str]:
    """Return the modules that a file imports; what it takes from a package may be one."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names} & known
        elif isinstance(node, ast.ImportFrom):
            taken = {f"{node.module}.{a.name}" for a in node.names}
            # a name that is no module comes from the package's own file
            found |= taken & known | ({node.module or ""} & known if taken - known else set())
        elif isinstance(node, ast.stmt | ast.ExceptHandler) and not _for_types(node):
            found |= _imports(node, known)
    return found


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def measured(root: Path) -> dict[str, str]:
    """Return what = figure, in words."""
    trees, own = sources(root, *ROOMS), lines(root, *ROOMS)
    tested = lines(root, "tests")
    sizes = functions(trees)
    largest, file = max(sizes, key=sizes.__getitem__), max(own, key=own.__getitem__)
    api = exported(trees)
    whole = [f for f in api if NUMPYDOC.search(ast.get_docstring(f) or "")]
    shown = [f for f in api if ">>>" in (ast.get_docstring(f) or "")]
    test = max(tested, key=tested.__getitem__)
    return {
        "lines of geo, flows and maps": f"{sum(own.values()):,} in {len(own)} files",
        "lines of tests": f"{sum(tested.values()):,} in {len(tested)} files",
        "median file": f"{median(own.values()):.0f} lines",
        "largest file": f"`{file}`, {own[file]}",
        f"files over {LONG} lines": f"{sum(n > LONG for n in own.values())}",
        "largest file of tests": f"`{test}`, {tested[test]}",
        "functions": f"{len(sizes):,}, median {median(sizes.values()):.0f} lines",
        "largest function": f"`{largest.split(':')[0]}`, {sizes[largest]}",
        f"functions over {MANY} lines": f"{sum(n > MANY for n in sizes.values())}",
        "exported functions of geo": f"{len(api)}",
        "of these with numpydoc": f"{100 * len(whole) // max(len(api), 1)} %",
        "of these with an example": f"{100 * len(shown) // max(len(api), 1)} %",
        "circles of imports": f"{len(circles(trees))}",
    }


if __name__ == "__main__":
    for what, figure in measured(Path(sys.argv[1] if sys.argv[1:] else ".")).items():
        print(f"| {what} | {figure} |")
