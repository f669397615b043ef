"""The memo's chapters on results, on what speaks against them, and on their limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from geo.evidence.documents.central import STEM as CENTRAL
from geo.evidence.documents.forest import GROUPS
from geo.evidence.documents.memo.analyses import digits, interval, spread
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Text
from geo.evidence.documents.memo.calibration import rates
from geo.evidence.documents.results import (
    EVIDENCE_AGAINST,
    LIMITS,
    by_sign,
    named,
    silent,
    speaking_against,
    worded,
)
from geo.evidence.tables.finding import SAID, described
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import false_findings
from geo.evidence.tables.told import withheld
from geo.inference import GATES, PLAN
from geo.inference.estimation.outcomes import Outcome, read
from geo.inference.estimation.rows import alpha
from geo.inference.registered.adverse import HEADLINE

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


def against_it(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield everything against the hypothesis, with the same prominence."""
    del findings, pictures
    yield Heading("Everything against the hypothesis")
    found = speaking_against(tables)
    signs = [name for name, why, _ in found if by_sign(why)]
    if found:
        rest = [(name, why) for name, why, _ in found if not by_sign(why)]
        caption = f"Adverse analyses, {len(rest)} of {len(found)}, the strongest first; annex A"
        if rest:
            asked = ("What was asked", "Why it is adverse")
            yield Grid(f"{caption} has what each says.", asked, rest, (2.2, 3.4))
        if signs:
            yield Text(
                f"Adverse by their sign alone, {len(signs)} of {len(found)}: the ratio lies on "
                "the other side of one than the headline's, and nothing else speaks against it. "
                f"{_chance(tables)}They are: {'; '.join(signs)}."
            )
    else:
        yield Text("No analysis of this run could have spoken against it.")
    quiet = silent(tables)
    if quiet:
        yield Text(f"Silent, but without the power to speak: {'; '.join(quiet)}.")
    yield Text(f"What would change the conclusion: {'; '.join(EVIDENCE_AGAINST)}.")


def _chance(tables: Tables) -> str:
    """Say what signs are worth beside a headline whose own sign is not established."""
    own = next((r for r in each(tables["estimates"]) if r.analysis == HEADLINE), None)
    if own is None or pd.isna(own.p) or own.p <= alpha():
        return ""
    return "The headline's own sign is not established, so theirs say little either way. "


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
        yield rates(caption, worst.head(WORST))
    for row in each(tables["estimates"].head(1)):
        gates = read(row.gates)
        if gates:
            yield Grid(
                f"Gates of {named(row.analysis)}. A gate that was not run has not passed.",
                ("Gate", "What it asks", "Result"),
                [_gate(name, outcome) for name, outcome in gates.items()],
                (1.4, 3.0, 1.6),
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
            _told(r, untold=withheld(r, own)),
            digits(r.p),
            digits(r.mde),
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


def _told(row: Any, *, untold: bool) -> str:
    """Return an estimate with its bounds; those alone where the records cannot tell it."""
    return (
        f"cannot tell{spread(row)}" if untold and interval(row) and spread(row) else interval(row)
    )
