"""Pages of the library: what each room exports, from its docstrings, cross-linked and typeset."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import latex2mathml.converter

ROOMS = (
    "sources", "terrain", "climate", "locomotion", "visibility", "leastcost", "funnel",
    "hardship", "synthetic", "inference", "evidence",
)  # fmt: skip
EQUATIONS = ("metabolic", "speed", "sweat")
"""Modules that `geo.locomotion` exports whole."""
MATH = re.compile(r'<(div|span) class="arithmatex">(.*?)</\1>', re.DOTALL)
CODE = re.compile(r'(?<!">)<code>((?:geo\.)?[a-z_.]+)</code>(?!</a>)')


def pages() -> dict[str, str]:
    """Return name = Markdown of the page of each room."""
    return {f"api/{room}.md": _page(room) for room in ROOMS}


def _page(room: str) -> str:
    module = importlib.import_module(f"geo.{room}")
    parts = [f"# geo.{room}", _prose(module)]
    things = sorted(_exports(module), key=lambda t: (inspect.isclass(t), t.__name__.lower()))
    heads = {False: "## Functions", True: "## Types"}
    for thing in things:
        if head := heads.pop(inspect.isclass(thing), ""):
            parts.append(head)
        parts.append(_entry(thing))
    for name in EQUATIONS if room == "locomotion" else ():
        own = importlib.import_module(f"geo.{room}.{name}")
        parts += [f"## {name}", _prose(own), *(_entry(f) for f in _functions(own))]
    return "\n\n".join(parts) + "\n"


def _prose(module: ModuleType) -> str:
    return inspect.cleandoc(module.__doc__ or "")


def _entry(thing: type) -> str:
    return f"::: {thing.__module__}.{thing.__qualname__}\n    options: {{heading_level: 3}}"


def _exports(module: ModuleType) -> Iterator[type]:
    for name in module.__all__:
        thing = inspect.unwrap(getattr(module, name)) if callable(getattr(module, name)) else None
        if inspect.isfunction(thing) or inspect.isclass(thing):
            yield thing


def _functions(module: ModuleType) -> list[type]:
    own = [f for n, f in vars(module).items() if inspect.isfunction(f) and not n.startswith("_")]
    return [f for f in own if f.__module__ == module.__name__]


def targets() -> dict[str, tuple[str, str]]:
    """Return a name as docstrings write it = (page, anchor), `geo.room.name` and `room.name`."""
    found = {}
    for room in ROOMS:
        module = importlib.import_module(f"geo.{room}")
        for thing in _exports(module):
            anchor = f"{thing.__module__}.{thing.__qualname__}"
            for name in (f"geo.{room}.{thing.__name__}", anchor):
                found[name] = (f"api/{room}", anchor)
    return found


def link(html: str, url: str, known: dict[str, tuple[str, str]]) -> str:
    """Turn names in code, as docstrings quote them, into links to where they are described."""
    here = url.strip("/")
    up = "../" * (here.count("/") + 1) if here else ""
    room = here.removeprefix("api/")

    def linked(match: re.Match[str]) -> str:
        name = match[1]
        page, anchor = known.get(name) or known.get(f"geo.{room}.{name}") or ("", "")
        if not page:
            return match[0]
        target = "" if page == here else f"{up}{page}/"
        return f'<a href="{target}#{anchor}">{match[0]}</a>'

    return CODE.sub(linked, html)


def typeset(html: str) -> str:
    """Turn equations into MathML, which browsers set without any script."""

    def math(match: re.Match[str]) -> str:
        text = match[2].strip()
        for mark in ("\\[", "\\]", "\\(", "\\)"):
            text = text.replace(mark, "")
        plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
        kind = "block" if match[1] == "div" else "inline"
        return latex2mathml.converter.convert(plain, display=kind)

    return MATH.sub(math, html)
