"""Read many mutated files and count how they end: `python -m fuzz.campaign 100000`, as `make fuzz`.

Unlike the test, a campaign goes on after a failure: it prints every kind of failure with the layout
and seed that make it again, and the largest memory that reading took.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from fuzz import layouts, mutations, reading
from geo.errors import FunnelError, UnforeseenError

SLOW_S = 5.0
"""Of processor time: a file of a few kilobytes that takes longer is a finding too."""


def ending(layout: layouts.Layout, content: bytes, folder: Path) -> tuple[str, str]:
    """Return read, refused or failed, and of a failure where it arose."""
    path = folder / layout.name
    path.write_bytes(content)
    begun = time.process_time()
    try:
        reading.read(path, layout.role, layout.columns)
        how = ("read", "")
    except UnforeseenError as error:
        how = ("failed", _where(error.__cause__ or error))
    except FunnelError:
        how = ("refused", "")
    except Exception as error:
        how = ("failed", _where(error))
    if time.process_time() - begun > SLOW_S:
        return "failed", "slow"
    return how


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/geo/" in f.filename] or list(frames)
    return f"{type(error).__name__} in {Path(ours[-1].filename).name}:{ours[-1].lineno}"


def run(cases: int, first: int, seconds: float, only: str = "") -> Counter[str]:
    """Read the cases, round robin over layouts, and print what came of them."""
    ends: Counter[str] = Counter()
    failures: dict[str, str] = {}
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(scratch)
        made = [one for one in layouts.every(folder) if only in one.name]
        for n in range(cases):
            layout, seed = made[n % len(made)], first + n // len(made)
            content = mutations.mutate(layout.name, layout.content, seed)
            how, where = ending(layout, content, folder)
            ends[how] += 1
            if where and f"{layout.name}: {where}" not in failures:
                failures[f"{layout.name}: {where}"] = f"seed {seed}"
                print(f"{layout.name}, seed {seed}: {where}", flush=True)
            if time.process_time() - begun > seconds:
                break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = time.process_time() - begun
    print(
        f"{sum(ends.values()):,} files: {ends['read']:,} read, {ends['refused']:,} refused, "
        f"{ends['failed']:,} failed; largest memory {peak:,.0f} MB; {spent:,.0f} s of processor"
    )
    return ends


def main() -> int:
    """Run from the command line."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("cases", type=int)
    asked.add_argument("--first", type=int, default=0, help="seed of the first case")
    asked.add_argument("--seconds", type=float, default=1e9, help="of processor time, at most")
    asked.add_argument("--only", default="", help="layouts whose name holds this")
    given = asked.parse_args()
    return int(run(given.cases, given.first, given.seconds, given.only)["failed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
