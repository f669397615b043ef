"""Make the kept corridor cells of a study anew, from all vintages of its records.

    python -m validation.corridor_cells FOLDER > data/corridors/arizona.csv

FOLDER holds the records as `FUNNEL_LOCAL_DATA` does. A test holds the file to what this prints.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from flows.workflow.studies import locate
from geo import sources
from geo.sources.corridor_cells import as_csv, cells_of_vintages
from geo.study import Study


def made_anew(study: Study, folder: Path) -> pd.Series:
    """Return the cells that the labels of all vintages of a study's records make.

    Parameters
    ----------
    study
        Its deaths and their vintages, each with a file.
    folder
        Where the files are.
    """
    own = study.source("deaths")
    assert own is not None  # noqa: S101 - a study of recorded deaths
    older = [s for s in study.sources if s.role == "vintage" and study.current(s) == own.id]
    files = [*sorted(str(s.file) for s in older), str(own.file)]
    first, last = study.window
    return cells_of_vintages(
        [
            sources.fit(
                sources.read(folder / file, role="deaths", source_id=own.id).records,
                study.bounds_lonlat, first, last,
            )
            for file in files
        ]
    )  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(as_csv(made_anew(locate("arizona").study, Path(sys.argv[1]))))
