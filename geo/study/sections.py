"""Sections of a study file: grid, periods, sources, movement, privacy, inference, made-up data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from geo import parameters, records
from geo.date_intervals import interval

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
    "areas",
    "corridors",
    "covariates",
    "infrastructure",
]
"""What a source is used for.

A `vintage` is an earlier state of the deaths, a `crosscheck` another publisher's: both are compared
with the deaths and never added to them. `areas` are drawn on the map and enter no result. `zones`
stand in where a study has no towers: exposure is then by programme zones.
"""
COMPARED = frozenset({"vintage", "crosscheck"})
"""Roles of sources that are only compared with the deaths."""
_DEFAULTS = parameters.load("study")


class Section(BaseModel):
    """A part of the study: frozen, without unknown keys, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GridSpec(Section):
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


class Period(Section):
    """A half-open interval [start, end) with the reason for its bounds."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Short name, used in file names")
    label: str = Field(description="Name for readers")
    label_es: str = Field(default="", description="The same in Spanish")
    start: date = Field(description="First day")
    end: date = Field(description="First day after the period")
    reason: str = Field(default="", description="Why the bounds are where they are")
    reason_es: str = Field(default="", description="The same in Spanish")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"period {self.id} ends on {self.end}, not after {self.start}")
        return self


class StoryNote(Section):
    """A note of the study on a step of the map page's story."""

    step: Literal["before", "first", "change", "model", "unknown"] = Field(
        description="Step it stands at"
    )
    text: str = Field(min_length=1, description="What it says")
    text_es: str = Field(default="", description="The same in Spanish")
    source: str = Field(min_length=1, description="Where that is known from")


class Source(Section):
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
    system: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="Record system of deaths: who recorded them, such as pima-ome; of a file that "
        "holds several systems, only its rows are read",
    )
    area: tuple[float, float, float, float] | None = Field(
        default=None,
        description="West, south, east, north, degrees: ground its record system answers for; of "
        "two systems of the same ground and day the one that stands first in the study counts",
    )
    years: str | None = Field(
        default=None,
        description="ISO interval its record system answers for: 2000/2024-09, ends may be open",
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

    @model_validator(mode="after")
    def _record_system(self) -> Self:
        given = [n for n in ("system", "area", "years") if getattr(self, n) is not None]
        if given and self.role != "deaths":
            raise ValueError(f"source {self.id}: {given[0]} is for the role deaths")
        if given and self.system is None:
            raise ValueError(f"source {self.id}: {given[0]} needs the system that it is of")
        if self.years is not None and interval(self.years) is None:
            raise ValueError(
                f"source {self.id}: years {self.years!r} is no ISO interval; write 2000/2024-09, "
                "or with an open end 2000/"
            )
        if self.area is not None:
            west, south, east, north = self.area
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(f"source {self.id}: area is not west, south, east, north")
        return self


class Movement(Section):
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


class Privacy(Section):
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


class Inference(Section):
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


class Synthetic(Section):
    """Parameters of a made-up landscape with a known planted effect."""

    width_km: float = Field(gt=0)
    height_km: float = Field(gt=0)
    corridors: int = Field(ge=1)
    treated: int = Field(ge=0)
    records: int = Field(ge=1, description="Expected number of recorded deaths")
    rate_ratio: float = Field(gt=0, description="Planted ratio of rate ratios per unit dose")
    first_year: int
    years: int = Field(ge=2)


class Planted(Section):
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
