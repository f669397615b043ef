"""Cited constants: every value of `data/parameters/*.yaml` with its unit and source.

A file is a mapping from parameter name to an entry with at least `value`, `unit`, `source` and
`confidence`. The files ship with the package and are read as package resources; nothing here
chooses a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from geo.errors import ContractError

CONFIDENCE = ("read", "secondary", "derived", "assumed")
"""How well a value is confirmed: read in the source itself; read in a secondary source; computed
from sources; assumed, with a range."""


@dataclass(frozen=True)
class Parameter:
    """A constant with where it comes from.

    Attributes
    ----------
    name, value, unit
        The constant; `value` is a number, a string, a list or a mapping.
    source
        Author, year, title or DOI.
    where
        Page, equation or table in the source.
    confidence
        One of `CONFIDENCE`.
    low, high
        Range for sensitivity, in `unit`; None where the source gives none.
    note
        Disagreement between sources, traps.
    """

    name: str
    value: Any
    unit: str
    source: str
    confidence: str
    where: str = ""
    low: float | None = None
    high: float | None = None
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@cache
def load(name: str) -> Mapping[str, Parameter]:
    """Read `data/parameters/<name>.yaml`.

    Parameters
    ----------
    name
        File name without its ending.

    Returns
    -------
    Mapping[str, Parameter]
        Read-only, in the order of the file.

    Raises
    ------
    ContractError
        If an entry lacks a value, unit, source or a known confidence.
    """
    text = resources.files("data").joinpath("parameters", f"{name}.yaml").read_text("utf-8")
    raw = yaml.safe_load(text)
    known = set(Parameter.__dataclass_fields__) - {"name", "extra"}
    entries: dict[str, Parameter] = {}
    faults: list[str] = []
    for key, entry in raw.items():
        missing = [k for k in ("value", "unit", "source", "confidence") if k not in entry]
        if missing:
            faults.append(f"{name}.yaml, {key}: {', '.join(missing)} missing; add them")
            continue
        if entry["confidence"] not in CONFIDENCE:
            faults.append(f"{name}.yaml, {key}: confidence is none of {CONFIDENCE}; correct it")
            continue
        given = {k: v for k, v in entry.items() if k in known}
        extra = {k: v for k, v in entry.items() if k not in known}
        entries[key] = Parameter(name=key, extra=MappingProxyType(extra), **given)
    if faults:
        raise ContractError("; ".join(faults))
    return MappingProxyType(entries)


def names() -> tuple[str, ...]:
    """Return the names of all parameter files that ship with the package, sorted."""
    folder = resources.files("data").joinpath("parameters")
    return tuple(sorted(p.name[:-5] for p in folder.iterdir() if p.name.endswith(".yaml")))
