"""What a person finds in Prefect beside a run: progress, finding, counts, map; all of it in files.

Artifacts have one key a study, so that a page shows how the answer changed from run to run. A
server that is away hears nothing, and stops no run.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
import pandas as pd
from prefect import get_run_logger
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.core.settings import bundles_url, targets
from flows.core.stage import Progress, RunSpec, Stage
from flows.stages import STAGES
from flows.workflow import deposit

EVERY_S = 5.0
COLUMNS = {"source_id": "source", "step": "became", "reason": "why", "records": "records"}


def _if_heard() -> suppress:
    """Go on where no server answers: what it is told stands in files."""
    return suppress(httpx.HTTPError)


class Bar:
    """The share of the steps that are done, as one progress artifact."""

    def __init__(self, question: RunSpec) -> None:
        self._id: UUID | None = None
        with _if_heard():
            made = create_progress_artifact(
                0.0,
                key=f"{question.study.name}-progress",
                description=f"Steps of run {question.run_id}",
            )
            self._id = cast("UUID", made)  # a coroutine only where a loop runs; here none does
        self._about = f"run {question.run_id}"
        self._last = 0.0

    def over(self, reports: Callable[[Stage], Progress]) -> Callable[[Stage], Progress]:
        """Return `reports` that also move the bar."""
        names = [s.name for s in STAGES]

        def for_stage(stage: Stage) -> Progress:
            at = names.index(stage.name)
            plain = reports(stage)
            self._move(at / len(names), stage.title)

            def report(done: int, total: int, label: str) -> None:
                plain(done, total, label)
                if time.monotonic() - self._last > EVERY_S:
                    share = (at + done / max(total, 1)) / len(names)
                    self._move(share, f"{stage.title}, {done:,} of {total:,}")

            return report

        return for_stage

    def full(self) -> None:
        """Fill the bar."""
        self._move(1.0, "Done")

    def _move(self, share: float, where: str) -> None:
        self._last = time.monotonic()
        if self._id is None:
            return
        with _if_heard():
            update_progress_artifact(self._id, round(100 * share, 1), f"{where} ({self._about})")


def told(change: str) -> None:
    """Put what changed at a publisher into the run's log."""
    get_run_logger().info(change)


def history(study: str, rows: pd.DataFrame, picture: str) -> None:
    """Leave what each run of a study found, and the figure of it."""
    shown = rows.drop(columns=["sentence"]).astype(str).iloc[::-1]
    with _if_heard():
        create_table_artifact(
            [{str(k): v for k, v in row.items()} for row in shown.to_dict("records")],
            key=f"{study}-history",
            description="Headline, records, revisions and sources through all runs of this store",
        )
        create_image_artifact(
            "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
            key=f"{study}-history-figure",
            description="A ratio is no finding by itself: see the sentence of each run",
        )


def finding(question: RunSpec, folder: Path) -> str:
    """Leave the finding, counts and the way to the map, and return the finding's sentence."""
    headline = json.loads((folder / "headline.json").read_text("utf-8"))
    with _if_heard():
        _show(question, headline, folder)
    return str(headline["sentence"])


def _show(question: RunSpec, headline: Mapping[str, str], folder: Path) -> None:
    name, there = question.study.name, address(folder)
    create_markdown_artifact(
        _told(question, headline["sentence"], headline["claim_level"], folder),
        key=f"{name}-headline",
        description=f"{question.study.title}: the finding at its claim level",
    )
    counts = pd.read_parquet(folder / "tables" / "counts.parquet")[list(COLUMNS)]
    rows = counts.rename(columns=COLUMNS).astype(str)
    create_table_artifact(
        [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")],
        key=f"{name}-counts",
        description="What became of every record: read, quarantined, excluded, used",
    )
    create_link_artifact(
        f"{there}/index.html",
        link_text="Finding, map, tables and limits",
        key=f"{name}-page",
        description=f"The bundle of run {question.run_id}",
    )
    if there.startswith("http"):  # a browser shows no file of this machine inside a page
        create_image_artifact(
            f"{there}/maps/funnel.png",
            key=f"{name}-map",
            description=f"The still map of run {question.run_id}",
        )


def trouble(study: str, sentence: str) -> None:
    """Leave what stopped a run and what to do, as a sentence."""
    key = re.sub(r"[^a-z0-9]+", "-", Path(study).stem.lower()).strip("-") or "study"
    with _if_heard():
        create_markdown_artifact(
            f"## This run of `{study}` stopped\n\n{sentence}\n\nNothing is lost: what is done "
            "stays in the store, and the next run continues there.",
            key=f"{key}-trouble",
            description="What stopped the run, and what to do",
        )


def _told(question: RunSpec, sentence: str, level: str, folder: Path) -> str:
    skipped = "\n".join(f"- {s.what}: {s.missing}. {s.how}" for s in question.missing)
    gaps = f"\n\n**Not computed**\n\n{skipped}" if skipped else ""
    return (
        f"## {question.study.title}\n\n{sentence}\n\nClaim level {level}. Run "
        f"`{question.run_id}`, as of {question.study.as_of}. Bundle: `{folder}`{gaps}"
    )


def address(folder: Path) -> str:
    """Return where a bundle is shown: at the team's store, by a web server, or on this disk."""
    kept = deposit.shown(folder, targets())
    if kept is not None:
        return kept
    served = bundles_url()
    if served is None:
        return folder.as_uri()
    return f"{served.rstrip('/')}/{folder.parent.name}/{folder.name}"
