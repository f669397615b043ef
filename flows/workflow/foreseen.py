"""What can be said of a run before its work: corridors it will have, and how records are placed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd

from flows.core.stage import RunSpec
from flows.stages.ingest import corridors_of, read_fitted
from geo import sources
from geo.errors import Problem
from geo.records import CORRIDOR_BASIS, CORRIDORS, PRECISION
from geo.sources.deaths import border_master
from geo.sources.fitting import CLAIMED, ELSEWHERE
from geo.sources.reading import Reading

NEEDED = ("deaths", "border", "corridors")
UNPLACED = ("moved", "none", "placeholder")
ONE = (
    "One corridor remains, with nothing to compare it with: the headline cannot be estimated. "
    "Give a source of role corridors, or a border line and [corridors] strip_km."
)


class Foreseen:
    """Corridors and precision of a run's records, read once.

    Parameters
    ----------
    question
        The run.
    """

    def __init__(self, question: RunSpec) -> None:
        self.study = question.study
        self.readings = [
            (given, read_fitted(question.study, given)) for given in question.of(*NEEDED)
        ]

    def problems(self) -> list[Problem]:
        """Return what is wrong with the series of deaths, and with what names corridors."""
        same = sources.same_people({name: r.reader for name, r in self._deaths})
        systems = sources.undeclared(self.study)
        return [*same, *systems, *self._same_file(), *self._none_used(), *self._strata()]

    def _same_file(self) -> list[Problem]:
        """Return series of deaths that are one file given twice."""
        seen: dict[str, str] = {}
        problems = []
        for given, reading in self.readings:
            if given.role != "deaths":
                continue
            # two record systems of one file are other rows of it
            part = f"{given.sha256} {self._shared_system(given.source_id, reading.reader)}"
            first = seen.setdefault(part, given.source_id)
            if first != given.source_id:
                what = f"it is the same file as {first}, and its people would count twice"
                remedy = "Take one of the two sources out"
                problems.append(Problem(given.label, what, remedy, field=given.source_id))
        return problems

    def _shared_system(self, source_id: str, reader: str) -> str:
        """Return the system whose rows alone are read of a file that holds several."""
        named = {s.source_id: s.name for s in sources.systems_of(self.study)}
        return named.get(source_id, "") if reader == border_master.LAYOUT.reader else ""

    def _systems(self) -> list[str]:
        """Say what each record system adds, who would count twice, and how its series run."""
        systems = sources.systems_of(self.study)
        if not systems:
            return []
        series = {name: gpd.GeoDataFrame(r.records) for name, r in self._deaths}
        said = []
        for system in systems:
            table = series[system.source_id]
            reason = table["exclusion_reason"]
            parts = [
                f"{int((reason == why).sum()):,} {words}"
                for why, words in (
                    (CLAIMED, "left to a system that stands before it"),
                    (ELSEWHERE, "outside its own area or years"),
                )
                if (reason == why).any()
            ]
            used = f"{int(reason.isna().sum()):,} of {len(table):,} records are used"
            said.append(
                f"{system.source_id}, record system {system.name}: {', '.join([used, *parts])}."
            )
            own = table[reason.isna()]
            said += sources.series_notes(own, system.source_id, system.last)
        if len(series) > 1:
            said += sources.linkage(series)
        return [*said, *self._unclaimed()]

    def _unclaimed(self) -> list[str]:
        """Name the record systems of a shared file that no source of the study reads."""
        named = {s.source_id: s.name for s in sources.systems_of(self.study)}
        shared = [n for n, r in self._deaths if r.reader == border_master.LAYOUT.reader]
        if not any(n in named for n in shared):
            return []
        # a system may be read from a file of its own
        left = set(border_master.systems_known()) - set(named.values())
        if not left:
            return []
        said = (
            f"No source reads the border master's rows of {', '.join(sorted(left))}: their people "
            "are in no stratum of this study. Add a source with that system, or say why not."
        )
        return [said]

    def _none_used(self) -> list[Problem]:
        """Return what keeps every record of every series from use."""
        tables = [(given, r.records) for given, r in self.readings if given.role == "deaths"]
        if any(t["exclusion_reason"].isna().any() for _, t in tables):
            return []
        problems = []
        for given, table in tables:
            if self.study.planted is None and table["precision_class"].isin(UNPLACED).all():
                continue  # what is lacking is a column, and a sentence says which
            why = "; ".join(
                f"{r} ({n})" for r, n in table["exclusion_reason"].value_counts().items()
            )
            problems.append(
                Problem(
                    given.label,
                    f"none of its {len(table)} records can be used: {why}",
                    "Correct bounds_lonlat or the periods, or give the records of this area",
                    field=given.source_id,
                )
            )
        return problems

    def _strata(self) -> list[Problem]:
        """Return strata of corridors that the study does not have."""
        known = list(self.polygons["corridor"])
        unknown = [c for c in self.study.inference.strata if c not in known]
        if not unknown:
            return []
        what = f"strata names {', '.join(unknown)}, which is no corridor of this study"
        remedy = f"Use {', '.join(known) or 'corridors of a source'}"
        return [Problem(self.study.name, what, remedy, field="inference.strata")]

    def lines(self) -> list[str]:
        """Return what a user should know before work, in sentences."""
        return [self.corridors, *self._enough(), *self._precision(), *self._systems()]

    @property
    def corridors(self) -> str:
        """Which corridors there will be, why, and how well they are known."""
        return " ".join(self._made[1]["sentence"])

    @property
    def polygons(self) -> gpd.GeoDataFrame:
        """The corridors themselves (`CORRIDORS`); without a row where none can be made."""
        return self._made[0]

    @property
    def _deaths(self) -> list[tuple[str, Reading]]:
        return [(g.source_id, r) for g, r in self.readings if g.role == "deaths"]

    @cached_property
    def _made(self) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
        parts: dict[str, list[Any]] = {}
        for _, reading in self.readings:
            parts.setdefault(reading.table, []).append(reading.records)
        made = corridors_of(self.study, parts)
        return made[CORRIDORS.name][0], made[CORRIDOR_BASIS.name][0]

    def _enough(self) -> list[str]:
        """Say how many corridors hold the records that a headline needs before a first dose."""
        polygons, _ = self._made
        least = self.study.inference.min_records_before
        if polygons.empty or not self._deaths:
            return [ONE] if len(polygons) < 2 else []
        found = pd.concat([r.records for _, r in self._deaths], ignore_index=True)
        until = pd.Timestamp(self.study.pre_tower[1])
        early = found[found["exclusion_reason"].isna() & (found["found_on"] < until)]
        inside = gpd.sjoin(early[["persons", "geometry"]], polygons[["corridor", "geometry"]])
        persons = inside.groupby("corridor")["persons"].sum()
        held = [c for c in polygons["corridor"] if persons.get(c, 0) >= least]
        out = [str(c) for c in polygons["corridor"] if c not in held]
        said = (
            f"{len(held)} of {len(polygons)} corridors hold the {least} persons before the first "
            f"tower ({until:%Y-%m-%d}) without which one does not enter the headline"
        )
        said += f"; not {', '.join(out)}." if out else "."
        if len(held) == 1:
            return [said, ONE]
        if not held:
            return [said, "No corridor enters: the headline cannot be estimated."]
        return [said]

    def _precision(self) -> list[str]:
        """Say of each series how its places are known, where precision is lacking or assumed."""
        said = []
        for name, reading in self._deaths:
            table = reading.records
            used = table[table["exclusion_reason"].isna()]
            if len(table) and table["precision_class"].isin(UNPLACED).all():
                said.append(
                    f"{name}: no record says how well its place is known, so that none "
                    "can be used. Map precision_class to a column with words such as "
                    f"{', '.join(PRECISION[:4])}, or leave it out."
                )
            elif len(used) and not used["precision_class"].isin(["gps", "address"]).any():
                low, high = (used["precision_m"].agg(f) / 1e3 for f in ("min", "max"))
                basis = "assumed" if used["precision_basis"].notna().all() else "not stated"
                said.append(
                    f"{name}: no record is placed by GPS or address (precision is {basis}; radius "
                    f"{low:g} to {high:g} km): records are drawn within their radius, the route "
                    "model cannot be judged, and analyses of precise records alone are not run. "
                    "Map precision_class if the file has such a column."
                )
        return said
