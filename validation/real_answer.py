"""What the real Arizona records answer: `python -m validation.real_answer OUT`.

Runs the study `arizona` with programme zones, and again with a file of places without dates, which
the study's rules date; then writes one dated table of both: headline, interval, the smallest ratio
it could have found, the exposure by corridor and year, what entered, and what each run took. A run
that is finished answers from the store. `make real` runs it and the table is committed, so that a
changed answer shows in a diff.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from flows.core.settings import local_data
from flows.workflow.bundles import counted
from geo.parameters import load
from validation import made_up_towers

ROWS = (
    "headline",
    "headline.at_reached_dose",
    "headline.as_recorded",
    "headline.corridors",
    "headline.blocks",
    "headline.one_sided",
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
FEW = ("headline", "headline.at_reached_dose", "headline.as_recorded", "corridors.entered")
"""Rows of the run with made-up places: enough to see that the way works."""
YEARS = (2007, 2008, 2010, 2011, 2016, 2018, 2020, 2023)
EXPOSED = {
    "zones": "inside programme zones, not towers",
    "view": "in view of towers",
    "range": "in range of towers (range, not viewshed)",
}
MEASURE = {
    "dose": "share of modelled movement before towers",
    "area_share": "share of land",
}
CREDIT = "MADE-UP places of validation/made_up_towers.py, no real tower"
BORDER = "boundaries/usmx84.zip"
MINUTE_S = 60.0


@dataclass(frozen=True)
class Answer:
    """A finished bundle: its study, its public tables, and what its steps took."""

    folder: Path
    study: dict[str, object]
    estimates: pd.DataFrame
    coverage: pd.DataFrame
    dating: pd.DataFrame

    @classmethod
    def of(cls, folder: Path) -> Answer:
        """Read a bundle."""

        def table(name: str) -> pd.DataFrame:
            return pd.read_parquet(folder / "tables" / f"{name}.parquet")

        study = tomllib.loads((folder / "study.toml").read_text("utf-8"))
        coverage = table("coverage_by_corridor_year")
        estimates = table("estimates").set_index("analysis")
        return cls(folder, study, estimates, coverage, table("tower_dating"))

    @property
    def exposure(self) -> str:
        """Kind of exposure."""
        return str(self.coverage["exposure"].iloc[0])

    @property
    def by(self) -> str:
        """Column that is the headline's dose: land alike where the route model is not believed."""
        route = self.estimates["sentence"].get("route_model", "")
        believed = "does not place" not in route
        return "dose" if self.exposure == "zones" or believed else "area_share"

    def took(self) -> str:
        """Say what the steps took when they were computed, which may be an earlier run."""
        line = (self.folder / "run-log" / "runs.jsonl").read_text("utf-8").splitlines()[0]
        first = json.loads(line)
        clock, cpu = (sum(s[k] for s in first["steps"]) for k in ("seconds", "cpu_seconds"))
        parts = ", ".join(f"{s['step']} {s['cpu_seconds']:.0f}" for s in first["steps"])
        return (
            f"Time of its steps when they were computed: {cpu / MINUTE_S:.1f} minutes of one core "
            f"(seconds: {parts}), {clock / MINUTE_S:.1f} minutes on the clock on a machine of "
            f"{os.cpu_count()} cores that may have had other work. Reading sources and checks "
            "before the first step are not in it."
        )


def run(out: Path, *more: str, study: str = "arizona") -> Path:
    """Run a study, or find it finished, and return its bundle.

    Raises
    ------
    SystemExit
        If it does not end well; what it said stands above.
    """
    words = ["run", study, "--offline", "--plain", "--out", str(out), *more]
    done = subprocess.run([sys.executable, "-m", "flows.cli.app", *words], check=False)
    if done.returncode:
        sys.exit(done.returncode)
    found = sorted(out.glob(f"{study}/*/headline.json"), key=lambda p: p.stat().st_mtime)
    return found[-1].parent


