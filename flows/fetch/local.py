"""Local files of a study: found, packed where one source is several files, copied and hashed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from flows.fetch.catalogue import Entry
from flows.fetch.vault import Snapshot, Vault
from geo.study import Source

SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qpj")
EPOCH = (1980, 1, 1, 0, 0, 0)


def find(source: Source, study_folder: Path | None, local_data: Path | None) -> Path | None:
    """Return the file or folder a source names: absolute, beside the study, or in local data."""
    if source.file is None:
        return None
    named = Path(source.file).expanduser()
    bases = [Path()] if named.is_absolute() else [b for b in (study_folder, local_data) if b]
    return next((b / named for b in bases if (b / named).exists()), None)


def packaged(entry: Entry | None) -> Path | None:
    """Return the file of a source that comes with the program, written by its makers."""
    if entry is None or entry.kind != "package":
        return None
    return Path(str(resources.files("data").joinpath(entry.url)))


def put(
    vault: Vault, source_id: str, path: Path, about: Mapping[str, Any], note: str = ""
) -> Snapshot:
    """Copy a local file into the vault; a folder or a shapefile becomes one archive.

    The archive holds the same bytes whenever it is packed, so that equal files have equal hashes.
    """
    parts = _parts(path)
    changed = max(p.stat().st_mtime for p in parts)
    sidecar = {
        **about,
        "url": None,
        "retrieved_at": datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds"),
        "note": note or about.get("note", ""),
    }
    if len(parts) == 1:
        return vault.put_file(source_id, parts[0], sidecar)
    packed = pack({p.name: p.read_bytes() for p in parts})
    return vault.put_bytes(source_id, packed, sidecar, f"{path.stem}.zip")


def put_tiles(
    vault: Vault, source_id: str, folder: Path, tiles: Sequence[Path], sidecar: Mapping[str, Any]
) -> tuple[Snapshot, ...]:
    """Copy rasters of a folder into the vault, a snapshot each, named by their way below it."""
    return tuple(
        vault.put_file(source_id, tile, {**sidecar, "url": None, "retrieved_at": _changed(tile)},
                       "_".join(tile.relative_to(folder).parts))
        for tile in tiles
    )  # fmt: skip


def _changed(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files whose bytes depend on names and contents alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), files[name])
    return out.getvalue()


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    if path.suffix.lower() == ".shp":
        beside = (path.with_suffix(s) for s in SHAPEFILE)
        return [p for p in beside if p.is_file()]
    return [path]
