"""The frozen study: one TOML file that says everything a result depends on.

A study names its area, grid, dates, periods, sources, walkers, seed and privacy settings. It is
validated as a whole (unknown keys are refused), resolved once (`extends`, then overrides) and
from then on immutable; its fingerprint goes into every run id.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from geo import parameters, records
from geo.errors import GridError, InputProblems, Problem, StudyError
from geo.grid import make_grid, metric_crs
from geo.guard import guarded
from geo.scale import require_working_crs
from geo.tower_dates import TowerDates

Role = Literal[
    "deaths",
    "vintage",
    "crosscheck",
    "towers",
    "zones",
    "elevation",
    "landcover",
    "climate",
    "border",
    "roads",
    "places",
    "corridors",
    "covariates",
    "infrastructure",
]
"""What a source is used for.

A `vintage` is an earlier state of the deaths, a `crosscheck` another publisher's: both are compared
with the deaths and never added to them. `zones` stand in where a study has no towers: exposure is
then by programme zones.
"""


KM = 1_000.0
"""Definition: metres of a kilometre, in which areas are measured and depths are rounded."""
COMPARED = frozenset({"vintage", "crosscheck"})
"""Roles of sources that are only compared with the deaths."""
_DEFAULTS = parameters.load("study")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GridSpec(_Part):
    """Cell sizes, metres."""

    resolution_m: float = Field(gt=0, description="Side of the study's cells, m")
    ensemble_m: float = Field(
        default=float(_DEFAULTS["ensemble_m"].value),
        gt=0,
        description="Side of the ensemble's cells, m",
    )
    reason: str = Field(
        default="", description="Why cells are larger than asked for: written by the run"
    )
    exact: bool = Field(
        default=False,
        description="Relief is made up at these cells, so that lines of sight are exact on them: "
        "written by the run",
    )


class Period(_Part):
    """A half-open interval [start, end) with the reason for its bounds."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Short name, used in file names")
    label: str = Field(description="Name for readers")
    start: date = Field(description="First day")
    end: date = Field(description="First day after the period")
    reason: str = Field(default="", description="Why the bounds are where they are")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"period {self.id} ends on {self.end}, not after {self.start}")
        return self


class Source(_Part):
    """One input of the study."""

    id: str = Field(description="Key in data/catalogue.toml, or a new name for a file of yours")
    role: Role = Field(description="What the source is used for")
    file: str | None = Field(
        default=None,
        description="Path: absolute, beside the study file, or in the folder FUNNEL_LOCAL_DATA",
    )
    columns: Mapping[str, str] = Field(
        default_factory=dict, description="Contract column = column of the file"
    )
    legend: Literal["nlcd", "worldcover"] | None = Field(
        default=None, description="Class codes of a land cover"
    )
    place: tuple[float, float, float] | None = Field(
        default=None,
        description="Longitude, latitude, elevation [m] of a weather record that states none",
    )
    vintage_of: str | None = Field(
        default=None,
        description="id of the deaths a vintage is an earlier state of, where a study has several",
    )
    stands_in_for: str | None = Field(
        default=None,
        description="id of a source of the role that this one replaces where it is not there",
    )
    required: bool = Field(
        default=True, description="false: what needs the source is skipped and named"
    )
    note: str = Field(default="", description="A caution printed with every result that uses it")
    date_order: Literal["day", "month"] | None = Field(
        default=None, description="Which stands first in dates such as 03/04/2015 of a file"
    )
    programmes: Mapping[str, str] = Field(
        default_factory=dict, description="Word of a tower file = programme it stands for"
    )
    credit: str = Field(
        default="", max_length=200, description="How a file of yours is named in tables and pages"
    )
    sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}( [0-9a-f]{64})*$",
        description="Hash of a file of yours, or of each tile of a folder; a run writes it in "
        "place of the path",
    )


