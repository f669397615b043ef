"""The memo's chapters on results, on what speaks against them, and on their limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from geo.evidence.documents.central import STEM as CENTRAL
from geo.evidence.documents.forest import GROUPS
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Text
from geo.evidence.documents.results import (
    EVIDENCE_AGAINST,
    LIMITS,
    named,
    silent,
    speaking_against,
    worded,
)
from geo.evidence.tables.finding import NAMES, SAID, described, years_of
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import false_findings, planted
from geo.evidence.tables.told import withheld
from geo.inference import GATES, PLAN
from geo.inference.estimation.outcomes import Outcome, read
from geo.inference.registered.adverse import HEADLINE, RANGES

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]


MAIN = (
    "strata.power.*", "headline*", "strata.heterogeneity", "parts.*", "between.*", "monthly.fresh",
    "corridors.entered", "route_model", "S3.*",
)  # fmt: skip
"""Display: analyses of the first table of results; patterns of names."""
CHECKS = (
    "R1.*", "R2.*", "R3.*", "R10.*", "R12.*", "R14.*", "S2.pre_trend", "S2.after*",
    "R5.sign_by_component",
)  # fmt: skip
"""Display: analyses of the second table: what could overthrow the first."""
SPREADS = {
    **dict.fromkeys((*RANGES, "S3.route_models"), "range "),
    "R2.placebo_towers": "placebos ",
}
"""Display: beginning of an analysis = what its bounds are where they are no interval."""
WORST = 12
"""Display: error rates that the report prints; all stand in the annex."""


def results(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the central figure, two tables and three forest plots, grouped by question."""
    del findings
    yield Heading("Results")
    if CENTRAL in pictures:
        yield pictures[CENTRAL]
    estimates = tables["estimates"]
    if estimates.empty:
        yield Text("No estimate was made in this run; what follows describes and tests nothing.")
    else:
        yield Heading("What the registered test and its parts say", 2)
        own = next((r for r in each(estimates) if r.analysis == HEADLINE), None)
        yield _numbers("The registered analyses.", _of(estimates, MAIN), own)
        yield Heading("What could overthrow it", 2)
        yield _numbers("Checks of the registered analysis.", _of(estimates, CHECKS), own)
    for stem in (*GROUPS, "event-study"):
        if stem in pictures:
            yield pictures[stem]
    yield Heading("Recorded places by block of years", 2)
    yield Text(_places(tables))
    if "hardship-by-block" in pictures:
        yield pictures["hardship-by-block"]


def _places(tables: Tables) -> str:
    """Return the means of the first and last block of years in one sentence."""
    lead, end = SAID["en"]["where"].partition("{name}")[0], "."
    said = [s.removeprefix(lead).removesuffix(end) for _, s, _ in described(tables)]
    return f"{lead}{'; that of '.join(said)}{end}" if said else "No place was read."


def _of(estimates: pd.DataFrame, patterns: tuple[str, ...]) -> pd.DataFrame:
    """Return the analyses of these names, in the order of the names."""
    order = [next((n for n, p in enumerate(patterns) if fnmatchcase(a, p)), -1)
             for a in estimates["analysis"]]  # fmt: skip
    rows = estimates.assign(order=order)
    return rows[rows["order"] >= 0].sort_values("order", kind="stable")


