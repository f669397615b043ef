"""Where a bundle came from, as Prefect's assets: its sources, and what its run took."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect.assets import Asset, AssetProperties, add_asset_metadata, materialize
from prefect.cache_policies import NO_CACHE

from flows.core.stage import RunSpec
from flows.orchestration.artifacts import address
from flows.workflow.runner import MANIFEST, RUN_LOG, RUNS

BUNDLE, SOURCE = "funnel://bundles", "funnel://sources"
"""Names that assets begin with: a study's bundle, and a source."""


def record(question: RunSpec, folder: Path, news: Sequence[str]) -> None:
    """Say that a run made the bundle of its study, of which sources, at what cost, what is new."""
    bundle = Asset(
        key=f"{BUNDLE}/{question.study.name}",
        properties=AssetProperties(name=question.study.title, url=f"{address(folder)}/index.html"),
    )
    sources = {i.source_id for i in question.inputs}

    @materialize(
        bundle,
        asset_deps=[Asset(key=f"{SOURCE}/{name}") for name in sorted(sources)],
        name="lineage",
        task_run_name="Recording where it came from",
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def recorded() -> None:
        add_asset_metadata(bundle, {**_facts(question, folder), "changed": list(news)})

    recorded()


def _facts(question: RunSpec, folder: Path) -> dict[str, Any]:
    told = json.loads((folder / "headline.json").read_text("utf-8"))
    last = json.loads((folder / RUN_LOG / RUNS).read_text("utf-8").splitlines()[-1])
    return {
        "run_id": question.run_id,
        "as_of": str(question.study.as_of),
        "claim_level": told["claim_level"],
        "sentence": told["sentence"],
        MANIFEST: hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest(),
        "code": question.code,
        "sources": {i.source_id: i.sha256 for i in question.inputs},
        "cpu_seconds": round(sum(float(s["cpu_seconds"]) for s in last["steps"]), 1),
        "peak_mb": last["peak_mb"],
    }
