"""Write a run's public bundle, in the order in which later files describe earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geo.errors import EvidenceError
from geo.evidence.custody.chain import APART, CUSTODY, MANIFEST, chain, events, manifest, sha256
from geo.evidence.custody.crate import CRATE, crate_bytes
from geo.evidence.custody.restricted import restricted_facts
from geo.evidence.documents.central import STEM as CENTRAL
from geo.evidence.documents.figures import figures
from geo.evidence.documents.front_words import LANGUAGES
from geo.evidence.documents.index_page import INDEX, index_page
from geo.evidence.documents.memo import brief_files, memo_files
from geo.evidence.documents.press_kit import in_language
from geo.evidence.formats.geopackage import write_geopackage
from geo.evidence.formats.tabular import csv_bytes, descriptor, parquet_bytes
from geo.evidence.formats.workbook import workbook_bytes
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.public import public_tables
from geo.evidence.tables.published import flat
from geo.evidence.tables.surfaces import geotiff_bytes, surfaces

STUDY = "study.toml"
"""The resolved study; written first, so that a run that was killed finds its own folder again."""
OWN = ("tables/", "figures/", "memo/", "rasters/", f"{APART}/")
"""Folders that evidence fills; a caller's page may not lie there."""
EXHIBITS = (
    "memo/report.pdf", "memo/annex.pdf", "tables/evidence.xlsx", "tables/estimates.csv",
    "tables/hardness_by_corridor.csv", "tables/counts.csv", "tables/snapshots.csv", CUSTODY,
)  # fmt: skip
"""What is handed over with the brief, which names the hash of each."""


def write_bundle(
    folder: Path,
    findings: Findings,
    pages: Mapping[str, str | bytes],
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Path:
    """Write the public bundle of a run.

    Parameters
    ----------
    folder
        Where to; what stands there is replaced, `run-log/` excepted.
    findings
        What the run found.
    pages
        Relative path = page or image that the caller made (`maps/funnel.html`, ...). An
        `index.html` among them replaces the one made here. There is one in every language.
    tables
        `public_tables(findings)`, where the caller has them already.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    EvidenceError
        If a page's path leads out of the folder or into one that evidence fills, or a surface
        is finer than its floor.

    Examples
    --------
    >>> from geo import examples
    >>> sorted(p.name for p in examples.bundle().iterdir() if p.is_dir())
    ['memo', 'tables']
    """
    folder = Path(folder)
    _check_pages(pages)
    made = dict(tables) if tables is not None else public_tables(findings)
    flats = {name: flat(name, frame, findings.data_status) for name, frame in made.items()}
    _clear(folder)
    _write(folder / STUDY, findings.study.toml().encode())
    content: dict[str, bytes] = {}
    for name, frame in flats.items():
        content[f"tables/{name}.csv"] = csv_bytes(frame)
        content[f"tables/{name}.parquet"] = parquet_bytes(frame)
    drawn = figures(findings, made)
    picture = next((f.files[f"{f.stem}.png"] for f in drawn if f.stem == CENTRAL), b"")
    content["tables/evidence.xlsx"] = workbook_bytes(findings, flats, picture)
    content["tables/datapackage.json"] = descriptor(findings, flats)
    for stem, _, array in surfaces(findings):
        content[f"rasters/{stem}.tif"] = geotiff_bytes(findings, stem, array)
    content |= {f"figures/{name}": data for f in drawn for name, data in f.files.items()}
    content |= {f"memo/{n}": d for n, d in memo_files(findings, made, drawn).items()}
    content["environment.txt"] = findings.environment.encode()
    content[CUSTODY] = chain(events(findings, made, restricted_facts(findings)))
    exhibits = {n: sha256(content[n]) for n in EXHIBITS if n in content}
    content |= {f"memo/{n}": d for n, d in brief_files(findings, made, drawn, exhibits).items()}
    for language in LANGUAGES:
        name = in_language(INDEX, language, findings.study.language)
        content[name] = index_page(findings, made, drawn, pages, language).encode()
    content |= {n: p.encode() if isinstance(p, str) else p for n, p in pages.items()}
    for name, data in content.items():
        _write(folder / name, data)
    write_geopackage(folder / "tables" / "evidence.gpkg", findings, made)
    _write(folder / CRATE, crate_bytes(folder, findings))
    _write(folder / MANIFEST, manifest(folder))
    return folder


def _check_pages(pages: Mapping[str, str | bytes]) -> None:
    for name in pages:
        parts = Path(name).parts
        if Path(name).is_absolute() or ".." in parts or name.startswith(OWN):
            raise EvidenceError(
                f"page {name!r} may not be written there; give a path like maps/funnel.html"
            )


def _clear(folder: Path) -> None:
    """Remove what an earlier run left, so that no file outlives its run."""
    if not folder.is_dir():
        return
    known = (folder / STUDY).is_file()
    if not known and any(p.name != APART for p in folder.iterdir()):
        raise EvidenceError(f"{folder} holds something that is no bundle; choose an empty folder")
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.relative_to(folder).parts[0] == APART:
            continue
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
