"""The sentences of a run, each under the numbers it is about: what golden files hold.

    python tests/flows/golden.py BUNDLE > tests/flows/golden/STUDY.txt

writes one anew; read it by eye, sentence against numbers, before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

NUMBERS = ("estimate", "low", "high", "p", "mde")


def written(bundle: Path) -> str:
    """Write the rows of `estimates` in their order."""
    rows = pd.read_parquet(bundle / "tables" / "estimates.parquet")
    return "\n".join(
        f"{row.analysis} [{row.claim_level}] "
        + " ".join(f"{name}={_number(getattr(row, name))}" for name in NUMBERS)
        + f"\n  {row.estimand}\n  {row.sentence}\n"
        for row in rows.itertuples()
    )


def read(text: str) -> list[SimpleNamespace]:
    """Return the rows of a golden file."""
    rows = []
    for part in text.strip().split("\n\n"):
        head, estimand, sentence = (line.strip() for line in part.split("\n"))
        analysis, level, *numbers = head.split(" ")
        pairs = (number.split("=") for number in numbers)
        values = {name: float(value) if value else None for name, value in pairs}
        row = SimpleNamespace(analysis=analysis, level=level.strip("[]"), **values)
        row.estimand, row.sentence = estimand, sentence
        rows.append(row)
    return rows


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.6g}"


if __name__ == "__main__":
    print(written(Path(sys.argv[1])), end="")
