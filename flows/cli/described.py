"""What `funnel towers` and `funnel deaths` say alike of a user's own file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tomli_w

from flows.workflow.studies import locate
from geo.errors import InputProblems, Problem

if TYPE_CHECKING:
    import pandas as pd

    from geo.sources import Hints
    from geo.study import Study

Order = Literal["day", "month"]
What = Literal["deaths", "towers"]
ROWS = 5
"""Display: rows of a fault that are named."""


def asked(
    path: Path, role: What, named: str | None, order: Order | None
) -> tuple[Study | None, Hints]:
    """Return the study a file is read for, if any, and how its columns and dates are to be read.

    Raises
    ------
    InputProblems
        If there is no such file or study.
    """
    from geo.sources import Hints  # noqa: PLC0415 - readers load slowly

    if not path.is_file():
        raise InputProblems([Problem(str(path), "there is no such file", "Check the path")])
    study = None if named is None else locate(named).study
    own = None if study is None else study.source(role)
    hints = Hints() if own is None else Hints.of(own)
    return study, hints if order is None else Hints(hints.columns, order, hints.programmes)


def column_lines(columns: Mapping[str, str], guessed: Collection[str]) -> list[str]:
    """Say which column each field is read from."""
    lines = ["Columns"]
    for name, column in columns.items():
        mark = "guessed" if name in guessed else ""
        lines.append(f'  {name:24} from "{column}"  {mark}'.rstrip())
    return lines


def fault_lines(quarantine: pd.DataFrame) -> list[str]:
    """Say what was set aside: field, reason, how often, and the first rows."""
    lines = []
    for fault, rows in quarantine.groupby(
        ["field", "reason", quarantine["scope"].fillna("the whole row")], sort=True
    ):
        name, reason, scope = (str(part) for part in tuple(fault))
        where = ", ".join(str(n) for n in rows["source_row"].head(ROWS))
        more = ", ..." if len(rows) > ROWS else ""
        lines.append(f"{name}: {reason} ({len(rows)}; {scope}; row {where}{more})")
    return lines


def mapping(role: What, path: Path, order: Order | None, columns: Mapping[str, str] | None) -> str:
    """Return the source to paste into a study; a layout that is known needs no columns."""
    source: dict[str, object] = {
        "id": f"my-{role}",
        "role": role,
        "file": path.name,
        "credit": "who made this file, and when",
    }
    if order is not None:
        source["date_order"] = order
    if columns is not None:
        source["columns"] = dict(columns)
    return tomli_w.dumps({"sources": [source]}).strip()
