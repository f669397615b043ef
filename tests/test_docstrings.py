"""What a person reads of an exported function: numpydoc that is whole, and an example that runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import textwrap

import pytest

import geo
from geo.locomotion import metabolic, speed, sweat

HEAD = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}$", re.MULTILINE)
EQUATIONS = (metabolic, speed, sweat)
"""Modules that a room exports whole."""


def exported():
    """Yield every function that a room's face, or a module of equations, offers, once."""
    found = {}
    for info in pkgutil.walk_packages(geo.__path__, "geo."):
        module = importlib.import_module(info.name)
        if info.ispkg and hasattr(module, "__all__"):
            found |= {id(f): f for f in map(_plain, map(vars(module).get, module.__all__)) if f}
    for module in EQUATIONS:
        own = (f for n, f in vars(module).items() if not n.startswith("_"))
        found |= {id(f): f for f in map(_plain, own) if f and f.__module__ == module.__name__}
    found[id(geo.open_elevation)] = geo.open_elevation
    return sorted(found.values(), key=_name)


def _plain(thing):
    """Return the function under a decorator, or None for what is no function."""
    bare = inspect.unwrap(thing) if callable(thing) else None
    return bare if inspect.isfunction(bare) else None


def _name(function):
    return f"{function.__module__}.{function.__qualname__}"


def sections(function):
    """Return section = its text, of a numpydoc docstring."""
    parts = HEAD.split(inspect.getdoc(function) or "")
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def lacks(function):
    """List what the docstring of a function does not say."""
    said = sections(function)
    named = {
        name.strip().lstrip("*")
        for line in said.get("Parameters", "").splitlines()
        if line and not line.startswith(" ")
        for name in line.split(":")[0].split(",")
    }
    asked = set(inspect.signature(function).parameters)
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    own = [n for n in ast.walk(node) if isinstance(n, ast.Raise) and n.exc is not None]
    rules = {
        "a summary that ends": said[""].strip().split("\n\n")[0].endswith("."),
        f"parameters {sorted(asked ^ named)}": asked == named,
        "what it returns": bool(said.keys() & {"Returns", "Yields"}),
        "what it raises": not own or "Raises" in said,
        "an example": ">>>" in said.get("Examples", ""),
    }
    return [rule for rule, kept in rules.items() if not kept]


def test_every_exported_function_says_what_it_takes_gives_and_refuses():
    functions = exported()
    assert len(functions) > 190
    faults = {_name(f): lacks(f) for f in functions if lacks(f)}
    assert not faults, "\n".join(f"{k}: {', '.join(v)}" for k, v in faults.items())


def _modules():
    return sorted({f.__module__ for f in exported()} | {"geo.examples"})


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
@pytest.mark.parametrize("module", _modules())
def test_examples_run(module):
    done = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert not done.failed