def all_results(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield every analysis by family, its sentence and numbers, and the means by block."""
    del findings, pictures
    yield Heading("Annex A: all analyses")
    estimates = tables["estimates"]
    families = [str(a).partition(".")[0] for a in estimates["analysis"]]
    for name in dict.fromkeys(families):
        rows = estimates[[f == name for f in families]]
        yield Heading(f"{name}: {named(rows['analysis'].iloc[0])}", 2)
        yield _whole(name, rows)
    yield from _hardship(tables)


def against_it(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield everything against the hypothesis, with the same prominence."""
    del findings, pictures
    yield Heading("Everything against the hypothesis")
    found = speaking_against(tables)
    if found:
        yield Grid(
            f"Adverse analyses, all {len(found)}, the strongest first; annex A has what each says.",
            ("What was asked", "Why it is adverse"),
            [(name, why) for name, why, _ in found],
            (2.2, 3.4),
        )
    else:
        yield Text("No analysis of this run could have spoken against it.")
    quiet = silent(tables)
    if quiet:
        yield Text(f"Silent, but without the power to speak: {'; '.join(quiet)}.")
    yield Text(f"What would change the conclusion: {'; '.join(EVIDENCE_AGAINST)}.")


def limits(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield limits and what was skipped."""
    del findings, pictures
    yield Heading("Limits")
    yield Text(
        f"{' '.join(LIMITS)} The records were not collected for this purpose; nothing here carries "
        "over to places with other recovery and recording."
    )
    skipped = tables["skipped"]
    if len(skipped):
        yield Grid(
            "What could not be computed.",
            ("What", "Missing", "How to get it"),
            [(r.what, r.missing, r.how_to_get) for r in each(skipped)],
            (1.4, 1.4, 2.4),
        )


def error_rates(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield how often the rule is wrong, worst first, and the gates of the decision."""
    del findings
    yield Heading("Error rates, worst first")
    yield Text(
        "The decision rule is run on made-up records with a known effect, and with none, by "
        "`make validate`; its dated table is committed with the code of this run and stands whole "
        "in the annex."
    )
    if "calibration" in pictures:
        yield pictures["calibration"]
    worst = false_findings(tables)
    if worst.empty:
        yield Text(f"No table of plan {PLAN} came with this run; its error rates are not stated.")
    else:
        caption = f"How often plan {PLAN} found a shift where none was planted."
        yield _rates(caption, worst.head(WORST))
    for row in each(tables["estimates"].head(1)):
        gates = read(row.gates)
        if gates:
            yield Grid(
                f"Gates of {named(row.analysis)}. A gate that was not run has not passed.",
                ("Gate", "What it asks", "Result"),
                [_gate(name, outcome) for name, outcome in gates.items()],
                (1.4, 3.0, 1.6),
            )


def calibration(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the whole table of what the rule does on made-up records."""
    del findings, pictures
    frame = tables["calibration"]
    if len(frame):
        yield Heading("Annex D: calibration")
        yield _rates("What the rule did on made-up records, with Monte Carlo intervals.", frame)


def _rates(caption: str, frame: pd.DataFrame) -> Grid:
    return Grid(
        caption,
        ("Design", "Watched", "Plan", "Runs", "Share or bias", "Goal", "Verdict"),
        [
            (
                planted(r),
                r.outcome.replace("_", " "),
                str(r.plan),
                f"{r.n:,}",
                f"{_n(r.estimate)} ({_n(r.low)} to {_n(r.high)})",
                r.goal if isinstance(r.goal, str) else "",
                r.verdict if isinstance(r.verdict, str) else "",
            )
            for r in each(frame)
        ],
        (3.0, 1.3, 0.45, 0.5, 1.6, 1.1, 1.1),
    )


def _gate(name: str, outcome: Outcome) -> tuple[str, str, str]:
    gate = GATES[name]
    state = {True: "passed", False: "failed", None: "not run"}[outcome.passed]
    why = f": {worded(outcome.reason)}" if outcome.reason else ""
    return name.replace("_", " "), gate.asks, state + why


def registration(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the registered plan and every deviation from it."""
    del pictures
    yield Heading("Registration and deviations")
    yield Text(
        f"Decided by plan {PLAN}: the headline has places and dates imputed. Plan 1, the records "
        "as recorded, stands beside it, and its sentence says where the two plans differ on these "
        "records."
    )
    if findings.preregistration:
        yield Text(f"Registered plan: {findings.preregistration}.")
    else:
        yield Text("No registered plan was named for this run. Its tests are exploratory.")
    if findings.study.inference.exploratory:
        yield Text(
            "The study is labelled exploratory: its records were seen while the design was made.",
            strong=True,
        )
    yield Text(" ".join(findings.deviations) or "No deviation was recorded.")
    hashes = sorted(set(tables["estimates"]["parameters_hash"]))
    if hashes:
        yield Text(f"Hash of the registered choices used: {', '.join(hashes)}.")


def _numbers(caption: str, estimates: pd.DataFrame, own: Any | None) -> Grid:
    """Return a table for readers: what the records cannot tell has no ratio in it."""
    rows = [
        (
            named(r.analysis),
            _interval(r, untold=withheld(r, own)),
            _n(r.p),
            _n(r.mde),
            r.claim_level,
        )
        for r in each(estimates)
    ]
    return Grid(
        f"{caption} Interval: 95 %; smallest: least effect found with 80 % power; none where the "
        "records cannot tell it.",
        ("What", "Estimate", "p", "Smallest", "Claim"),
        rows,
        (3.2, 1.8, 0.7, 0.8, 0.6),
    )


def _interval(row: Any, *, untold: bool = False) -> str:
    if not _n(row.estimate):
        return ""
    kind = next((words for start, words in SPREADS.items() if row.analysis.startswith(start)), "")
    span = f" ({kind}{_n(row.low)} to {_n(row.high)})" if _n(row.low) else ""
    return f"cannot tell{span}" if untold and span else _n(row.estimate) + span


def _whole(family: str, estimates: pd.DataFrame) -> Grid:
    """Return a family of analyses with everything that is known of each."""
    rows = []
    for r in each(estimates):
        test = (
            f"{_n(r.p)}; {r.reference_set}" if _n(r.p) and isinstance(r.reference_set, str) else ""
        )
        size = ", ".join(
            f"{name} {int(v)}" for name, v in (("n", r.n), ("clusters", r.clusters)) if pd.notna(v)
        )
        text = r.sentence if isinstance(r.sentence, str) else ""
        rows.append((r.analysis, text, _interval(r), test, size, _n(r.mde), r.claim_level))
    return Grid(
        f"Family {family}. Estimands stand in the table estimates.",
        ("Analysis", "What it says", "Estimate", "p; refers to", "Size", "Smallest", "Claim"),
        rows,
        (1.3, 2.6, 1.1, 1.8, 0.8, 0.7, 0.6),
    )


def _hardship(tables: Tables) -> Iterator[Grid]:
    frame = tables["hardship_by_block"]
    means = frame[frame["statistic"] == "mean"]
    rows = [
        (
            NAMES.get(r.component, r.component),
            years_of(r._asdict()),
            {"all": "all records", "gps": "GPS-placed", "land": "the land"}[r.group],
            _n(r.value) or "suppressed",
            f"{_n(r.low)} to {_n(r.high)}" if _n(r.low) else "",
            "" if r.unit == "1" else r.unit,
            "" if r.group == "land" else r.records_class,
        )
        for r in each(means.sort_values(["component", "group"], kind="stable"))
    ]
    if rows:
        yield Grid(
            "Means by block of years, with 95 % intervals over resampled records.",
            ("What", "Years", "Group", "Mean", "Interval", "Unit", "Records"),
            rows,
            (1.8, 1.7, 1.1, 0.8, 1.2, 0.7, 0.8),
        )


def _n(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"
