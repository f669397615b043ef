"""What a page is made from: published tables and rasters, and nothing finer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import xarray as xr

from geo import records
from geo.errors import ContractError
from geo.evidence import in_language
from geo.grid import grid_of, require_metric
from geo.inference.registered.phrases import Language
from geo.scale import below
from geo.study import Period, Study, closed_periods


@dataclass(frozen=True)
class Helpline:
    """A telephone line or office, as a cited and dated source names it."""

    name: str
    what: str
    contact: str
    source: str
    checked_on: date


@dataclass(frozen=True)
class MapInputs:
    """Everything a page may show. Whatever is absent is named on the page as missing.

    Attributes
    ----------
    study, run_id, version, as_of
        What the page stands for.
    tables
        Public tables by the name of their contract in `geo.records`.
    rasters
        `in_view_share` and `route_density` (period, y, x) with period ids as coordinate,
        `hardness_rank`, `hardship` and `relief` (y, x); none finer than 1 km but `relief`.
    skipped
        (what, what is missing, how to get it), one each for a result that could not be made.
    absent_sources
        Role = titles of the sources that the study names for it and that are not there.
    language
        Of everything this package writes; sentences of the estimates come as they are. Title and
        periods are the study's: give `study.in_language(language)`.
    main
        The study's language: its pages have the plain names (`funnel.html`, not `funnel.es.html`).
    shown_share
        Block = share of the block's records that stand in a cell, 0 to 1.
    contact
        Whom to ask for a correction or withdrawal; the project's repository where empty.
    address
        Public address of the folder that will hold the page, ending in "/"; empty if unknown.
    helplines
        Only from a cited, dated file.
    """

    study: Study
    run_id: str
    version: str
    as_of: date
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rasters: Mapping[str, xr.DataArray] = field(default_factory=dict)
    skipped: tuple[tuple[str, str, str], ...] = ()
    absent_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: Language = "en"
    main: Language = "en"
    shown_share: Mapping[str, float] = field(default_factory=dict)
    contact: str = ""
    address: str = ""
    helplines: tuple[Helpline, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what may not be published."""
        faults = [*self._table_faults(), *self._raster_faults()]
        if faults:
            raise ContractError(
                f"the map may not show {', '.join(faults)}; leave it out or aggregate it"
            )

    @property
    def blocks(self) -> tuple[Period, ...]:
        """Steps of the map: the public blocks of years that the study's periods touch.

        The last one ends where the records' last whole year does.
        """
        cells = self.table("deaths_by_cell_block")
        lasts = dict(cells.groupby("block")["last_year"].max()) if len(cells) else {}
        steps = []
        for name in dict.fromkeys(records.block_name(y) for y in self.study.years):
            start, last = records.block_years(name)
            if start > self.as_of.year:
                continue
            last = int(lasts.get(name, last))
            label = f"{start}\N{EN DASH}{last}" if last > start else str(start)
            steps.append(
                Period(id=name, label=label, start=date(start, 1, 1), end=date(last + 1, 1, 1))
            )
        return tuple(steps)

    def period_in(self, block: Period) -> Period | None:
        """Return the study's period that covers most of a block; None where none meets it."""

        def shared(period: Period) -> int:
            return (min(period.end, block.end) - max(period.start, block.start)).days

        best = max(self.study.periods, key=shared)
        return best if shared(best) > 0 else None

    def named(self, name: str, language: Language | None = None) -> str:
        """Return the name of a page in a language: of these pages, or of another."""
        return in_language(name, language or self.language, self.main)

    @property
    def synthetic(self) -> bool:
        """True if the records are made up, and the land with them or not."""
        return self.study.made_up

    @property
    def route_validated(self) -> bool:
        """True if every estimate that tested the route model against records found it good."""
        gates = self.table("estimates")["gates"].fillna("").str.split(";").explode()
        tested = gates[gates.str.startswith("route_model_validated=")]
        return len(tested) > 0 and bool((tested == "route_model_validated=pass").all())

    def table(self, name: str) -> pd.DataFrame:
        """Return a table, with no row where it is absent."""
        found = self.tables.get(name)
        return records.TABLES[name].empty() if found is None else found

    def _table_faults(self) -> list[str]:
        faults = []
        for name in self.tables:
            contract = records.TABLES.get(name)
            if contract is None or not contract.public:
                faults.append(f"table {name} is not a public table")
        cells = self.tables.get("deaths_by_cell_block")
        least = (records.DEATH_CELL_M / 1_000) ** 2
        if cells is not None and (cells["area_km2"] < least).any():
            faults.append("deaths_by_cell_block has cells below the privacy floor")
        return faults

    def _raster_faults(self) -> list[str]:
        closed = {p.id for p in closed_periods(self.study)}
        faults = []
        for name, array in self.rasters.items():
            contract = records.RASTERS.get(name)
            if contract is None or contract.fine:
                faults.append(f"raster {name} is not one that may be published")
                continue
            step = require_metric(array)
            if name != "relief" and below(grid_of(array), self.study.privacy.surface_cell_m):
                faults.append(f"raster {name} has cells of {step:g} m, below the privacy floor")
            if "period" in array.dims:
                late = sorted({str(v) for v in array["period"].values} - closed)
                faults += [f"raster {name}: period {p} is not closed yet" for p in late]
        return faults
