"""The restricted tree: one row a record, for those who are bound to keep it closed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import EvidenceError
from geo.evidence.custody.chain import MANIFEST, manifest, sha256
from geo.evidence.formats.tabular import csv_bytes
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.public import lineage, snapshots

RECORDS = "records.csv"
VINTAGES = "vintages.csv"
"""The same people as earlier states of the sources had them (R13)."""
LINEAGE = "lineage.csv"
QUARANTINE = "quarantine.csv"
COUNTS = "counts.csv"
SOURCES = "sources.csv"
CASES = "case_keys.csv"
"""Apart from the records, whose hash is public and must not depend on it."""
SNAPSHOTS = "snapshots"
NOTE = "HANDLING.txt"
HANDLING = """\
RESTRICTED: ONE ROW PER DEAD PERSON{status}

These tables identify places of recovery of individual people. Their relatives may not know.

- Keep this folder on an encrypted disk of a named custodian; do not mail it, do not put it in a
  shared drive, a chat, a notebook output or a version control system.
- Disclose single records only under a written agreement or a protective order; say so in writing
  before each disclosure, and log who received what, and when.
- Publish nothing from here. What may be published stands in the public bundle of the same run.
- A family's request to correct or withhold a record comes before every analysis.
- The copies of the sources in {snapshots}/ hold what the publishers published, names included.
- Delete with `funnel purge` when the purpose has ended; keep the public bundle.

Study {study}, run {run}, as of {as_of}.
Check with: sha256sum -c {manifest}
"""


def restricted_facts(findings: Findings) -> dict[str, Any]:
    """Return what the public side may say of the restricted records: their hash, not their rows.

    The hash is over every row at once, so no single record can be guessed from it.
    """
    data = csv_bytes(records_table(findings))
    return {"file": RECORDS, "sha256": sha256(data), "made_public": False}


def records_table(findings: Findings) -> pd.DataFrame:
    """Return one row a record: source row, attributes, place, exact exposures."""
    frame = _flat(findings.table("deaths"))
    exposures = findings.table("exposures")
    own = ["death_id", *(c for c in exposures.columns if c not in frame.columns)]
    frame = frame.merge(exposures[own], on="death_id", how="left", validate="1:1")
    frame.insert(0, "data_status", findings.data_status)
    return frame.sort_values(["source_id", "source_row"], kind="stable").reset_index(drop=True)


def _flat(deaths: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(deaths.drop(columns="geometry"))
    frame["longitude_deg"] = deaths.geometry.x
    frame["latitude_deg"] = deaths.geometry.y
    return frame


def write_restricted(
    folder: Path, findings: Findings, snapshots_dir: Path | Mapping[str, Path] | None = None
) -> Path:
    """Write the restricted tree of a run.

    Parameters
    ----------
    folder
        Where to; made with mode 0700, its files 0600. It must not lie in a public bundle.
    findings
        What the run found.
    snapshots_dir
        Folder that holds snapshots named by their SHA-256 (the vault), or a mapping from
        SHA-256 to file. Those the run used are copied. None where there are none.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    EvidenceError
        If the folder lies inside a bundle.

    Examples
    --------
    >>> from geo import examples
    >>> oct(examples.restricted_tree().stat().st_mode)[-3:]
    '700'
    """
    folder = Path(folder)
    inside = [p for p in (folder, *folder.parents) if (p / "ro-crate-metadata.json").is_file()]
    if inside:
        raise EvidenceError(
            f"{folder} lies inside the public bundle {inside[0].name}; choose a place beside it"
        )
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    members = lineage(findings).sort_values(["id", "death_id"], kind="stable")
    _write(folder / RECORDS, csv_bytes(records_table(findings)))
    if findings.has("vintages"):
        earlier = _flat(findings.table("vintages")).sort_values(["source_id", "source_row"])
        _write(folder / VINTAGES, csv_bytes(earlier))
    _write(folder / LINEAGE, csv_bytes(members))
    _write(folder / QUARANTINE, csv_bytes(findings.table("quarantine")))
    _write(folder / COUNTS, csv_bytes(findings.table("counts")))
    cases = pd.DataFrame(sorted(findings.case_keys.items()), columns=["death_id", "case_key"])
    _write(folder / SOURCES, csv_bytes(snapshots(findings)))
    _write(folder / CASES, csv_bytes(cases))
    _write(folder / NOTE, _note(findings).encode())
    _copy_snapshots(folder / SNAPSHOTS, findings, snapshots_dir)
    _write(folder / MANIFEST, manifest(folder))
    return folder


def _snapshot(source: Path | Mapping[str, Path] | None, digest: str) -> Path | None:
    if source is None:
        return None
    path = source.get(digest) if isinstance(source, Mapping) else source / digest
    return path if path is not None and path.is_file() else None


def _note(findings: Findings) -> str:
    return HANDLING.format(
        status=" (SYNTHETIC: made up)" if findings.synthetic else "",
        snapshots=SNAPSHOTS,
        study=findings.study.name,
        run=findings.run_id,
        as_of=findings.study.as_of.isoformat(),
        manifest=MANIFEST,
    )


def _copy_snapshots(
    folder: Path, findings: Findings, source: Path | Mapping[str, Path] | None
) -> None:
    if source is None:
        return
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    for digest in sorted(set(findings.table("snapshots")["sha256"])):
        path = _snapshot(source, digest)
        if path is None:
            continue
        target = folder / digest
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o600)


def _write(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
