"""Every message a problem can have, read from the code that says it.

A message is said in one place: a `Problem`, a raised error of `geo.errors`, or a builtin error
raised in words. Walking the syntax tree finds all of them, so that a new one cannot be left out
of the reference, nor of the test that provokes each.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from geo import errors

ROOT = Path(__file__).parents[1]
ROOMS = ("geo", "flows", "maps")
KINDS = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.FunnelError)
) - {"FunnelError", "InputProblems"}  # InputProblems only carries what a Problem said
PLAIN = frozenset({"ValueError", "TypeError", "KeyError"})
"""Builtins; pydantic turns those of the study file into problems."""
LISTS = frozenset({"faults", "problems"})
PART = "part"
"""One of several faults that a single error lists."""
FILLED = "…"


@dataclass(frozen=True)
class Said:
    """One place in the code that says what is wrong.

    Attributes
    ----------
    file
        Path from the root of the repository.
    first, last
        Lines of the call.
    kind
        `Problem`, the error's class, or `part`: one of several faults that an error lists.
    what, remedy
        In words, `…` for what is filled in.
    """

    file: str
    first: int
    last: int
    kind: str
    what: str
    remedy: str

    @property
    def room(self) -> str:
        """Return the room, such as `geo/sources`."""
        return "/".join(Path(self.file).with_suffix("").parts[:2])

    def fits(self, message: str) -> bool:
        """Return whether a message is one this place says."""
        words = (re.escape(part) for part in self.what.split(FILLED))
        return re.search(".*".join(words), message, re.DOTALL) is not None


def everything() -> list[Said]:
    """Return every message of the project, by file and line."""
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            found += said(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    return found


def said(code: str, file: str) -> Iterator[Said]:
    """Yield what the code of one module says, in the order of its lines."""
    tree = ast.parse(code)
    own = _is_problem(tree)
    shared = _words_by_name(tree.body)
    raised = {id(n.exc) for n in ast.walk(tree) if isinstance(n, ast.Raise)}
    for scope in _scopes(tree):
        names = {**shared, **_words_by_name(ast.walk(scope))}
        for call in _calls(scope):
            kind = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if kind == "Problem":
                if not own:
                    continue
                what, remedy = (_words(_argument(call, k), names) for k in (1, 2))
            elif kind in KINDS or (kind in PLAIN and id(call) in raised) or _is_part(call):
                what, remedy = _split(_words(_argument(call, 0), names))
                kind = PART if _is_part(call) else kind
            else:
                continue
            yield Said(file, call.lineno, call.end_lineno or call.lineno, kind, what, remedy)


def _is_part(call: ast.Call) -> bool:
    """Return whether a call adds one of several faults that are raised together."""
    to = getattr(call.func, "value", None)
    held = getattr(call.func, "attr", "") == "append" and getattr(to, "id", "") in LISTS
    return held and bool(call.args) and isinstance(call.args[0], ast.Constant | ast.JoinedStr)


def _is_problem(tree: ast.Module) -> bool:
    """Return whether `Problem` is the one of `geo.errors`, and not a room's own."""
    return any(
        isinstance(n, ast.ImportFrom)
        and n.module == "geo.errors"
        and any(a.name == "Problem" for a in n.names)
        for n in tree.body
    )


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            yield node


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of a scope, without those of functions defined in it."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from _calls(node)


def _argument(call: ast.Call, position: int) -> ast.expr | None:
    if len(call.args) > position:
        return call.args[position]
    names = ("where", "what", "remedy")
    return next((k.value for k in call.keywords if k.arg == names[position]), None)


def _words_by_name(nodes: Iterator[ast.AST] | list[ast.stmt]) -> dict[str, ast.expr]:
    named: dict[str, ast.expr] = {}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named |= {t.id: node.value for t in targets if isinstance(t, ast.Name)}
    return named


def _words(node: ast.AST | None, names: Mapping[str, ast.expr]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(v, {}) for v in node.values)
    if isinstance(node, ast.FormattedValue | ast.IfExp):
        return FILLED
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _words(node.left, names) + _words(node.right, names)
    if isinstance(node, ast.Name) and node.id in names:
        return _words(names[node.id], {})
    return FILLED


def _split(message: str) -> tuple[str, str]:
    """Return what and remedy of a message in one string: its first full stop or semicolon."""
    what, _, remedy = re.sub(r"(?<=[^0-9.])[.;] ", "\n", message, count=1).partition("\n")
    return what.rstrip("."), remedy.rstrip(".")
