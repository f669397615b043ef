"""A study through all its runs: what each found, on which records, and what changed between them.

It reads public bundles alone, and the vault only to count revised records; nothing about one record
leaves it. A bundle cannot hold its own history, since equal inputs give equal bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from flows.core.settings import Home
from flows.fetch.vault import Vault
from flows.workflow.bundles import counted
from flows.workflow.progress import console
from flows.workflow.runner import MANIFEST, RUN_LOG, RUNS
from geo.errors import FunnelError
from geo.inference.estimation.outcomes import read
from geo.records import count_class, rounded_class
from geo.study import Source, Study, parse

HEADLINE = "headline"
ABOVE, BELOW, ONE, NONE = "above one", "below one", "spans one", "no interval"
"""Words for the side of one on which an interval lies."""
NEAREST = 10
"""Floor: numbers of persons' records are told to the nearest ten, as in every public table."""


@dataclass(frozen=True)
class PastRun:
    """One finished run of a study.

    Attributes
    ----------
    study, run_id, folder
        Of its bundle.
    ended_at
        When the run that made it ended, UTC.
    as_of
        Day on which its study stood.
    level, sentence
        Of its finding.
    ratio, low, high
        Of the headline analysis; not a number where there is none. No finding by themselves.
    told
        Whether these records can tell a shift at all.
    used
        Source = records used, as published.
    snapshots
        Source = SHA-256 of each of its files, in order.
    """

    study: str
    run_id: str
    folder: Path
    ended_at: str
    as_of: str
    level: str
    sentence: str
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    told: bool = True
    used: dict[str, int] = field(default_factory=dict)
    snapshots: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def side(self) -> str:
        """Side of one on which the interval lies: the sign of what it shows, if any."""
        if math.isnan(self.low) or math.isnan(self.high):
            return NONE
        return ABOVE if self.low > 1 else BELOW if self.high < 1 else ONE


@dataclass(frozen=True)
class Revised:
    """Records of one source that its publisher changed between two snapshots.

    Attributes
    ----------
    source_id
        The source.
    before
        Records in the earlier snapshot.
    share
        Of these, the share removed, moved, dated anew, reclassified or identified since.
    added
        Share of new records, of those in the earlier snapshot.
    """

    source_id: str
    before: int
    share: float
    added: float

    def sentence(self) -> str:
        """Return it in one sentence, counts in the classes of every public table."""
        touched, added = (count_class(round(s * self.before)) for s in (self.share, self.added))
        about = rounded_class(self.before)
        return (
            f"{self.source_id}: of {about} records the publisher revised or withdrew {touched} and "
            f"added {added}"
        )


def runs_of(study: str, home: Home) -> list[PastRun]:
    """Return the finished runs of a study, the earliest first; what cannot be read is said."""
    found = []
    for manifest in (home.out / study).glob(f"*/{MANIFEST}"):
        try:
            found.append(_read(manifest.parent))
        except (OSError, ValueError, KeyError, TypeError) as error:
            name, why = manifest.parent.name, type(error).__name__
            console.print(
                f"run {name} is left out: its bundle cannot be read ({why}); see `funnel verify "
                f"{name}`, or move it away",
                soft_wrap=True,
            )
    return sorted(found, key=lambda r: (r.ended_at, r.run_id))


def changed(before: PastRun, after: PastRun) -> tuple[str, ...]:
    """Say in sentences how the answer of a run differs from that of an earlier one.

    The answer changed where its claim level, or the side of one on which its interval lies, is
    another, or where either ratio lies outside the other's interval.
    """
    found = []
    if before.level != after.level:
        found.append(f"the claim level was {before.level} and is {after.level}")
    if before.side != after.side:
        found.append(f"the interval was: {before.side}, and is: {after.side}")
    if _outside(after.ratio, before) or _outside(before.ratio, after):
        found.append("the ratio left the earlier interval, or the earlier one lies outside the new")
    if before.told != after.told:
        now = "can" if after.told else "cannot"
        found.append(f"these records {now} tell now whether there was a shift")
    return tuple(found)


def renewed(before: PastRun, after: PastRun) -> tuple[str, ...]:
    """Return the sources whose bytes differ between two runs, or that only one of them had."""
    names = sorted({*before.snapshots, *after.snapshots})
    return tuple(n for n in names if before.snapshots.get(n) != after.snapshots.get(n))


