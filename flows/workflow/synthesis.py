"""Made-up studies: their files are written once and go into the vault like any publisher's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flows.core.fingerprint import this_program
from flows.core.stage import Input, Progress
from flows.core.store import StepStore
from flows.fetch.vault import Vault
from geo.study import Study

MODULE = "geo.synthetic"
"""What makes the files up; its import closure is in their key."""
PUBLISHER = "SYNTHETIC: written by geo.synthetic, about no real place and no real person"


def synthetic_inputs(
    study: Study, store: StepStore, vault: Vault, progress: Progress
) -> tuple[Input, ...]:
    """Write the files of a synthetic study, once, and return them as inputs.

    What a file holds depends on the study and the code alone, so its "retrieved at" is the
    study's `as_of`, and equal studies give equal bytes.
    """
    program = this_program(store.root.parent)
    made_by = [program.closure(MODULE).code, program.environment([MODULE])]
    key = hashlib.sha256(json.dumps([_made_from(study), *made_by]).encode()).hexdigest()
    folder = store.finished("synthetic", key)
    if folder is None or store.damage("synthetic", key):

        def waiting() -> None:
            progress(0, 1, "another run writes the same study; waiting for it")

        with store.working("synthetic", key, waiting) as there:
            damaged = there is not None and store.damage("synthetic", key)
            if damaged:
                store.set_aside("synthetic", key)
            whole = None if damaged else there
            folder = whole or _written(study, store, key, progress)
    inputs = []
    for source in study.sources:
        path = folder / str(source.file)
        snapshot = vault.put_file(
            source.id,
            path,
            {
                "publisher": PUBLISHER,
                "title": f"SYNTHETIC {source.role} of the study {study.name}",
                "licence": "public domain",
                "citation": f"geo.synthetic, study {study.name}, seed {study.seed}",
                "url": None,
                "retrieved_at": f"{study.as_of}T00:00:00+00:00",
                "reader": "",
                "note": "SYNTHETIC",
            },
        )
        inputs.append(
            Input(
                path=vault.open(snapshot),
                role=source.role,
                source_id=source.id,
                facts={**snapshot.facts(), "role": source.role},
            )
        )
    return tuple(inputs)


def _made_from(study: Study) -> str:
    parts = study.model_dump(mode="json")
    used = ("seed", "crs", "bounds_lonlat", "grid", "periods", "pre_tower", "synthetic", "movement")
    return json.dumps({k: parts[k] for k in used}, sort_keys=True)


def _written(study: Study, store: StepStore, key: str, progress: Progress) -> Path:
    """Make up the files; the caller holds the step's lock."""
    from geo import synthetic  # noqa: PLC0415 - compiles kernels that a finished run skips

    progress(0, 1, "writing the synthetic study")
    partial = store.begin("synthetic", key, lambda text: progress(0, 1, text))
    for name, content in synthetic.source_files(study).items():
        (partial / name).write_bytes(content)
    return store.finish("synthetic", key, {"study": study.name})
