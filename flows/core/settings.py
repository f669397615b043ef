"""Where things are kept: the only module that reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """Folders of one installation.

    Attributes
    ----------
    root
        `FUNNEL_HOME`, by default `./.funnel`: vault, store, locks.
    out
        Where bundles go, `FUNNEL_OUT`, by default `./runs`; restricted trees stand beside it.
    """

    root: Path
    out: Path

    @property
    def vault(self) -> Path:
        """Immutable snapshots."""
        return self.root / "vault"

    @property
    def store(self) -> Path:
        """Finished and half-finished steps."""
        return self.root / "store"

    @property
    def locks(self) -> Path:
        """One lock a run."""
        return self.root / "locks"

    @property
    def restricted(self) -> Path:
        """Restricted trees, beside and never below the public ones."""
        return self.out.parent / "restricted"


def home(out: Path | None = None) -> Home:
    """Return the folders of this installation, absolute."""
    root = Path(os.environ.get("FUNNEL_HOME", ".funnel")).expanduser().absolute()
    bundles = out or Path(os.environ.get("FUNNEL_OUT", "runs"))
    return Home(root=root, out=bundles.expanduser().absolute())


def local_data() -> Path | None:
    """Return the folder that `FUNNEL_LOCAL_DATA` names, or None."""
    named = os.environ.get("FUNNEL_LOCAL_DATA")
    return Path(named).expanduser().absolute() if named else None


def bundles_url() -> str | None:
    """Return where a web server shows the folder of the bundles (`FUNNEL_BUNDLES_URL`), or None."""
    return os.environ.get("FUNNEL_BUNDLES_URL")


def now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date, UTC."""
    return now().date()


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
