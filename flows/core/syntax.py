"""What one source file takes in, by its syntax tree: modules, and package data by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

PARAMETERS = "geo.parameters"
"""The one module that opens files its callers name."""
PARAMETER_FOLDER = "data/parameters"


@dataclass(frozen=True)
class Taken:
    """What a file takes in.

    Attributes
    ----------
    modules
        Dotted names that may be modules: of `from a import b` both `a` and `a.b`.
    data
        Files or folders of package data, as "package/path".
    dynamic
        Ways of importing that no syntax tree shows (`import_module`, a module's `__getattr__`).
    """

    modules: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()


@dataclass
class _Names:
    """Local names of what opens package data."""

    files: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    load: set[str] = field(default_factory=set)
    everything: set[str] = field(default_factory=set)


_READ = (ast.Import, ast.ImportFrom, ast.Call)


def taken(source: bytes, module: str, *, is_package: bool) -> Taken:
    """Read what a file takes in, also inside its functions.

    Parameters
    ----------
    source
        The file.
    module
        Its dotted name.
    is_package
        Whether it is an `__init__.py`.
    """
    tree = ast.parse(source)
    package = module if is_package else module.rpartition(".")[0]
    nodes: list[ast.AST] = [node for node in _running(tree) if isinstance(node, _READ)]
    modules: set[str] = set()
    names = _Names()
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
            _note_import(node, names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            modules |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
            _note_from(node, base, names)
    data = set() if module == PARAMETERS else _data(nodes, names)
    dynamic = _dynamic(nodes)
    if any(isinstance(n, ast.FunctionDef) and n.name == "__getattr__" for n in tree.body):
        dynamic.add("__getattr__")
    return Taken(tuple(sorted(modules)), tuple(sorted(data)), tuple(sorted(dynamic)))


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk every node but those that only a type checker reads."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.If) and _name(node.test).endswith("TYPE_CHECKING"):
            todo.extend(node.orelse)
        else:
            todo.extend(ast.iter_child_nodes(node))


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _note_import(node: ast.Import, names: _Names) -> None:
    for alias in node.names:
        bound = alias.asname or alias.name
        if alias.name == "importlib.resources":
            names.resources.add(bound)
        elif alias.name == PARAMETERS:
            names.parameters.add(bound)


def _note_from(node: ast.ImportFrom, base: str, names: _Names) -> None:
    for alias in node.names:
        bound, whole = alias.asname or alias.name, f"{base}.{alias.name}"
        if whole == "importlib.resources":
            names.resources.add(bound)
        elif whole == "importlib.resources.files":
            names.files.add(bound)
        elif whole == PARAMETERS:
            names.parameters.add(bound)
        elif base == PARAMETERS:
            (names.load if alias.name == "load" else names.everything).add(bound)


def _data(nodes: list[ast.AST], names: _Names) -> set[str]:
    found: set[str] = set()
    joined: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inner = node.func.value
            if node.func.attr == "joinpath" and _opens(inner, names):
                joined.add(id(inner))
                found.add("/".join([_package(inner), *_literal(node.args)]))
    for node in nodes:
        if _opens(node, names) and id(node) not in joined:
            found.add(_package(node))
        elif isinstance(node, ast.Call):
            found |= _parameters(node, names)
    return found


def _opens(node: ast.AST, names: _Names) -> bool:
    return isinstance(node, ast.Call) and (
        _name(node.func) in names.files
        or any(_name(node.func) == f"{r}.files" for r in names.resources)
    )


def _package(node: ast.AST) -> str:
    assert isinstance(node, ast.Call)  # noqa: S101 - `_opens` said so
    literal = _literal(node.args[:1])
    if not literal:
        raise ValueError(
            f"line {node.lineno}: name the package of its data by a string, so that the "
            "fingerprint of a step can hold it"
        )
    return literal[0].replace(".", "/")


def _parameters(node: ast.Call, names: _Names) -> set[str]:
    called = _name(node.func)
    loads = called in names.load or any(called == f"{p}.load" for p in names.parameters)
    listed = any(called == f"{p}.names" for p in names.parameters)
    if listed or called in names.everything - {"Parameter"}:
        return {PARAMETER_FOLDER}
    if not loads:
        return set()
    literal = _literal(node.args[:1])
    # a name that only a run would show stands for all of them
    return {f"{PARAMETER_FOLDER}/{literal[0]}.yaml" if literal else PARAMETER_FOLDER}


def _literal(arguments: list[ast.expr]) -> list[str]:
    """Return the leading arguments that are plain strings."""
    found = []
    for argument in arguments:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            break
        found.append(argument.value)
    return found


def _name(node: ast.AST) -> str:
    """Return a dotted name, empty where the expression is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _name(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _dynamic(nodes: list[ast.AST]) -> set[str]:
    called = {_name(n.func).rpartition(".")[2] for n in nodes if isinstance(n, ast.Call)}
    return called & {"import_module", "__import__"}
