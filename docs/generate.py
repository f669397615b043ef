"""Pages that follow from the code: command line, study file, tables, messages, library, method.

A hook of mkdocs: the pages exist only in the built site, so that they cannot fall behind.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pydantic import BaseModel  # noqa: E402 - the project need not be installed

from docs import api, labs, method  # noqa: E402
from flows.cli.app import app  # noqa: E402
from geo import errors, study  # noqa: E402
from geo.records import RASTERS, TABLES  # noqa: E402

PARTS = (study.Study, study.GridSpec, study.Period, study.Source, study.Movement,
         study.Inference, study.Privacy, study.Synthetic)  # fmt: skip


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages to the site."""
    whole = {name: write() for name, write in PAGES.items()}
    for made in (whole, api.pages(), method.pages(), labs.pages()):
        for name, content in made.items():
            files.append(File.generated(config, name, content=content))
    return files


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Set equations, and link the names of functions to where they are described."""
    return api.link(api.typeset(html), page.url, api.targets())


def cli_page() -> str:
    """Return the reference of the command line."""
    toc = re.compile(r"## Table of Contents\n.*?(?=\*\*Commands\*\*)", re.DOTALL)
    body = toc.sub("", app.generate_docs())
    codes = "0 done; 1 our bug; 2 the user's input; 3 a source out of reach."
    return f"{body}\n\n## Exit codes\n\n{codes}\n"


def study_page() -> str:
    """Return the reference of the study file, from its pydantic models."""
    parts = [
        (
            "# The study file\n\nOne TOML file says everything a result depends on. Unknown keys "
            "are refused. `extends` names a built-in study or a file beside this one to start from."
        ),
    ]
    for model in PARTS:
        head = "" if model is study.Study else f" (`{model.__name__}`)"
        parts.append(f"## {_first(model.__doc__)}{head}\n\n{_fields(model)}")
    return "\n\n".join(parts) + "\n"


def _fields(model: type[BaseModel]) -> str:
    rows = []
    for name, field in model.model_fields.items():
        kind = str(field.annotation).replace("typing.", "").replace("geo.study.sections.", "")
        kind = kind.removeprefix("<class '").removesuffix("'>")
        default = "required" if field.is_required() else f"`{field.get_default()!r}`"
        if field.default_factory is not None or isinstance(field.default, BaseModel):
            default = "its own defaults"
        rows.append((f"`{name}`", f"`{kind}`", default, field.description or ""))
    return _table(("key", "type", "default", "meaning"), rows)


def tables_page() -> str:
    """Return the dictionary of every table and raster."""
    parts = ["# Tables and rasters\n\nValidation and this page come from the same contracts."]
    for table in TABLES.values():
        where = "public" if table.public else "restricted, or never leaves the store"
        rows = [
            (f"`{c.name}`", c.dtype, c.unit, c.meaning, "not allowed" if c.null is None else c.null)
            for c in table.columns
        ]
        head = ("column", "type", "unit", "meaning", "empty means")
        key = ", ".join(f"`{k}`" for k in table.key)
        parts.append(
            f"## {table.name}\n\n{table.title}. Key: {key}. {where.capitalize()}.\n\n"
            f"{_table(head, rows)}"
        )
    rasters = [
        (f"`{r.name}`", r.title, r.unit, r.dtype, ", ".join(r.dims), "no" if r.fine else "yes")
        for r in RASTERS.values()
    ]
    parts.append(
        "## Rasters\n\n" + _table(("name", "title", "unit", "type", "dims", "published"), rasters)
    )
    return "\n\n".join(parts) + "\n"


def messages_page() -> str:
    """Return every message that names a problem and its remedy, from the code that says it."""
    kinds = [
        (f"`{c.__name__}`", str(c.exit_code), _first(c.__doc__))
        for c in vars(errors).values()
        if isinstance(c, type) and issubclass(c, errors.FunnelError)
    ]
    parts = [
        (
            "# Messages and remedies\n\nA message says what is wrong, where, and what to do; all "
            "problems of an input are listed at once. `…` stands for what is filled in."
        ),
        "## Kinds\n\n" + _table(("kind", "exit code", "means"), kinds),
    ]
    for room, rows in sorted(_by_room().items()):
        parts.append(f"## {room}\n\n" + _table(("what is wrong", "what to do"), rows))
    return "\n\n".join(parts) + "\n"


def _by_room() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((*ROOT.glob("geo/**/*.py"), *ROOT.glob("flows/**/*.py"))):
        parts = path.relative_to(ROOT).with_suffix("").parts
        for row in messages(path.read_text("utf-8")):
            rows = found.setdefault("/".join(parts[:2]), [])
            if row not in rows:
                rows.append(row)
    return found


def messages(code: str) -> Iterator[tuple[str, str]]:
    """Yield what and remedy of every `Problem` and raised error that a module states in words."""
    for scope in (n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.FunctionDef)):
        said = {
            t.id: n.value
            for n in ast.walk(scope)
            if isinstance(n, ast.Assign)
            for t in n.targets
            if isinstance(t, ast.Name)
        }
        for call in (n for n in ast.walk(scope) if isinstance(n, ast.Call)):
            name = getattr(call.func, "id", "")
            if name == "Problem" and len(call.args) >= 3:
                pair = (_words(call.args[1], said), _words(call.args[2], said))
            elif name in vars(errors) and name.endswith("Error") and call.args:
                what, _, remedy = _words(call.args[0], said).partition("; ")
                if not remedy:
                    what, _, remedy = what.partition(". ")
                pair = (what, remedy)
            else:
                continue
            if pair[0].strip("… ") and pair[1].strip("… "):
                yield pair


def _words(node: ast.AST, said: dict[str, ast.expr]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_words(v, {}) for v in node.values)
    if isinstance(node, ast.Name) and node.id in said:
        return _words(said[node.id], {})
    return "…"


def parameters_page() -> str:
    """Return every constant with its unit and source, from `data/parameters`."""
    parts = [
        (
            "# Constants and their sources\n\n`confidence` says how the value was confirmed: read "
            "in the source itself (primary), in a secondary source, derived, or assumed."
        ),
    ]
    for path in sorted(ROOT.glob("data/parameters/*.yaml")):
        entries = yaml.safe_load(path.read_text("utf-8"))
        rows = [
            (f"`{k}`", f"`{e['value']}`", e["unit"], _source(e), e["confidence"])
            for k, e in entries.items()
        ]
        head = ("name", "value", "unit", "source", "confidence")
        parts.append(f"## {path.stem.replace('_', ' ').capitalize()}\n\n{_table(head, rows)}")
    return "\n\n".join(parts) + "\n"


def _source(entry: dict[str, Any]) -> str:
    return "; ".join(str(entry[k]) for k in ("source", "where", "note") if entry.get(k))


def _first(doc: str | None) -> str:
    return (doc or "").strip().splitlines()[0].rstrip(".")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(v) for v in line) + " |" for line in lines)


def _cell(value: str) -> str:
    text = " ".join(str(value).split()).replace("|", "\\|")
    return text if text.startswith("`") else text.replace("<", "&lt;").replace("*", "\\*")


PAGES: dict[str, Callable[[], str]] = {
    "reference/cli.md": cli_page,
    "reference/study.md": study_page,
    "reference/tables.md": tables_page,
    "reference/messages.md": messages_page,
    "methods/parameters.md": parameters_page,
}
"""Page of the site = what writes it."""