class Movement(_Part):
    """How people are modelled to walk."""

    metabolic: Literal["lcda_graded", "lcda_backpacking", "pandolf_santee"] = "lcda_graded"
    speed: Literal["irmischer_clarke_off_path", "tobler_off_path", "sullivan"] = (
        "irmischer_clarke_off_path"
    )
    neighbours: Literal[8, 16, 32] = _DEFAULTS["neighbours"].value
    avoidance: tuple[float, ...] = Field(
        default=tuple(_DEFAULTS["avoidance"].value),
        description="Extra cost share per unit of probability of being seen",
    )
    theta: float = Field(
        default=float(parameters.load("funnel")["theta_share"].value),
        gt=0,
        description="Spread of routes, as a share of the least cost",
    )
    crossing_depth_m: float = Field(
        default_factory=lambda: float(parameters.load("funnel")["crossing_depth_m"].value),
        gt=0,
        description="Destinations lie at least this far from the border, m; where a study states "
        "none and its area has no room for the registered depth, a third of its smaller extent",
    )
    members: int = Field(
        default=0, ge=0, description="Versions of the route model behind every band; 0 for no band"
    )

    @field_validator("avoidance")
    @classmethod
    def _zero_stands_beside(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if 0.0 not in value or any(v < 0 for v in value):
            raise ValueError("avoidance must hold 0 beside every other value, none negative")
        return tuple(sorted(set(value)))


class Privacy(_Part):
    """Floors of what is published; a study may raise them and never lower them."""

    death_cell_m: float = records.DEATH_CELL_M
    surface_cell_m: float = records.SURFACE_CELL_M
    closed_months: int = records.CLOSED_MONTHS
    min_group: int = records.MIN_GROUP

    @model_validator(mode="after")
    def _only_raised(self) -> Self:
        floors = {
            "death_cell_m": records.DEATH_CELL_M,
            "surface_cell_m": records.SURFACE_CELL_M,
            "closed_months": records.CLOSED_MONTHS,
            "min_group": records.MIN_GROUP,
        }
        for key, floor in floors.items():
            if getattr(self, key) < floor:
                raise ValueError(f"{key} may not be lower than the floor {floor}")
        if self.death_cell_m > records.DEATH_CELL_MOST_M:
            raise ValueError(
                f"death_cell_m is at most {records.DEATH_CELL_MOST_M:g}: every study publishes "
                f"deaths on the same cells, H3 of resolution {records.DEATH_H3}, which measure "
                "more than that; sum their classes where coarser ones are wanted"
            )
        return self


class Inference(_Part):
    """Settings of the tests; changing one changes the pre-registration."""

    bins: int = Field(
        default=_DEFAULTS["hardness_bins"].value,
        ge=2,
        le=10,
        description="Hardness bins per corridor",
    )
    min_records_before: int = Field(
        default=_DEFAULTS["min_records_before"].value,
        ge=1,
        description="Records before a first dose",
    )
    permutations: int = Field(default=_DEFAULTS["permutations"].value, ge=99)
    imputations: int = Field(default=_DEFAULTS["imputations"].value, ge=2)
    strata: Mapping[str, str] = Field(
        default_factory=dict, description="Corridor = stratum within which doses may be exchanged"
    )
    exploratory: bool = Field(default=False, description="Records were seen while designing")


class CorridorRules(BaseModel):
    """How corridors are made where no source draws them."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True
    )

    basis: Literal["labels", "strips"] | None = Field(
        default=None,
        alias="from",
        description="The publisher's labels, or strips across the border line; by default labels "
        "where there are enough, else strips",
    )
    cells: Literal["arizona"] | None = Field(
        default=None,
        description="Cells kept in data/corridors, made once of the labels of all vintages, in "
        "place of cells made of the records at hand; strips leave them aside",
    )
    strip_km: float | None = Field(
        default=None, ge=5, description="Length of border of one strip, km; by default 20"
    )


class Synthetic(_Part):
    """Parameters of a made-up landscape with a known planted effect."""

    width_km: float = Field(gt=0)
    height_km: float = Field(gt=0)
    corridors: int = Field(ge=1)
    treated: int = Field(ge=0)
    records: int = Field(ge=1, description="Expected number of recorded deaths")
    rate_ratio: float = Field(gt=0, description="Planted ratio of rate ratios per unit dose")
    first_year: int
    years: int = Field(ge=2)


class Planted(_Part):
    """Made-up records with a known effect on the land, corridors and exposure of a study."""

    rate_ratio: float = Field(gt=0, description="Planted ratio of rate ratios per unit dose")
    seed: int | None = Field(
        default=None, ge=0, description="Of the made-up records alone; by default the study's"
    )


Component = Literal[
    "slope_deg", "border_km", "road_km",
    "energy_mj", "hours", "water_l", "core_c", "hardness", "seen",
]  # fmt: skip
"""Components of hardship that a study may register as its finding."""


class Study(_Part):
    """Everything a result depends on, besides the bytes of the sources and the code."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    question: str = ""
    finding: Component = Field(
        default="road_km",
        description="Component whose change is the finding of a run that only describes",
    )
    language: Literal["en", "es"] = "en"
    as_of: date = Field(description="The day on which the study stands; never later than today")
    seed: int = Field(ge=0)
    crs: str = Field(description="Projected CRS in metres")
    bounds_lonlat: tuple[float, float, float, float] = Field(
        description="West, south, east, north, degrees"
    )
    grid: GridSpec
    pre_tower: tuple[date, date] = Field(description="Half-open, before the first tower")
    periods: tuple[Period, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = ()
    walkers: tuple[str, ...] = Field(default=("adult",), min_length=1)
    movement: Movement = Movement()
    inference: Inference = Inference()
    corridors: CorridorRules = CorridorRules()
    privacy: Privacy = Privacy()
    tower_dates: tuple[TowerDates, ...] = Field(
        default=(), description="Dating rules for towers without a date; the first that fits counts"
    )
    synthetic: Synthetic | None = None
    planted: Planted | None = Field(
        default=None, description="Made-up records in place of the recorded ones, effect known"
    )

    @model_validator(mode="before")
    @classmethod
    def _only_planted(cls, raw: Any) -> Any:
        # what made-up records would be compared with is about people
        if isinstance(raw, dict) and raw.get("planted") is not None:
            kept = [s for s in raw.get("sources", ()) if _role_of(s) not in COMPARED]
            return {**raw, "sources": kept}
        return raw

    @model_validator(mode="before")
    @classmethod
    def _room_for_crossings(cls, raw: Any) -> Any:
        """State the depth of crossings that the area has room for, where the study states none."""
        if not isinstance(raw, dict):
            return raw
        movement = raw.get("movement", {})
        stated = movement if isinstance(movement, Mapping) else movement.model_fields_set
        if "crossing_depth_m" in stated:
            return raw
        try:
            depth_m = crossing_depth_m(tuple(raw["bounds_lonlat"]), raw["crs"])
        except (GridError, KeyError, TypeError, ValueError, OverflowError):
            return raw  # the fields' own validators say what is wrong
        if isinstance(movement, Mapping):
            return {**raw, "movement": {**movement, "crossing_depth_m": depth_m}}
        deep = movement.model_copy(update={"crossing_depth_m": depth_m})
        return {**raw, "movement": deep}

    @model_validator(mode="after")
    def _planted_like(self) -> Self:
        if self.planted is not None and self.source("deaths") is None:
            raise ValueError(
                "[planted] draws its records like recorded ones: the study needs a source of role "
                "deaths"
            )
        return self

    @property
    def made_up(self) -> bool:
        """Whether the records are made up; every table, figure and page says so."""
        return self.synthetic is not None or self.planted is not None

    @field_validator("walkers")
    @classmethod
    def _known_walkers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = parameters.load("walkers")
        for name in value:
            if name not in known:
                raise ValueError(f"walker {name!r} is unknown; use one of {', '.join(known)}")
        return value

    @field_validator("crs")
    @classmethod
    def _metric(cls, value: str) -> str:
        try:
            metric_crs(value)
        except GridError as error:
            raise ValueError(str(error)) from error
        return value.upper() if value.lower().startswith("epsg:") else value

    @field_validator("bounds_lonlat")
    @classmethod
    def _bounds(cls, value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        west, south, east, north = value
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(
                f"{value} is not west, south, east, north in degrees (are latitude and "
                "longitude swapped, or is a sign missing?)"
            )
        return value

    @model_validator(mode="after")
    def _true_on_ground(self) -> Self:
        try:
            require_working_crs(self.crs, self.bounds_lonlat)
        except GridError as error:
            raise ValueError(f"crs: {error}") from error
        return self

    @model_validator(mode="after")
    def _dates(self) -> Self:
        ordered = sorted(self.periods, key=lambda p: p.start)
        if list(ordered) != list(self.periods):
            raise ValueError("periods must stand in order of time")
        for before, after in pairwise(ordered):
            if before.end > after.start:
                raise ValueError(f"periods {before.id} and {after.id} overlap")
        if len({p.id for p in self.periods}) < len(self.periods):
            raise ValueError("two periods have the same id")
        if self.pre_tower[0] >= self.pre_tower[1]:
            raise ValueError("pre_tower must end after it starts")
        return self

    @model_validator(mode="after")
    def _vintages(self) -> Self:
        deaths = [s.id for s in self.sources if s.role == "deaths"]
        names = " or ".join(deaths) or "none here"
        for source in self.sources:
            current = source.vintage_of
            if source.role != "vintage" and current is not None:
                raise ValueError(f"source {source.id}: vintage_of is for the role vintage")
            if source.role == "vintage" and current is None and len(deaths) > 1:
                raise ValueError(f"source {source.id} needs vintage_of: {names}")
            if current is not None and current not in deaths:
                raise ValueError(f"source {source.id}: vintage_of names no deaths ({names})")
        return self

    @model_validator(mode="after")
    def _stand_ins(self) -> Self:
        for n, source in enumerate(self.sources):
            before = [s.id for s in self.sources[:n] if s.role == source.role]
            if source.stands_in_for is not None and source.stands_in_for not in before:
                known = " or ".join(before) or "none here"
                raise ValueError(
                    f"source {source.id}: stands_in_for names no {source.role} before it ({known})"
                )
        return self

    def current(self, source: Source) -> str:
        """Return the id by which a source's records are known today: for a vintage the deaths'."""
        if source.role != "vintage":
            return source.id
        only = self.source("deaths")
        return source.vintage_of or (source.id if only is None else only.id)

    def source(self, role: Role) -> Source | None:
        """Return the first source of a role, or None."""
        return next((s for s in self.sources if s.role == role), None)

    @property
    def window(self) -> tuple[date, date]:
        """First day of the first period, first day after the last one."""
        return self.periods[0].start, self.periods[-1].end

    @property
    def years(self) -> tuple[int, ...]:
        """Study years: the calendar years that the periods touch."""
        first, last = self.periods[0].start, self.periods[-1].end - timedelta(days=1)
        return tuple(range(first.year, last.year + 1))

    def toml(self) -> str:
        """Return the resolved study as TOML; reading it again gives an equal study."""
        return tomli_w.dumps(_without_none(self.model_dump(mode="python")))

    def fingerprint(self) -> str:
        """Return the SHA-256 of the resolved study in canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def parse(
    text: str,
    where: str,
    base: Callable[[str], str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Study:
    """Read a study from TOML.

    Parameters
    ----------
    text
        The study file.
    where
        Its name, for messages.
    base
        Returns the TOML of the study that `extends` names.
    overrides
        Keys that replace those of the file, after `extends` is resolved.

    Raises
    ------
    InputProblems
        With every fault of the file.
    """
    raw = _resolve(text, where, base, seen=(where,))
    for key, value in (overrides or {}).items():
        raw[key] = value
    with guarded(where, "study"):
        try:
            return Study.model_validate(raw)
        except ValidationError as error:
            raise InputProblems(_problem(where, e) for e in error.errors()) from None


def crossing_depth_m(bounds_lonlat: tuple[float, float, float, float], crs: str) -> float:
    """Return how deep crossings of an area can be taken to be, wherever its border runs, metres.

    The registered depth where the area has room for it, else the registered share of its smaller
    extent, in whole kilometres.

    Raises
    ------
    GridError
        If the area is empty, or the CRS is not in metres.
    """
    known = parameters.load("funnel")
    room_km = float(known["crossing_depth_share"].value) * smaller_extent_km(bounds_lonlat, crs)
    return min(float(known["crossing_depth_m"].value), KM * max(1.0, float(int(room_km))))


def smaller_extent_km(bounds_lonlat: tuple[float, float, float, float], crs: str) -> int:
    """Return the smaller side of an area in a CRS, whole kilometres."""
    return int(min(make_grid(bounds_lonlat, crs, KM).shape))


def closed_periods(study: Study) -> tuple[Period, ...]:
    """Return the periods that ended at least `closed_months` before `as_of`."""
    return tuple(
        p for p in study.periods if add_months(p.end, study.privacy.closed_months) <= study.as_of
    )


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError  # pragma: no cover - the 28th exists in every month


def study_years(study: Study) -> tuple[Period, ...]:
    """Return the study's calendar years as periods `y2001`, `y2002`, ..."""
    return tuple(
        Period(id=f"y{year}", label=str(year), start=date(year, 1, 1), end=date(year + 1, 1, 1))
        for year in study.years
    )


def stream(seed: int, step: str) -> np.random.Generator:
    """Return the random stream of one named step.

    Two steps never share draws, and adding a step changes no other step's draws.
    """
    key = int.from_bytes(hashlib.sha256(step.encode()).digest()[:8], "big")
    return np.random.default_rng(np.random.SeedSequence([seed, key]))


def study_grid(study: Study) -> Any:
    """Return the study's one grid (odc-geo GeoBox)."""
    return make_grid(study.bounds_lonlat, study.crs, study.grid.resolution_m)


def _resolve(
    text: str, where: str, base: Callable[[str], str] | None, seen: tuple[str, ...]
) -> dict[str, Any]:
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        problem = Problem(where, "nested too deeply to be a study", "Write it as `funnel new` does")
        raise InputProblems([problem]) from None
    except ValueError as error:  # TOMLDecodeError is one; a number of 5,000 digits another
        raise InputProblems(
            [Problem(where, f"not valid TOML: {error}", "Correct the line it names")]
        ) from None
    parent = raw.pop("extends", None)
    if parent is None:
        return raw
    if not isinstance(parent, str):
        what = f"extends is {parent!r:.40}, not the name of a study"
        remedy = 'Write extends = "arizona", or the path of a study file'
        raise InputProblems([Problem(where, what, remedy, field="extends")])
    if parent in seen:
        raise StudyError(f"{where}: extends goes in a circle through {parent}; remove one of them")
    if base is None:
        raise StudyError(
            f"{where}: extends {parent!r}, which cannot be looked up here; give the whole study"
        )
    return _merge(_resolve(base(parent), parent, base, (*seen, parent)), raw)


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = dict(old)
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(both.get(key), dict):
            both[key] = _merge(both[key], value)
        else:
            both[key] = value
    return both


def _problem(where: str, error: Any) -> Problem:
    field = ".".join(str(part) for part in error["loc"])
    remedy = "Correct the value; a file that `funnel new` writes explains every key"
    if error["type"] == "extra_forbidden":
        remedy = _suggest(error["loc"])
    elif error["type"] == "missing":
        remedy = "Add the key"
    return Problem(where, error["msg"].removeprefix("Value error, "), remedy, field=field)


def _suggest(loc: tuple[Any, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    known: set[str] = set()
    models = (
        *(Study, GridSpec, Period, Source, Movement, Privacy, Inference, Synthetic),
        *(CorridorRules, TowerDates, Planted),
    )
    for model in models:
        known |= set(model.model_fields)
    close = get_close_matches(str(loc[-1]), sorted(known), n=1)
    return f"Did you mean {close[0]}?" if close else "Remove the key, or look for its right name"


def _role_of(source: Any) -> Any:
    return source.get("role") if isinstance(source, Mapping) else getattr(source, "role", None)


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_without_none(v) for v in value]
    return value
