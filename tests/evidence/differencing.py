"""Whoever puts two studies of one record file together: what both bundles tell of it.

The attacker knows how each study selects (bounds, periods, corridors) but not the records. Every
published number about persons is a linear bound on the counts of atoms: the parts of a cell and a
year inside or outside each study's area and periods, records without a usable place apart. Linear
programmes over the bounds of both bundles give the tightest interval of any sum of atoms.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise, product

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
from made_up_findings import STUDY, findings
from scipy.optimize import linprog
from scipy.sparse import csr_array
from shapely.geometry import box

from geo import records, sources, study
from geo.evidence import public_tables
from geo.evidence.tables.places import cell_shape, placed

AREA = (-112.0, 31.4, -111.0, 31.9)
CODES = ("EPSG:32612", "EPSG:26912", "EPSG:32613")
NOWHERE = "no usable place"
COUNTED = (
    "deaths_by_cell_block", "deaths_by_corridor_block", "deaths_by_year", "counts",
    "hardship_by_block", "exposures_by_corridor_block", "hardness_by_corridor", "hardness_fifths",
)  # fmt: skip


def random_study(rng: np.random.Generator) -> study.Study:
    west, south = rng.uniform(-111.9, -111.5), rng.uniform(31.42, 31.6)
    cuts = [date(2000, 10, 1), *sorted(date(int(y), int(m), 1) for y, m in zip(
        rng.choice(np.arange(2003, 2020), 2, replace=False), rng.integers(1, 13, 2), strict=True,
    )), date(2023, 1, 1)]  # fmt: skip
    made = study.parse(STUDY, "made-up")
    periods = [
        study.Period(id=f"p{i}", label=str(i), start=a, end=b)
        for i, (a, b) in enumerate(pairwise(cuts))
    ]
    return study.Study.model_validate(
        made.model_dump()
        | {
            "bounds_lonlat": (west, south, west + rng.uniform(0.2, 0.5), south + 0.25),
            "crs": str(rng.choice(CODES[:2])),
            "periods": [p.model_dump() for p in periods],
            "privacy": {"death_cell_m": float(rng.choice([5_000, 10_000])),
                        "min_group": int(rng.choice([5, 8]))},
        }
    )  # fmt: skip


def beside(made: study.Study, *, in_time: bool) -> study.Study:
    """Return the same study with one boundary moved: a period's by a month, or the area's west."""
    if not in_time:
        west, *rest = made.bounds_lonlat
        return made.model_copy(update={"bounds_lonlat": (west + 0.02, *rest)})
    first, *later = made.periods
    moved = study.add_months(first.start, 1)
    return made.model_copy(update={"periods": (first.model_copy(update={"start": moved}), *later)})


def numbers(tables, name: str) -> list:
    """Return what a table says about persons, without geometry."""
    frame = pd.DataFrame(tables[name]).drop(columns=["geometry", "parents"], errors="ignore")
    return frame.astype(str).to_numpy().tolist()


def corridors(rng: np.random.Generator) -> gpd.GeoDataFrame:
    edges = np.sort(np.concatenate([[-112, -111], rng.uniform(-112, -111, 3)]))
    return records.CORRIDORS.conform(
        gpd.GeoDataFrame(
            {
                "source_id": "made-up-corridors",
                "source_row": [1, 2, 3, 4],
                "corridor": list("abcd"),
                "basis": "study",
            },
            geometry=[box(a, 31.3, b, 32.0) for a, b in pairwise(edges)],
            crs="EPSG:4326",
        )
    )


def published(base, made: study.Study, areas: gpd.GeoDataFrame):
    raw = base.table("deaths")
    fitted = sources.fit(raw, made.bounds_lonlat, made.periods[0].start, made.periods[-1].end)
    exposures = base.table("exposures").copy()
    exposures["period_id"] = [
        next((p.id for p in made.periods if p.start <= d.date() < p.end), None)
        for d in raw["found_on"]
    ]
    usable = fitted["exclusion_reason"].isna()
    counts = [("read", "", len(raw))]
    counts += [("excluded", r, n) for r, n in fitted["exclusion_reason"].value_counts().items()]
    counts += [("used", "", int(usable.sum()))]
    flow = pd.DataFrame(counts, columns=["step", "reason", "records"]).assign(
        source_id="made-up-deaths", row_id="", parents=""
    )
    tables = base.tables | {
        "deaths": fitted, "exposures": exposures, "corridors": areas,
        "counts": records.COUNTS.conform(flow),
    }  # fmt: skip
    found = replace(base, study=made, tables=tables)
    return found, public_tables(found)


class Attack:
    """Atoms, and the bounds that published tables put on sums of them."""

    def __init__(self, cells: set[str], studies: list[study.Study]) -> None:
        self.studies = studies
        self.atoms: list[tuple] = []
        for cell, year in product([*sorted(cells), NOWHERE], range(2000, 2025)):
            ways = [self._ways(cell, year, s) for s in studies]
            self.atoms += [(cell, year, *flags) for flags in product(*ways)]
        self.rows: list[np.ndarray] = []
        self.spans: list[tuple[float, float]] = []

    @staticmethod
    def _ways(cell: str, year: int, made: study.Study) -> list[tuple[bool, bool]]:
        area = box(*made.bounds_lonlat)
        shape = None if cell == NOWHERE else cell_shape(cell)
        first, last = made.periods[0].start, made.periods[-1].end
        inside = [False] if shape is None or not shape.intersects(area) else (
            [True] if shape.within(area) else [True, False])  # fmt: skip
        starts, ends = date(year, 1, 1), date(year + 1, 1, 1)
        within = [False] if ends <= first or starts >= last else (
            [True] if first <= starts and ends <= last else [True, False])  # fmt: skip
        return list(product(inside, within))

    def mask(self, choose) -> np.ndarray:
        return np.array([bool(choose(*atom)) for atom in self.atoms], float)

    def bound(self, choose, low: float, high: float) -> None:
        self.rows.append(self.mask(choose))
        self.spans.append((low, high))

    def add(self, number: int, tables, areas: gpd.GeoDataFrame) -> None:
        """Put in every number about persons of one bundle."""
        made = self.studies[number]
        cells = tables["deaths_by_cell_block"]
        shown = {(r.cell_id, r.block): span(r.deaths_class) for r in cells.itertuples()}
        area = box(*made.bounds_lonlat)
        years = range(made.periods[0].start.year, made.periods[-1].end.year + 1)
        touched = {c for c, *_ in self.atoms if c != NOWHERE and cell_shape(c).intersects(area)}
        whole = int(cells["last_year"].max())
        for cell, block in product(touched, {records.block_name(y) for y in years}):
            low, high = shown.get((cell, block), (0, 0))
            self.bound(
                lambda c, y, *_, k=cell, b=block: c == k and in_block(y, b) and y <= whole,
                low,
                high,
            )
        centre = {c: h3.cell_to_latlng(c) for c, *_ in self.atoms if c != NOWHERE}
        home = {
            c: next((r.corridor for r in areas.itertuples() if r.geometry.bounds[0] <= x
                     < r.geometry.bounds[2] and 31.3 <= y < 32.0), None)
            for c, (y, x) in centre.items()
        }  # fmt: skip
        for r in tables["deaths_by_corridor_block"].itertuples():
            most = np.inf if pd.isna(r.deaths_at_most) else r.deaths_at_most
            self.bound(
                lambda c, y, *_, k=r.corridor, b=r.block: home.get(c) == k and in_block(y, b)
                and y <= whole, r.deaths_at_least, most,
            )  # fmt: skip
        for r in tables["deaths_by_year"].itertuples():
            low, high = span(r.deaths_class) if pd.isna(r.deaths) else (r.deaths, r.deaths)
            self.bound(lambda c, y, *_, k=r.year: y == k, low, high)
        for r in tables["counts"].itertuples():
            low, high = map(int, r.records_class.split("-"))
            if r.step == "used":
                self.bound(lambda c, y, *f: all(f[number]) and c != NOWHERE, low, high)
            elif r.step == "read":
                self.bound(lambda c, y, *f: True, low, high)
            elif r.reason == sources.OUTSIDE_AREA:
                self.bound(lambda c, y, *f: not f[number][0] and c != NOWHERE, low, high)
        self._settings(number, tables, whole)

    def _settings(self, number: int, tables, whole: int) -> None:
        """Put in the classes of records behind means: of a block, and over all its corridors."""
        means = tables["hardship_by_block"]
        means = means[(means["group"] == "all") & (means["statistic"] == "mean")]
        parts = tables["exposures_by_corridor_block"]
        parts = parts[parts["statistic"] == "mean"]
        for frame in (means, parts):
            for block, rows in frame[frame["component"] == "border_km"].groupby("block"):
                ends = rows["records_class"].str.split("-", expand=True).astype(int).sum()
                self.bound(
                    lambda c, y, *f, b=block: f[number][0] and c != NOWHERE and in_block(y, b)
                    and y <= whole, ends[0], ends[1],
                )  # fmt: skip

    def interval(self, choose) -> tuple[int, int | float]:
        matrix = np.stack(self.rows)
        low, high = np.array(self.spans, float).T
        lines = np.isfinite(high)
        a = csr_array(np.vstack([matrix[lines], -matrix]))
        b = np.concatenate([high[lines], -low])
        aim = self.mask(choose)
        ends = []
        for sign in (1, -1):
            found = linprog(sign * aim, A_ub=a, b_ub=b, bounds=(0, None), method="highs")
            ends.append(np.inf if found.status == 3 else sign * found.fun)
            assert found.status in (0, 3), found.message
        return int(np.ceil(ends[0] - 1e-6)), ends[1] if np.isinf(ends[1]) else int(ends[1] + 1e-6)


def span(label: str) -> tuple[float, float]:
    low, high = records.class_span(label)
    return low, np.inf if high is None else high


def in_block(year: int, block: str) -> bool:
    return records.block_name(year) == block


def drawn(seed: int, count: int):
    """Draw a file and studies of it, and publish each: the file's records, and the bundles.

    The second and third are the first but for one boundary, the attacks that were tried.
    """
    rng = np.random.default_rng(seed)
    base = findings(int(rng.choice([60, 150, 400, 900])), seed=seed)
    made = [random_study(rng) for _ in range(count)]
    made[1:3] = [beside(made[0], in_time=True), beside(made[0], in_time=False)][: count - 1]
    bundles = []
    for one in made:
        areas = corridors(rng)
        found, tables = published(base, one, areas)
        bundles.append((one, areas, tables))
    return placed(found), bundles, rng


def attack(every: pd.DataFrame, pair, rng: np.random.Generator) -> dict[str, int]:
    """Ask what two bundles of one file tell together."""
    one, two = (tables for _, _, tables in pair)
    differ = any(numbers(one, name) != numbers(two, name) for name in COUNTED)
    classes = [
        t["deaths_by_cell_block"].set_index("row_id")["deaths_class"].to_dict() for t in (one, two)
    ]
    for row in classes[0].keys() & classes[1].keys():
        assert classes[0][row] == classes[1][row], "a count hangs on the study"
    attacker = Attack(set(every["cell_id"]), [made for made, _, _ in pair])
    for number, (_, areas, tables) in enumerate(pair):
        attacker.add(number, tables, areas)
    size = every.groupby(["cell_id", "block"]).size()
    small = [key for key, n in size.items() if n < 5]
    told = {"pairs": 1, "differ": int(differ), "asked": 0, "exact": 0, "finer": 0}
    for cell, block in rng.permutation(np.array(small, object))[:4]:

        def of_cell(c, y, *_, k=cell, b=block):
            return c == k and in_block(y, b)

        low, high = attacker.interval(of_cell)
        told["asked"] += 1
        told["exact"] += low == high
        # the part that one study selects and the other does not, by area and by time
        for by in (0, 1):
            part, _ = attacker.interval(
                lambda c, y, *f, by=by, of=of_cell: of(c, y) and f[0][by] and not f[1][by]
            )
            told["finer"] += part > 0
    return told
