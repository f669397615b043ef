"""What follows a finished run: restricted tree, signature, copies, history, notice of change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect.events import emit_event

from flows.core.settings import Home, targets
from flows.core.stage import RunSpec
from flows.core.store import write_text
from flows.orchestration import artifacts as shown
from flows.orchestration import lineage
from flows.workflow import deposit, seals
from flows.workflow.history import PastRun, changed, revisions, runs_of, table
from flows.workflow.history_page import write_history
from flows.workflow.restricted import write_restricted_tree
from geo.errors import InputProblems, Problem
from geo.evidence import SIGNATURE

CHANGED = "funnel.answer.changed"
"""Name of the event that says that an answer is not what it was."""


@dataclass(frozen=True)
class Afterwards:
    """What is done once the bundle is whole.

    Attributes
    ----------
    restricted
        Also write the restricted tree.
    sign
        OpenSSH key to sign the bundle with, if any.
    revised
        Share of records that publishers revised from which on a notice is sent.
    """

    restricted: bool
    sign: str | None
    revised: float

    def check(self) -> None:
        """Refuse before any work what could not be done after it."""
        if self.sign and not Path(self.sign).expanduser().is_file():
            what = f"there is no key {self.sign} on this machine"
            raise InputProblems([Problem("sign", what, "Give the path of an OpenSSH key")])
        deposit.check(targets())

    def do(self, question: RunSpec, home: Home, folder: Path, earlier: Sequence[PastRun]) -> None:
        """Do it, in the order in which each needs what stands before it."""
        if self.restricted:
            write_restricted_tree(question, home)
        if self.sign and not (folder / SIGNATURE).is_file():
            seals.sign(folder, Path(self.sign).expanduser())
        deposit.snapshots(question, targets())
        deposit.bundle(folder, targets())
        runs = runs_of(question.study.name, home)
        rows = table(runs, home)
        page = write_history(runs, rows, home)
        deposit.history(page.parent, targets())
        shown.history(question.study.name, rows, page.with_name("history.svg").read_text("utf-8"))
        news = self.news(question.run_id, _told_last(question, home, earlier), runs, home)
        lineage.record(question, folder, news)
        if news:
            tell(question, news, f"{shown.address(folder)}/index.html")
        # last: a run that was stopped before people were told of it is told of by the next one
        home.told.mkdir(parents=True, exist_ok=True)
        write_text(home.told / question.study.name, question.run_id)

    def news(
        self, run_id: str, before: PastRun | None, runs: Sequence[PastRun], home: Home
    ) -> tuple[str, ...]:
        """Say what is new of a run beside the one of which people were told last."""
        if before is None or before.run_id == run_id:
            return ()
        after = next(r for r in runs if r.run_id == run_id)
        moved = [r for r in revisions(before, after, home) if r.share >= self.revised > 0]
        return (*changed(before, after), *(r.sentence() for r in moved))


def _told_last(question: RunSpec, home: Home, earlier: Sequence[PastRun]) -> PastRun | None:
    """Return the run of which people were told last; before any was told of, the last new to it."""
    note = home.told / question.study.name
    if note.is_file():
        told = [r for r in earlier if r.run_id == note.read_text("utf-8")]
        if told:
            return told[-1]
    known = any(r.run_id == question.run_id for r in earlier)
    return None if known or not earlier else earlier[-1]


def tell(question: RunSpec, news: Sequence[str], address: str) -> None:
    """Emit the event that notices of a changed answer wait for."""
    emit_event(
        CHANGED,
        resource={
            "prefect.resource.id": f"funnel.study.{question.study.name}",
            "prefect.resource.name": question.study.name,
        },
        payload={"news": "; ".join(news), "run_id": question.run_id, "address": address},
    )