def revisions(before: PastRun, after: PastRun, home: Home) -> tuple[Revised, ...]:
    """Return how far publishers revised the recorded deaths between two runs.

    Only what the vault still holds can be compared; a source that cannot be read is left out.
    """
    study = study_of(after)
    found = []
    for source in study.sources:
        if source.role != "deaths" or source.id not in renewed(before, after):
            continue
        old, new = before.snapshots.get(source.id, ()), after.snapshots.get(source.id, ())
        if len(old) == len(new) == 1:
            one = _revised(source, *(_in_vault(home, h) for h in (old[0], new[0])))
            found += [] if one is None else [one]
    return tuple(found)


def study_of(run: PastRun) -> Study:
    """Return the resolved study of a run, as its bundle states it."""
    return parse((run.folder / "study.toml").read_text("utf-8"), run.run_id, None)


def table(runs: Sequence[PastRun], home: Home) -> pd.DataFrame:
    """Return one row a run: headline, records, what changed and what was revised since the last."""
    rows = []
    for n, run in enumerate(runs):
        before = runs[n - 1] if n else None
        first = before is None
        deaths = [s.id for s in study_of(run).sources if s.role == "deaths"]
        rows.append(
            {
                "run_id": run.run_id,
                "ended_at": run.ended_at,
                "as_of": run.as_of,
                "claim_level": run.level,
                "interval": run.side,
                "ratio": run.ratio,
                "low": run.low,
                "high": run.high,
                "records_used": sum(run.used.get(d, 0) for d in deaths),
                "changed": "first run" if before is None else "; ".join(changed(before, run)),
                "sources_renewed": "" if before is None else ", ".join(renewed(before, run)),
                "revised": ""
                if first or before is None
                else "; ".join(r.sentence() for r in revisions(before, run, home)),
                "sentence": run.sentence,
            }
        )
    return pd.DataFrame(rows)


def _read(folder: Path) -> PastRun:
    told = json.loads((folder / "headline.json").read_text("utf-8"))
    study = parse((folder / "study.toml").read_text("utf-8"), folder.name, None)
    used = {name: steps.get("used", 0) for name, steps in counted(folder).items()}
    return PastRun(
        study.name,
        folder.name,
        folder,
        _ended(folder),
        str(study.as_of),
        told["claim_level"],
        told["sentence"],
        *_numbers(folder),
        used=used,
        snapshots=_snapshots(folder),
    )


def _numbers(folder: Path) -> tuple[float, float, float, bool]:
    """Return ratio, interval and whether the records can tell."""
    columns = ["analysis", "estimate", "low", "high", "gates"]
    rows = pd.read_parquet(folder / "tables" / "estimates.parquet", columns=columns)
    rows = rows[rows["analysis"] == HEADLINE]
    if rows.empty:
        return math.nan, math.nan, math.nan, True
    row = rows.iloc[0]
    ratio, low, high = (float(row[name]) for name in ("estimate", "low", "high"))
    gate = read(row["gates"]).get("informative")
    return ratio, low, high, gate is None or gate.passed is not False


def _snapshots(folder: Path) -> dict[str, tuple[str, ...]]:
    rows = pd.read_parquet(folder / "tables" / "snapshots.parquet", columns=["source_id", "sha256"])
    return {
        str(name): tuple(sorted(str(v) for v in group["sha256"]))
        for name, group in rows.groupby("source_id")
    }


def _ended(folder: Path) -> str:
    """Return when the bundle was made: its first entry in the run log, which later runs extend."""
    path = folder / RUN_LOG / RUNS
    if not path.is_file():
        return ""
    return str(json.loads(path.read_text("utf-8").splitlines()[0])["ended_at"])


def _outside(ratio: float, of: PastRun) -> bool:
    if any(math.isnan(v) for v in (ratio, of.low, of.high)):
        return False
    return not of.low <= ratio <= of.high


def _in_vault(home: Home, sha256: str) -> Path | None:
    folder = Vault(home.vault).root / "objects" / sha256
    return next(iter(folder.iterdir()), None) if folder.is_dir() else None


def _revised(source: Source, old: Path | None, new: Path | None) -> Revised | None:
    if old is None or new is None:
        return None
    from geo import sources  # noqa: PLC0415 - loads every reader

    try:
        b, a = (
            sources.read(
                path, role=source.role, source_id=source.id, columns=dict(source.columns)
            ).records
            for path in (old, new)
        )
    except FunnelError:
        return None
    rows = sources.revision_records(b, a)
    touched = rows.loc[rows["change"] != "added", "death_id"].nunique()
    added = int((rows["change"] == "added").sum())
    known = max(len(b), 1)
    return Revised(source.id, len(b), touched / known, added / known)
