"""`funnel history`."""

from __future__ import annotations

import json as json_text
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from flows.core.settings import home
from flows.workflow.history import runs_of, table
from flows.workflow.progress import answers
from geo.errors import InputProblems, Problem


def show_history(study: str, *, out: Path | None, as_json: bool) -> int:
    """Print a study's runs and what changed between them, and write table, figure and page."""
    place = home(out)
    name = Path(study).stem
    runs = runs_of(name, place)
    if not runs:
        remedy = f"Make one with `funnel run {study}`; --out names another folder than {place.out}"
        raise InputProblems([Problem(study, "there is no finished run of it", remedy)])
    rows = table(runs, place)
    if as_json:
        plain = json_text.loads(rows.to_json(orient="records"))
        print(json_text.dumps(plain, indent=1, ensure_ascii=False))  # noqa: T201
        return 0
    from flows.workflow.history_page import write_history  # noqa: PLC0415 - loads matplotlib

    shown = Table()
    for title in ("ended", "run", "as of", "level", "interval", "used", "what changed"):
        shown.add_column(title, overflow="fold")
    for row in rows.to_dict("records"):
        what = [str(row[k]) for k in ("changed", "revised") if row[k]]
        what += [f"other bytes of {row['sources_renewed']}"] if row["sources_renewed"] else []
        cells = (row["ended_at"], row["run_id"], row["as_of"], row["claim_level"])
        told = (*cells, row["interval"], f"{row['records_used']:,}", "; ".join(what) or "nothing")
        shown.add_row(*(escape(str(v)) for v in told))
    answers.print(shown)
    answers.print(escape(runs[-1].sentence))
    page = write_history(runs, rows, place)
    print(f"page    {page}\ntable   {page.with_name('history.csv')}")  # noqa: T201
    return 0
