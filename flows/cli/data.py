"""`funnel sources`, `fetch`, `preregister` and `purge`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from flows.core.settings import home, local_data, now
from flows.core.store import write_text
from flows.fetch import Ways, resolve
from flows.fetch.catalogue import load
from flows.fetch.supplied import own_names
from flows.fetch.vault import Vault
from flows.workflow.progress import Reporter, answers, console
from flows.workflow.studies import locate
from geo.study import Study


def purge_vault(*, yes: bool) -> int:
    """Remove every snapshot, or say what would be removed."""
    vault = home().vault
    files = [p for p in vault.rglob("*") if p.is_file()] if vault.is_dir() else []
    size = sum(p.stat().st_size for p in files) / 1e6
    if not yes:
        answers.print(f"{len(files)} files, {size:.1f} MB; `funnel purge --yes` removes them")
        return 0
    for path in vault.rglob("*") if vault.is_dir() else ():
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(vault, ignore_errors=True)
    answers.print(f"the vault is empty ({len(files)} files, {size:.1f} MB removed)")
    return 0


def fetch_study(named: str, *, offline: bool) -> int:
    """Snapshot the sources of a study and say what changed since the last snapshot."""
    place = home()
    located = locate(named)
    if located.study.synthetic is not None:
        answers.print(f"{named} is synthetic: `funnel run {named}` writes its sources itself")
        return 0
    with Reporter().running() as reporter:
        found = resolve(
            own_names(located.study, located.folder),
            Vault(place.vault),
            offline=offline,
            local_data=local_data(),
            study_folder=located.folder,
            clock=now,
            progress=reporter.plain("fetching"),
            ways=Ways(refresh=not offline, announce=console.print),
        )
    for source, snapshots in found.snapshots.items():
        for s in snapshots:
            answers.print(f"{source:24} {s.size:>14,} byte  {s.sha256[:16]}")
    for change in found.changes:
        answers.print(change)
    for gap in found.missing:
        answers.print(f"[yellow]{gap.source_id}[/]: {gap.why}. {gap.how}")
    unreachable = [g.unreachable for g in found.missing if g.unreachable is not None]
    if unreachable:
        raise unreachable[0]
    return 0


def list_sources(*, as_json: bool = False) -> int:
    """Print the catalogue: what each source is, who publishes it, under which licence."""
    if as_json:
        said = {
            name: {
                "title": entry.title,
                "role": entry.role,
                "publisher": entry.publisher,
                "licence": entry.licence,
                "landing": entry.landing,
                "fetchable": entry.fetchable,
            }
            for name, entry in load().items()
        }
        print(json.dumps(said, indent=1, ensure_ascii=False))  # noqa: T201
        return 0
    for name, entry in load().items():
        answers.print(f"[bold]{name}[/]  {entry.title}")
        answers.print(f"    {entry.role}; {entry.publisher}; {entry.licence}")
        how = "fetched by `funnel fetch`" if entry.fetchable else "by hand"
        answers.print(f"    {how}; {entry.landing}")
    return 0


def write_preregistration(named: str, out: Path | None) -> int:
    """Write the plan of a study, to commit or deposit before towers meet deaths."""
    study = locate(named).study
    path = out or Path(f"preregistration-{study.name}.md")
    write_text(path, _plan(study))
    answers.print(f"written: {path}")
    return 0


def _plan(study: Study) -> str:
    from geo import inference  # noqa: PLC0415 - seconds of import that other commands do not need

    return inference.preregistration(study)
