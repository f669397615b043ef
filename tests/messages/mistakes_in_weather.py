"""Weather files and the water they lead to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from mistakes_in_science import LAND
from provoking import Act, Case

from geo import climate
from geo.climate import land
from geo.hardship import water

NAMELESS = "date,actual_min_temp,actual_max_temp\n2010-06-01,70,100\n"


def case(file: str, where: str, what: str, act: Act) -> Case:
    return Case(f"geo/{file}.py", where, what, act)


def read(content: str) -> Act:
    def act(folder: Path) -> object:
        path = folder / "weather.csv"
        path.write_text(content)
        return climate.read(path)

    return act


def table(kind: str) -> SimpleNamespace:
    return SimpleNamespace(kind=kind, metre="horizontal")


def gridded() -> dict[str, np.ndarray]:
    return {"air_temperature": np.zeros((2, 2))}


CASES = [
    case("climate/files", "weather.csv", "no known layout", read("a;b\n1;2\n")),
    case("climate/files", "weather.csv", "where it was measured", read(NAMELESS)),
    case("climate/land", "weather of a grid", "not a function of height",
         lambda _: land.at_heights(gridded(), [0.0])),
    case("hardship/water", "water_friction", "takes water and time",
         lambda _: water.water_friction(LAND, LAND, 8, table("energy"), table("time"))),
    case("hardship/water", "water", "taken in L",
         lambda _: water.water_friction(LAND, LAND, 8, table("water"), table("time"))),
]  # fmt: skip
