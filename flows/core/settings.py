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
    def told(self) -> Path:
        """One file a study: the run of which people were told last."""
        return self.root / "told"

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


@dataclass(frozen=True)
class Targets:
    """Stores of a team's that get copies, as addresses that fsspec knows; None for none.

    Attributes
    ----------
    bundles
        `FUNNEL_BUNDLES_TO`: public bundles.
    snapshots
        `FUNNEL_SNAPSHOTS_TO`: what publishers published, with names; never where bundles are.
    shown_at
        `FUNNEL_BUNDLES_TO_URL`: where a web server shows the store of the bundles.
    """

    bundles: str | None = None
    snapshots: str | None = None
    shown_at: str | None = None

    def named(self) -> list[tuple[str, str]]:
        """Return the stores that are set, with the variable that names each."""
        pairs = [("FUNNEL_BUNDLES_TO", self.bundles), ("FUNNEL_SNAPSHOTS_TO", self.snapshots)]
        return [(name, address) for name, address in pairs if address is not None]


def targets() -> Targets:
    """Return the stores that get copies."""
    named = ("FUNNEL_BUNDLES_TO", "FUNNEL_SNAPSHOTS_TO", "FUNNEL_BUNDLES_TO_URL")
    return Targets(*(os.environ.get(n) or None for n in named))


def notify() -> tuple[str, ...]:
    """Return where notices go (`FUNNEL_NOTIFY`): addresses and files, parted by spaces."""
    return tuple(os.environ.get("FUNNEL_NOTIFY", "").split())


def now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date, UTC."""
    return now().date()


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
