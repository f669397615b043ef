"""Who made what a page shows, what is missing from it, and whom to ask."""

from __future__ import annotations

from maps import locator, orientation
from maps.inputs import MapInputs
from maps.words import words
from maps.write import REPOSITORY


def missing(inputs: MapInputs) -> list[tuple[str, str, str]]:
    """Return (what, what is missing, how to get it): as told, and what the page itself lacks."""
    say = words(inputs.language)
    have = {n for n, t in inputs.tables.items() if len(t)} | set(inputs.rasters)
    own = [(*pair, "") for name, pair in say["absent"].items() if name not in have]
    return list(inputs.skipped) or own


def sources(inputs: MapInputs) -> list[dict[str, str]]:
    """Return the sources as a reader cites them; the files of one source are one line."""
    say = words(inputs.language)
    rows = inputs.table("snapshots").sort_values("source_id").fillna("")
    day = rows["retrieved_at"].astype(str).str[:10]
    found = []
    for _, same in rows.groupby(["source_id", "title", "note", day], sort=False):
        row = same.iloc[0]
        several = say["source_files"].format(count=len(same)) if len(same) > 1 else ""
        found.append(
            {
                "title": str(row["title"]),
                "publisher": str(row["publisher"]),
                "licence": str(row["licence"]) or say["unknown_licence"],
                "citation": str(row["citation"]),
                "retrieved": say["retrieved"].format(day=row["retrieved_at"][:10])
                if row["retrieved_at"]
                else say["given"],
                "sha256": "" if several else str(row["sha256"])[:12],
                "files": several,
                "note": str(row["note"]),
            }
        )
    return found


def credit(inputs: MapInputs) -> list[str]:
    """Return what every chart that leaves the page carries: who, when, which run, whom to ask."""
    say, study = words(inputs.language), inputs.study
    return [
        "; ".join(dict.fromkeys(f"{s['publisher']}: {s['title']}" for s in sources(inputs))),
        say["credit"].format(title=study.title, run=inputs.run_id, as_of=inputs.as_of),
        contact(inputs),
    ]


def map_credit(inputs: MapInputs) -> list[str]:
    """Return what a map that leaves the page carries: the same, and what is not on it."""
    missing = orientation.told(inputs, located=locator.locator(inputs) is not None)
    who, *others = credit(inputs)
    return [who, *([missing] if missing else []), *others]


def contact(inputs: MapInputs) -> str:
    """Return whom to ask for a correction or withdrawal."""
    say = words(inputs.language)
    return say["contact"].format(
        contact=inputs.contact or say["contact_default"].format(repository=REPOSITORY)
    )
