"""Everything a run found, as the other rooms hand it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

from geo import records
from geo.errors import EvidenceError
from geo.study import Period, Study, closed_periods


@dataclass(frozen=True)
class Findings:
    """What a run found; anything but the first three may be absent.

    Attributes
    ----------
    study, run_id, code_version
        The resolved study, the run's id, and the hash of the code that ran.
    tables
        Contract name = table that keeps it (`geo.records`).
    rasters
        Coarse public rasters by contract name; those in time have the coordinate `period`.
    skipped
        What could not be computed: (what, missing input, how to get it).
    withdrawn
        Records withheld on request; they are in no table.
    environment
        Text of the locked environment.
    steps
        Step name = what it depends on and its fingerprint (`geo.identity.step_fingerprint`), in
        the order in which they ran.
    preregistration
        Hash and date of the registered plan; empty where there is none.
    deviations
        Every deviation from the registered plan, in words.
    calibration
        What the decision rule did on made-up records of known truth (`make validate`): gate,
        outcome, n, estimate, low, high, goal, verdict, planted; None where it was not run.
    case_keys
        `death_id` = the publisher's own case key; stands in the restricted tree only.
    """

    study: Study
    run_id: str
    code_version: str
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rasters: Mapping[str, xr.DataArray] = field(default_factory=dict)
    skipped: tuple[tuple[str, str, str], ...] = ()
    withdrawn: int = 0
    environment: str = ""
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    preregistration: str = ""
    deviations: tuple[str, ...] = ()
    calibration: pd.DataFrame | None = None
    case_keys: Mapping[str, str] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, with no row where the run did not make it."""
        found = self.tables.get(name)
        return records.TABLES[name].empty() if found is None else found

    def has(self, name: str) -> bool:
        """Say whether a table has any row."""
        return not self.table(name).empty

    @property
    def synthetic(self) -> bool:
        """Whether the records are made up; every table, figure and page says so."""
        return self.study.made_up

    @property
    def data_status(self) -> str:
        """Return the word that leads every public table: SYNTHETIC or recorded."""
        return SYNTHETIC if self.synthetic else RECORDED

    @property
    def closed(self) -> tuple[Period, ...]:
        """Periods of which a surface may be published."""
        return closed_periods(self.study)


SYNTHETIC = "SYNTHETIC"
RECORDED = "recorded"


def check(findings: Findings) -> None:
    """Raise EvidenceError if a table or raster is not one that evidence may hold."""
    unknown = [n for n in findings.tables if n not in records.TABLES]
    unknown += [n for n in findings.rasters if n not in records.RASTERS]
    if unknown:
        raise EvidenceError(
            f"findings hold {', '.join(sorted(unknown))}, which geo.records does not "
            "declare; declare it there"
        )
    fine = [n for n in findings.rasters if records.RASTERS[n].fine]
    if fine:
        raise EvidenceError(
            f"raster {', '.join(sorted(fine))} is too fine to be handed to evidence; "
            "aggregate it to the study's surface_cell_m first"
        )
    for name, array in findings.rasters.items():
        records.RASTERS[name].check(array)
