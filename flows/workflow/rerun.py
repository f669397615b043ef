"""Compute a published run again from its restricted tree, in folders of its own."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from flows.core.settings import Home, cores
from flows.core.stage import Input, Progress, Skipped, Stage
from flows.workflow.runner import execute_all, make_run_spec
from geo.errors import EvidenceError
from geo.study import Study, parse


def rerun(bundle: Path, restricted: Path) -> Path:
    """Run the bundle's study on the snapshots of its restricted tree.

    Returns
    -------
    Path
        The new bundle, in a temporary folder.

    Raises
    ------
    EvidenceError
        If a snapshot is not in the restricted tree.
    """
    study = parse((bundle / "study.toml").read_text("utf-8"), "study.toml")
    root = Path(tempfile.mkdtemp(prefix="funnel-rerun-"))
    home = Home(root=root / "home", out=root / "runs")
    question = make_run_spec(study, _inputs(study, bundle, restricted), _skipped(bundle), home.root)
    with ThreadPoolExecutor(cores()) as pool:
        return execute_all(question, home, pool, cores(), _silent)


def _inputs(study: Study, bundle: Path, restricted: Path) -> tuple[Input, ...]:
    listed = pd.read_parquet(bundle / "tables" / "snapshots.parquet")
    listed = listed.astype(object).where(listed.notna(), None)
    inputs = []
    for source in study.sources:
        chosen = (listed["source_id"] == source.id) & (listed["role"] == source.role)
        for facts in listed[chosen].to_dict("records"):
            path = restricted / "snapshots" / str(facts["sha256"])
            if not path.is_file():
                raise EvidenceError(
                    f"the restricted tree has no snapshot {path.name[:16]} of {source.id}; name "
                    "the tree that was written with this bundle"
                )
            kept = {str(k): v for k, v in facts.items()}
            inputs.append(Input(path, source.role, source.id, kept))
    return tuple(inputs)


def _skipped(bundle: Path) -> tuple[Skipped, ...]:
    path = bundle / "tables" / "skipped.parquet"
    if not path.is_file():
        return ()
    rows = pd.read_parquet(path)[["what", "missing", "how_to_get"]]
    return tuple(Skipped(*map(str, row)) for row in rows.itertuples(index=False))


def _silent(_stage: Stage) -> Progress:
    return lambda _done, _total, _label: None
