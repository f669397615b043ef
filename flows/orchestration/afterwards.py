"""What follows a finished run: restricted tree, signature, copies, history, notice of change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect.events import emit_event

from flows.core.settings import Home, targets
from flows.core.stage import RunSpec
from flows.orchestration import artifacts as shown
from flows.orchestration import lineage
from flows.workflow import deposit, seals
from flows.workflow.history import PastRun, changed, revisions, runs_of, table
from flows.workflow.history_page import figure
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
        lineage.record(question, folder)
        runs = runs_of(question.study.name, home)
        shown.history(question.study.name, table(runs, home), figure(runs))
        news = self.news(question.run_id, earlier, runs, home)
        if news:
            tell(question, news, f"{shown.address(folder)}/index.html")

    def news(
        self, run_id: str, earlier: Sequence[PastRun], runs: Sequence[PastRun], home: Home
    ) -> tuple[str, ...]:
        """Say what is new of a run beside the one before it; nothing of a run that was there."""
        if not earlier or any(r.run_id == run_id for r in earlier):
            return ()
        before = earlier[-1]
        after = next(r for r in runs if r.run_id == run_id)
        moved = [r for r in revisions(before, after, home) if r.share >= self.revised > 0]
        return (*changed(before, after), *(r.sentence() for r in moved))


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
