"""Results on disk: one line a simulation, so that a killed run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WATCHED = (
    "geo/inference/estimation/fixed_effects.py",
    "geo/inference/estimation/poisson.py",
    "geo/inference/estimation/uncertainty.py",
    "geo/inference/estimation/permutation.py",
    "geo/inference/estimation/pair_scores.py",
    "geo/inference/estimation/compare.py",
    "geo/inference/registered/headline.py",
    "geo/inference/registered/headline_words.py",
    "geo/synthetic/panels.py",
    "data/parameters/inference.yaml",
    "validation/trials.py",
)
ALSO = {
    "headline": (),
    "parts": ("geo/inference/registered/parts.py", "geo/inference/registered/part_words.py"),
    "catchments": (),
    "built-in": (
        "geo/inference/registered/candidate_places.py",
        "geo/inference/registered/imputation.py",
        "geo/inference/registered/pooling.py",
        "geo/inference/panel/ground.py",
        "geo/inference/panel/panel.py",
        "geo/inference/panel/route_validation.py",
        "geo/synthetic/deaths.py",
        "geo/synthetic/death_file.py",
        "geo/synthetic/ground_truth.py",
        "validation/built_in.py",
    ),
    "tilt": ("geo/inference/robustness/controls.py",),
    "planted": (
        "geo/inference/registered/claims.py",
        "geo/inference/registered/claim_words.py",
        "geo/inference/registered/gates.py",
        "geo/inference/registered/candidate_places.py",
        "geo/inference/registered/imputation.py",
        "geo/inference/registered/pooling.py",
        "geo/inference/registered/reached.py",
        "geo/inference/panel/ground.py",
        "geo/inference/panel/panel.py",
        "geo/inference/panel/route_validation.py",
        "geo/synthetic/planted.py",
        "geo/synthetic/planted_intensity.py",
        "data/parameters/planting.yaml",
        "flows/stages/recorded.py",
        "flows/stages/route_judgement.py",
        "flows/stages/zones.py",
        "validation/planted_land.py",
    ),
    "world": (
        "geo/inference/registered/parts.py",
        "geo/inference/registered/part_words.py",
        "geo/inference/registered/claims.py",
        "geo/inference/registered/claim_words.py",
        "geo/inference/registered/candidate_places.py",
        "geo/inference/registered/imputation.py",
        "geo/inference/registered/pooling.py",
        "geo/inference/robustness/robustness.py",
        "geo/inference/estimation/agreement.py",
        "geo/synthetic/worlds.py",
        "geo/synthetic/transects.py",
        "validation/recorded.py",
        "validation/world_trial.py",
    ),
    "imputed": (
        "geo/inference/registered/candidate_places.py",
        "geo/inference/registered/imputation.py",
        "geo/inference/registered/pooling.py",
        "geo/synthetic/places.py",
        "validation/places.py",
    ),
}
"""What a result depends on: a change to any of these starts its gates anew."""


def fingerprint(trial: str, plan: object, walk: str = "") -> str:
    """Hash of everything the simulations of a gate depend on; `walk` stands for steps of a run."""
    digest = hashlib.sha256(repr(plan).encode() + walk.encode())
    for name in (*WATCHED, *ALSO[trial]):
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()[:12]


def load(path: Path) -> dict[int, dict[str, float]]:
    """Read the simulations done; a torn last line is dropped."""
    done: dict[int, dict[str, float]] = {}
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            done[int(entry.pop("i"))] = entry
    return done
