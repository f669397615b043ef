"""The catalogue of public sources: publisher, licence, citation, where it is, how it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["manual", "package", "folder", "file", "years", "tiles", "arcgis"]
"""How a source is retrieved: by hand, one file or a folder of tiles; not at all, since it comes
with the program; from one URL; one a year; in tiles; in pages of a feature service."""


class Entry(BaseModel):
    """One public source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    publisher: str
    licence: str
    citation: str
    landing: str = Field(description="Page for people")
    role: str
    reader: str = ""
    kind: Kind = "manual"
    url: str = Field(default="", description="Pattern, filled in from the study")
    hosts: tuple[str, ...] = Field(default=(), description="Hosts a redirect may lead to")
    product: str = Field(default="", description="Naming of tiles, see geo.terrain.tiles_for")
    years: tuple[int, int] | None = Field(default=None, description="First and last year")
    content: Literal["csv", "json", "zip", "tiff", "hgt", "netcdf", "xlsx", "any"] = "any"
    windowed: bool = Field(default=False, description="Only the study's window is read, by range")
    absent_is_empty: bool = Field(default=False, description="404 means: no such tile, all sea")
    max_mb: float = Field(default=200.0, gt=0, description="A larger answer is refused")
    terms: str = Field(default="", description="Conditions shown before the first retrieval")
    note: str = ""

    @property
    def fetchable(self) -> bool:
        """True if the source can be retrieved without a person."""
        return self.kind not in ("manual", "package", "folder")

    def about(self) -> dict[str, Any]:
        """Return what a sidecar says of the source."""
        return {
            "title": self.title,
            "publisher": self.publisher,
            "licence": self.licence,
            "citation": self.citation,
            "reader": self.reader,
            "note": self.note,
        }


@cache
def shipped_files() -> frozenset[tuple[str, str]]:
    """Return (source id, file) of the files that built-in studies name: publishers' own files.

    Any other file that a study names was supplied by its user.
    """
    folder = resources.files("data").joinpath("studies")
    studies = [
        tomllib.loads(p.read_text("utf-8")) for p in folder.iterdir() if p.name.endswith(".toml")
    ]
    return frozenset(
        (source["id"], source["file"])
        for study in studies
        if "synthetic" not in study
        for source in study.get("sources", ())
        if "file" in source
    )


@cache
def load() -> Mapping[str, Entry]:
    """Return the catalogue that ships with the package, by source id."""
    text = resources.files("data").joinpath("catalogue.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    return MappingProxyType({key: Entry.model_validate(value) for key, value in raw.items()})
