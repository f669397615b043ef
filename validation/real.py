"""The real Arizona records, counted: `python -m validation.real FOLDER OUT`.

Reads the newest vintage of the recorded deaths and writes a dated table of what was read: rows,
placeholders, precision and post-mortem classes, and totals by calendar year. `make real` runs it
and the table is committed, so that a changed reader or a changed file shows in a diff.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from geo import sources
from geo.records import PMI, PRECISION, count_class, rounded_class
from geo.study import Study, parse

VINTAGE = "deaths/ogis_migrant_deaths_2024-10.csv"
FIRST, LAST = 2000, 2023
"""Calendar years that the file covers whole."""


def report(folder: Path, study: Study) -> str:
    """Return the table as Markdown."""
    path = folder / VINTAGE
    reading = sources.read(path, role="deaths", source_id="ogis-deaths", as_of=study.as_of)
    deaths = sources.fit(
        reading.records, study.bounds_lonlat, study.periods[0].start, study.periods[-1].end
    )
    flow = sources.tally(reading)
    fitted = deaths["exclusion_reason"].fillna("used").value_counts()
    years = deaths["found_on"].dt.year.value_counts()
    west, south, east, north = study.bounds_lonlat
    x, y = deaths.geometry.x, deaths.geometry.y
    inside = int(((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum())
    selected = [("inside the area of the study", inside), *fitted.sort_index().items()]
    rows: list[tuple[str, str, int]] = [
        ("rows", "read", int(flow.loc[flow["step"] == "read", "records"].iloc[0])),
        ("rows", "quarantined", len(reading.quarantine.drop_duplicates("source_row"))),
        *_classes("precision", PRECISION, deaths["precision_class"]),
        *_classes("post-mortem interval", PMI, deaths["pmi_class"]),
        *(("calendar year", str(y), int(years.get(y, 0))) for y in range(FIRST, LAST + 1)),
    ]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [
        "# The real Arizona records, counted",
        "",
        (
            "Vintage 2024-10 of the Arizona OpenGIS Initiative for Deceased Migrants, SHA-256 "
            f"`{digest}`, study `arizona` as of {study.as_of}. Made by `make real`: counts of all "
            "records of the file, no place and no attribute crossed. Counts under 5 are classed; "
            "what the study's bounds and periods select is told to the nearest ten."
        ),
        "",
        "| what | class | records |",
        "|---|---|---|",
        *(f"| of the study | {name} | {rounded_class(int(n))} |" for name, n in selected),
        *(f"| {what} | {name} | {n if n == 0 or n >= 5 else count_class(n)} |"
          for what, name, n in rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _classes(what: str, names: Iterable[str], values: pd.Series) -> list[tuple[str, str, int]]:
    found = values.value_counts()
    return [(what, name, int(found.get(name, 0))) for name in names]


def main() -> None:
    """Write the table."""
    from flows.workflow.studies import builtin  # noqa: PLC0415 - the built-in study names its own area

    folder, out = (Path(word) for word in sys.argv[1:3])
    study = parse(builtin()["arizona"], "arizona")
    out.write_text(report(folder, study), "utf-8")
    print(out)  # noqa: T201


if __name__ == "__main__":
    main()
