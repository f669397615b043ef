"""The restricted tree: one row per record, beside and never below the public bundles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from flows.core.settings import Home
from flows.core.stage import RunSpec, StageContext
from flows.core.store import StepStore
from flows.stages import STAGES
from flows.stages.publish import findings
from flows.workflow.runner import bundle, chain, plan
from geo import evidence, sources


def write_restricted_tree(question: RunSpec, home: Home) -> Path:
    """Write the restricted tree of a finished run and return its folder."""
    store = StepStore(home.store)
    publish = STAGES[-1]
    planned = plan(question, store)
    done = {p.stage.name: store.folder(p.stage.name, p.fingerprint) for p in planned}
    with ThreadPoolExecutor(1) as pool:
        step = StageContext(
            question=question,
            folder=done[publish.name],
            done={name: done[name] for name in publish.needs},
            progress=lambda _done, _total, _label: None,
            executor=pool,
            workers=1,
            out=bundle(home, question),
            chain=chain(planned),
        )
        found = findings(step)
    keys: dict[str, str] = {}
    known = {s.id: s for s in question.study.sources if s.role in ("deaths", "vintage")}
    # made-up records have no key of a publisher
    keyed = () if question.study.planted else question.of("deaths", "vintage")
    for given in keyed:
        source = known[given.source_id]
        keys |= sources.case_keys(
            given.path, source_id=question.study.current(source), columns=dict(source.columns)
        )
    folder = home.restricted / question.study.name / question.run_id
    snapshots = {i.sha256: i.path for i in question.inputs}
    evidence.write_restricted(folder, replace(found, case_keys=keys), snapshots)
    return folder
