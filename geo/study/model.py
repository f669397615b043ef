"""The whole study, and what is validated across its sections."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal, Self

import tomli_w
from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from geo import parameters
from geo.errors import GridError
from geo.grid import metric_crs
from geo.scale import require_working_crs
from geo.study.extent import crossing_depth_m
from geo.study.sections import (
    COMPARED,
    Component,
    CorridorRules,
    GridSpec,
    Inference,
    Movement,
    Period,
    Planted,
    Privacy,
    Role,
    Section,
    Source,
    StoryNote,
    Synthetic,
)
from geo.tower_dates import TowerDates

Language = Literal["en", "es"]


class Study(Section):
    """Everything a result depends on, besides the bytes of the sources and the code."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    title_es: str = Field(default="", description="The same in Spanish, for the Spanish pages")
    question: str = ""
    question_es: str = Field(default="", description="The same in Spanish")
    finding: Component = Field(
        default="road_km",
        description="Component whose change is the finding of a run that only describes",
    )
    language: Language = "en"
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
    story: tuple[StoryNote, ...] = Field(
        default=(), description="Notes on the steps of the map page's story, each with its source"
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

    @model_serializer(mode="wrap")
    def _no_empty_story(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # a study without notes has the fingerprint it had before there were any
        told: dict[str, Any] = dump(self)
        return told if self.story else {k: v for k, v in told.items() if k != "story"}

    @field_validator("story")
    @classmethod
    def _one_note_a_step(cls, value: tuple[StoryNote, ...]) -> tuple[StoryNote, ...]:
        steps = [note.step for note in value]
        for step in steps:
            if steps.count(step) > 1:
                raise ValueError(
                    f"step {step!r} of [[story]] has {steps.count(step)} notes; give one"
                )
        return value

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

    def in_language(self, language: Language) -> Study:
        """Return the study as pages in a language name it: title, question, periods.

        Parameters
        ----------
        language
            Of the pages. What a study does not say in Spanish stays as it is.

        Returns
        -------
        Study
            For readers: its fingerprint is not the study's.
        """
        if language == "en":
            return self.model_copy(update={"language": language})
        periods = tuple(
            p.model_copy(update={"label": p.label_es or p.label, "reason": p.reason_es or p.reason})
            for p in self.periods
        )
        told = {
            "language": language,
            "title": self.title_es or self.title,
            "question": self.question_es or self.question,
            "periods": periods,
            "story": tuple(n.model_copy(update={"text": n.text_es or n.text}) for n in self.story),
        }
        return self.model_copy(update=told)

    def toml(self) -> str:
        """Return the resolved study as TOML; reading it again gives an equal study."""
        return tomli_w.dumps(_without_none(self.model_dump(mode="python")))

    def fingerprint(self) -> str:
        """Return the SHA-256 of the resolved study in canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _role_of(source: Any) -> Any:
    return source.get("role") if isinstance(source, Mapping) else getattr(source, "role", None)


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_without_none(v) for v in value]
    return value
