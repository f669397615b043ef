"""What the real Arizona records answer: `python -m validation.real_answer BUNDLE OUT`.

Reads a finished bundle of the study `arizona` and writes a dated table: the headline, its interval,
the smallest ratio it could have found, the exposure by corridor and year, and what entered. `make
real` runs it and the table is committed, so that a changed answer shows in a diff.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pandas as pd

from geo.parameters import load

ROWS = (
    "headline",
    "headline.at_reached_dose",
    "headline.imputed",
    "headline.imputed.at_reached_dose",
    "zones.without_watched_before",
    "between.share",
    "R1.corridor",
    "R4.gps",
    "R5.slope_only",
    "R5.energy_only",
    "R5.remoteness_only",
    "R5.temperature",
    "R5.sign_by_component",
    "R7.area_weighted",
    "R7.zones_widest",
    "R7.zones_narrowest",
    "window.to_2019",
    "land.tohono_oodham",
    "land.outside_tohono_oodham",
    "corridors.entered",
    "route_model",
)
"""Rows of the answer that a reader asks for first; all the others stand in the bundle."""
YEARS = (2007, 2008, 2010, 2011, 2016, 2018, 2020, 2024)
EXPOSED = {"zones": "inside programme zones, not towers", "view": "in view of towers"}


def report(bundle: Path) -> str:
    """Return the table as Markdown."""
    study = tomllib.loads((bundle / "study.toml").read_text("utf-8"))
    tables = {
        n: pd.read_parquet(bundle / "tables" / f"{n}.parquet")
        for n in ("estimates", "coverage_by_corridor_year", "snapshots")
    }
    coverage = tables["coverage_by_corridor_year"]
    exposed = EXPOSED[str(coverage["exposure"].iloc[0])]
    estimates = tables["estimates"].set_index("analysis")
    head = estimates.loc["headline"]
    deaths = tables["snapshots"]
    digest = str(deaths.loc[deaths["role"] == "deaths", "sha256"].iloc[0])
    lines = [
        "# What the real Arizona records answer",
        "",
        (
            f"Study `{study['name']}` as of {study['as_of']}, cells of "
            f"{study['grid']['resolution_m']:g} m, exposure {exposed}; records SHA-256 "
            f"`{digest}`. Made by `make real`. Claim level {head['claim_level']}."
        ),
        "",
        f"> {head['sentence']}",
        "",
        f"Records used: about {round(int(head['n']), -1):,}, in {int(head['clusters'])} corridors.",
        "",
        "Chosen after a first look at these records, and so part of why the study is exploratory:",
        "",
        "- Zones are weighed by modelled movement; a first run weighed them by land alone, which",
        "  stands below as R7.area_weighted.",
        f"- Watched before: {load('visibility')['zone_watched_before_share'].note}.",
        "",
        "## Rows",
        "",
        (
            "A ratio stands here for whoever checks the numbers. Where the sentence says that the "
            "records cannot tell, it is no finding."
        ),
        "",
        "| row | ratio | low | high | smallest detectable | what it says |",
        "|---|---|---|---|---|---|",
        *(_row(n, estimates.loc[n]) for n in ROWS if n in estimates.index),
        "",
        f"## Dose by corridor and year: share of modelled movement before towers {exposed}",
        "",
        "| corridor | watched before | " + " | ".join(map(str, YEARS)) + " |",
        "|---|---|" + "---|" * len(YEARS),
        *(_doses(str(c), part) for c, part in coverage.groupby("corridor")),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, row: pd.Series) -> str:
    numbers = " | ".join(_number(row[c]) for c in ("estimate", "low", "high", "mde"))
    said = str(row["sentence"]).split(": ")[0] if name != "headline" else "the headline"
    if row["claim_level"] == "L0" and pd.isna(row["mde"]):
        said = str(row["sentence"])
    return f"| {name} | {numbers} | {said.rstrip('.')} |"


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.2f}"


def _doses(corridor: str, part: pd.DataFrame) -> str:
    by_year = part.set_index("year")["dose"]
    before = part["watched_before"].iloc[0]
    told = "" if pd.isna(before) else f"{before:.2f}"
    return f"| {corridor} | {told} | " + " | ".join(f"{by_year[y]:.2f}" for y in YEARS) + " |"


def main() -> None:
    """Write the table of a bundle, or of the newest bundle in a folder of runs."""
    given, out = (Path(word) for word in sys.argv[1:3])
    found = sorted(given.rglob("headline.json"), key=lambda p: p.stat().st_mtime)
    if not found:
        sys.exit(f"{given}: no finished bundle; run `funnel run arizona` first")
    out.write_text(report(found[-1].parent), "utf-8")
    print(out)  # noqa: T201


if __name__ == "__main__":
    main()
