"""`funnel sources`, `fetch`, `preregister` and `purge`."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows.prepare import Options, prepare
from flows.progress import console
from flows.settings import home
from flows.store import write_text
from flows.studies import locate
from geo.study import Study


def purge_vault(*, yes: bool) -> int:
    """Remove every snapshot, or say what would be removed."""
    vault = home().vault
    files = [p for p in vault.rglob("*") if p.is_file()] if vault.is_dir() else []
    size = sum(p.stat().st_size for p in files) / 1e6
    if not yes:
        console.print(f"{len(files)} files, {size:.1f} MB; `funnel purge --yes` removes them")
        return 0
    for path in vault.rglob("*") if vault.is_dir() else ():
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(vault, ignore_errors=True)
    console.print(f"the vault is empty ({len(files)} files, {size:.1f} MB removed)")
    return 0


def fetch_study(named: str, *, offline: bool) -> int:
    """Snapshot the sources of a study and list them."""
    question = prepare(named, home(), Options(offline=offline), lambda _d, _t, _l: None)
    for given in question.inputs:
        console.print(f"{given.source_id:24} {given.facts['size']:>12,} byte  {given.sha256[:16]}")
    for gap in question.missing:
        console.print(f"[yellow]{gap.what}[/]: {gap.missing}. {gap.how}")
    return 0


def write_preregistration(named: str, out: Path | None) -> int:
    """Write the plan of a study, to commit or deposit before towers meet deaths."""
    study = locate(named).study
    path = out or Path(f"preregistration-{study.name}.md")
    write_text(path, _plan(study))
    console.print(f"written: {path}")
    return 0


def _plan(study: Study) -> str:
    from geo import inference  # noqa: PLC0415 - seconds of import that other commands do not need

    return inference.preregistration(study)