def report(zones: Answer, towers: Answer) -> str:
    """Return both answers as Markdown."""
    head = zones.estimates.loc["headline"]
    deaths = pd.read_parquet(zones.folder / "tables" / "snapshots.parquet")
    digest = str(deaths.loc[deaths["role"] == "deaths", "sha256"].iloc[0])
    grid = zones.study["grid"]
    assert isinstance(grid, dict)  # noqa: S101 - a resolved study has one
    lines = [
        "# What the real Arizona records answer",
        "",
        (
            f"Study `{zones.study['name']}` as of {zones.study['as_of']}, cells of "
            f"{grid['resolution_m']:g} m, exposure {EXPOSED[zones.exposure]}; records SHA-256 "
            f"`{digest}`. Made by `make real`, whole. Claim level {head['claim_level']}."
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
        "- Towns: until 2026-11-27 runs without a network had highways alone as destinations and",
        "  as what remoteness is measured from, for want of TIGER's towns. GeoNames' towns stand",
        "  in since, and every number moved: the headline then was 0.70 (0.12 to 3.99), smallest",
        "  detectable 9.71, at a dose of 0.15. It could not tell either.",
        "- Towers that stood before the study's first tower are baseline and no dose, as zones.",
        "  Set after a run with the made-up places below, in which they were dose and the headline",
        "  could not be estimated.",
        "- Calendar years (decision 10), corridors kept for all vintages (decision 11) and plan 2,",
        "  by which places and dates are imputed (decision 12), came after these records had",
        "  answered: the headline then was 0.74 (0.18 to 2.97), smallest detectable 6.18, at dose",
        "  0.09.",
        "- The first system of cameras stands since the end of 2006 by DHS OIG-06-15, in place of",
        "  May 2007, which had been inferred: set after a run by calendar years had made it dose.",
        "",
        *rows_table(zones, ROWS),
        "",
        *_doses(zones),
        "",
        *counts_table(zones),
        "",
        zones.took(),
        "",
        "# The same with places without dates, dated by the study's rules",
        "",
        (
            "**No finding: the places are made up** (`validation/made_up_towers.py`), since no "
            "file of towers that may be passed on is known. Records, land and rules are the real "
            "ones; the run shows that a file of places alone gets to the end, and at what cost. "
            f"Exposure {EXPOSED[towers.exposure]}; claim level "
            f"{towers.estimates.loc['headline', 'claim_level']}."
        ),
        "",
        f"> {towers.estimates.loc['headline', 'sentence']}",
        "",
        *_dating(towers),
        "",
        *rows_table(towers, FEW),
        "",
        *_doses(towers),
        "",
        *counts_table(towers),
        "",
        towers.took(),
    ]
    return "\n".join(lines) + "\n"


def rows_table(answer: Answer, names: tuple[str, ...]) -> list[str]:
    """Return rows of the table of estimates as Markdown."""
    return [
        "## Rows",
        "",
        (
            "A ratio stands here for whoever checks the numbers. Where the sentence says that the "
            "records cannot tell, it is no finding."
        ),
        "",
        "| row | ratio | low | high | smallest detectable | what it says |",
        "|---|---|---|---|---|---|",
        *(_row(n, answer.estimates.loc[n]) for n in names if n in answer.estimates.index),
    ]


def _row(name: str, row: pd.Series) -> str:
    numbers = " | ".join(_number(row[c]) for c in ("estimate", "low", "high", "mde"))
    said = str(row["sentence"]).split(": ")[0] if name != "headline" else "the headline"
    if row["claim_level"] == "L0" and pd.isna(row["mde"]):
        said = str(row["sentence"])
    return f"| {name} | {numbers} | {said.rstrip('.')} |"


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.2f}"


def _doses(answer: Answer) -> list[str]:
    by = answer.by
    return [
        f"## Dose by corridor and year: {MEASURE[by]} {EXPOSED[answer.exposure]}",
        "",
        "| corridor | watched before | " + " | ".join(map(str, YEARS)) + " |",
        "|---|---|" + "---|" * len(YEARS),
        *(_dose(str(c), part, by) for c, part in answer.coverage.groupby("corridor")),
    ]


def _dose(corridor: str, part: pd.DataFrame, by: str) -> str:
    by_year = part.set_index("year")[by]
    before = part["watched_before"].iloc[0]
    told = "" if pd.isna(before) else f"{before:.2f}"
    return f"| {corridor} | {told} | " + " | ".join(f"{by_year[y]:.2f}" for y in YEARS) + " |"


def counts_table(answer: Answer) -> list[str]:
    """Say what became of the rows of every source, as the bundle publishes it."""
    steps = ("read", "used", "excluded", "quarantined")
    return [
        "## Rows of each source; numbers of persons' records to the nearest 10",
        "",
        "| source | " + " | ".join(steps) + " |",
        "|---|" + "---|" * len(steps),
        *(
            f"| {name} | " + " | ".join(f"{found.get(s, 0):,}" for s in steps) + " |"
            for name, found in counted(answer.folder).items()
        ),
    ]


def _dating(answer: Answer) -> list[str]:
    table = answer.dating.drop(columns=["row_id", "parents", "data_status"], errors="ignore")
    names = [str(c) for c in table.columns]
    return [
        "## What dates the towers",
        "",
        "| " + " | ".join(n.replace("_", " ") for n in names) + " |",
        "|" + "---|" * len(names),
        *("| " + " | ".join(_text(v) for v in row) + " |" for row in table.itertuples(index=False)),
    ]


def _text(value: object) -> str:
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def main() -> None:
    """Run both, and write the table."""
    folder = local_data()
    if folder is None or not (folder / BORDER).is_file():
        sys.exit("FUNNEL_LOCAL_DATA names no folder of real records with a border line")
    out = Path(sys.argv[1])
    runs = Path(os.environ.get("FUNNEL_OUT", "runs"))
    with TemporaryDirectory() as place, ThreadPoolExecutor(2) as pool:
        file = made_up_towers.write(folder / BORDER, Path(place) / "made-up-towers.csv")
        with_towers = ("--towers", str(file), "--towers-credit", CREDIT)
        # inference, the longest step, is one thread's work: two runs take hardly longer than one
        zones = pool.submit(run, runs)
        towers = pool.submit(run, runs / "made-up-towers", *with_towers)
        both = report(Answer.of(zones.result()), Answer.of(towers.result()))
        out.write_text(both, "utf-8")
    print(out)  # noqa: T201


if __name__ == "__main__":
    main()
