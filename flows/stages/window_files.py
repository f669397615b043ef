"""Finished windows of crossings as files, so that a killed run goes on behind them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from flows.core.manifest import note
from flows.core.resource_usage import give_back
from geo import funnel

FOLDER = "windows"
TALLIES, FACTS = "tallies.npz", "facts.json"
Parts = Mapping[funnel.Scenario, funnel.Part]


class WindowFiles:
    """Keeps the parts of every window in a folder of the step; densities are read from there."""

    def __init__(self, step_folder: Path) -> None:
        self.step_folder, self.folder = step_folder, step_folder / FOLDER

    def get(self, number: int) -> Parts | None:
        """Return the parts of a window, None where they were not finished."""
        place = self.folder / f"{number:03d}"
        if not (place / FACTS).is_file():
            return None
        facts = json.loads((place / FACTS).read_text("utf-8"))
        with np.load(place / TALLIES) as file:
            arrays = dict(file)
        return {
            (one["period"], one["avoidance"]): _read(place, n, one, arrays)
            for n, one in enumerate(facts)
        }

    def put(self, number: int, parts: Parts) -> Parts:
        """Write the parts of a window, whole or not at all."""
        place = self.folder / f"{number:03d}"
        temporary = self.folder / f".{number:03d}.{os.getpid()}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        arrays: dict[str, Any] = {}
        facts = [_write(temporary, n, key, p, arrays) for n, (key, p) in enumerate(parts.items())]
        np.savez_compressed(temporary / TALLIES, **arrays)
        (temporary / FACTS).write_text(json.dumps(facts), "utf-8")
        note(self.step_folder, place.relative_to(self.step_folder).as_posix(), temporary)
        shutil.rmtree(place, ignore_errors=True)
        temporary.rename(place)
        give_back()
        found = self.get(number)
        assert found is not None  # noqa: S101 - just written
        return found

    def drop(self) -> None:
        """Remove the windows once the rasters made of them are written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _write(
    folder: Path, n: int, key: funnel.Scenario, part: funnel.Part, arrays: dict[str, Any]
) -> dict[str, Any]:
    np.save(folder / f"{n:02d}.npy", part.mass)
    for origin, tallies in part.tallies.items():
        for quantity, tally in tallies.items():
            name = f"{n}/{origin}/{quantity}"
            arrays |= {f"{name}/bin": tally.bins, f"{name}/count": tally.count}
            arrays[f"{name}/value"] = tally.value
    return {
        "period": key[0],
        "avoidance": key[1],
        "weights": dict(part.weights),
        "least": dict(part.least),
        "reached": dict(part.reached),
        "window": [[w.start, w.stop] for w in part.window],
        "quantities": {origin: list(found) for origin, found in part.tallies.items()},
    }


def _read(folder: Path, n: int, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> funnel.Part:
    def tally(origin: str, quantity: str) -> funnel.Tally:
        name = f"{n}/{origin}/{quantity}"
        count, value, bins = (arrays[f"{name}/{what}"] for what in ("count", "value", "bin"))
        return funnel.Tally(count, value, bins)

    rows, cols = (slice(start, stop) for start, stop in facts["window"])
    return funnel.Part(
        np.load(folder / f"{n:02d}.npy", mmap_mode="r"),
        facts["weights"],
        facts["least"],
        {o: {q: tally(o, q) for q in names} for o, names in facts["quantities"].items()},
        facts["reached"],
        (rows, cols),
    )
