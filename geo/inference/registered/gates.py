"""The gates of the claim ladder: what each asks, of which rows, and what its outcome says.

Every outcome is one of three: passed, failed, not run. Not run never passes; it carries the reason,
and bars the level as a failure does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from geo.inference.estimation.agreement import powered
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate
from geo.inference.registered import spanish
from geo.inference.registered.phrases import PHRASES, Language
from geo.parameters import load

UNPOWERED = (
    f"would find a ratio of {load('inference')['registered_ratio'].value:g} less often than miss it"
)
"""Why a check that found nothing counts as not run."""


class Cap(NamedTuple):
    """A level above which a claim may not go, and the reason, which the sentence repeats.

    Example
    -------
    >>> Cap("L1", "exposure is by programme zones, not towers")
    Cap(level='L1', reason='exposure is by programme zones, not towers')
    """

    level: str
    reason: str


@dataclass(frozen=True)
class Gate:
    """One rule.

    Attributes
    ----------
    asks
        The rule, in words.
    short
        Its name in a sentence, after "passed:", "failed:" or "not run:".
    reads
        Analyses (rows of `estimates`, or their beginnings) that decide it.
    direction
        What passes: `reject` (the test rejects), `exclude` (the interval excludes no effect on the
        headline's side), `silent` (every row was estimated with enough power to find the registered
        ratio, and none finds anything), `agree` (every row is on the headline's side of one),
        `rise` (above one), `bound` (a number reaches its bound).
    bars
        Level that cannot be reached without it: `support`, `L2` or `L3`.
    """

    asks: str
    short: str
    reads: tuple[str, ...]
    direction: str
    bars: str


def _table() -> Iterator[tuple[str, Gate]]:
    known = {name: entry.value for name, entry in load("inference").items()}
    level, sure = known["alpha"], 100.0 * (1.0 - known["alpha"])
    earlier = " and ".join(map(str, load("battery")["placebo_years"].value))
    factor = load("battery")["detection_factor"].value
    yield "permutation", Gate(
        f"restricted permutation p at most {level:g}",
        "permutation test", ("headline",), "reject", "support",
    )  # fmt: skip
    yield "interval", Gate(
        f"{sure:g} % jackknife interval excludes no effect",
        "interval", ("headline",), "reject", "support",
    )  # fmt: skip
    yield "informative", Gate(
        f"interval no wider than a factor of {known['largest_span']:g} and smallest detectable "
        f"ratio at most {known['largest_detectable']:g}, per unit dose and at the coverage reached",
        "records that can tell", ("headline", "headline.at_reached_dose"), "bound", "support",
    )  # fmt: skip
    yield "sign_as_recorded", Gate(
        "same sign with places and dates as recorded",
        "sign with places and dates as recorded", ("headline.as_recorded",), "agree", "support",
    )  # fmt: skip
    yield "sign_gps_only", Gate(
        "same sign with records placed by GPS only",
        "sign with GPS records only", ("R4.gps",), "agree", "support",
    )  # fmt: skip
    yield "block_permutation", Gate(
        f"p at most {level:g} with whole programmes exchanged, of which at least "
        f"{known['least_block_assignments']:g} exchanges exist",
        "exchange of whole programmes", ("headline.blocks",), "reject", "L2",
    )  # fmt: skip
    yield "hard_out_of_view_rises", Gate(
        "recorded deaths on hard ground out of view rise by themselves",
        "rise on hard ground out of view",
        ("parts.hard_out_of_view", "parts.hard_out_of_view.by_itself"), "rise", "L2",
    )  # fmt: skip
    yield "more_than_fewer_in_view", Gate(
        "recorded deaths do not merely fall on easy ground in view while the hard ground out of "
        "view stays as it was",
        "more than a fall in view",
        ("parts.hard_out_of_view", "parts.easy_in_view"), "rise", "L2",
    )  # fmt: skip
    yield "route_model_validated", Gate(
        "the route model predicts pre-tower records better than distance to border and roads",
        "route model against pre-tower records", ("route_model",), "bound", "L2",
    )  # fmt: skip
    yield "search_did_not_tilt", Gate(
        "fresh and skeletal records moved alike (R3)",
        "fresh and skeletal records alike", ("R3.fresh_against_skeletal",), "silent", "L2",
    )  # fmt: skip
    yield "corridor_trends", Gate(
        "interval excludes no effect with a linear trend of the gradient in every corridor held",
        "interval with a trend in every corridor", ("R9.corridor_trends",), "exclude", "L2",
    )  # fmt: skip
    yield "pre_trends_flat", Gate(
        "no movement before the first dose, scaled by the dose reached later",
        "flat before the first dose", ("S2.pre_trend",), "silent", "L2",
    )  # fmt: skip
    yield "leave_one_out", Gate(
        "same sign without any one corridor, year or programme (R1)",
        "sign without any one corridor, year or programme",
        ("R1.corridor", "R1.year", "R1.batch"), "agree", "L2",
    )  # fmt: skip
    yield "placebo_dates", Gate(
        f"no effect at dates moved {earlier} years earlier (R2)",
        "silence at placebo dates", ("R2.placebo_3_years", "R2.placebo_5_years"), "silent", "L2",
    )  # fmt: skip
    yield "precision", Gate(
        "same sign by precision class (R4)",
        "size with GPS records only", ("R4.gps",), "agree", "L2",
    )  # fmt: skip
    yield "placebo_towers", Gate(
        "no effect of matched placebo towers (R2)",
        "headline beyond placebo towers", ("R2.placebo_towers",), "reject", "L3",
    )  # fmt: skip
    yield "negative_controls", Gate(
        "no effect on deaths by vehicle, homicide or drowning (R3)",
        "silence of negative controls", ("R3.negative_control_causes",), "silent", "L3",
    )  # fmt: skip
    yield "detection_bound", Gate(
        f"search would have to tilt {factor:g} times as much as the largest tilt that the records "
        "allow",
        "bound on a tilt of search",
        ("R10.detection_bound", "R3.fresh_against_skeletal"), "bound", "L3",
    )  # fmt: skip
    yield "controls_separable", Gate(
        "fence and agents, each times hardness, are separable from dose",
        "fence and agents separable from dose", ("R9.fence", "R9.agents"), "agree", "L3",
    )  # fmt: skip


GATES: Mapping[str, Gate] = MappingProxyType(dict(_table()))
"""Every gate by name. `more_than_fewer_in_view` also chooses a sentence."""


def barring(level: str) -> tuple[str, ...]:
    """Return the gates that bar a level: `support`, `L2` or `L3`.

    Example
    -------
    >>> barring("support")[:2]
    ('permutation', 'interval')
    """
    return tuple(name for name, gate in GATES.items() if gate.bars == level)


def ran(decision: bool | None, *rows: Estimate) -> Outcome:  # noqa: FBT001 - a decision, no switch
    """Return the outcome of a gate; where it was not run, why its rows have no number."""
    if decision is not None:
        return Outcome(decision)
    lost = [f"{r.analysis}: {r.refused or UNPOWERED}" for r in rows if r.refused or _weak(r)]
    return Outcome(None, "; ".join(dict.fromkeys(lost)) or "no row of it could be estimated")


def _weak(row: Estimate) -> bool:
    return row.estimate is not None and row.p is not None and not powered(row)


def asked(name: str, language: Language = "en") -> str:
    """Return what a gate asks, in a language.

    Example
    -------
    >>> asked("interval", "es")
    'el intervalo jackknife del 95 % excluye que no haya efecto'
    """
    return GATES[name].asks if language == "en" else spanish.GATES[name][0]


def listed(names: Iterable[str], language: Language = "en") -> str:
    """List gates by their short names: "a, b and c"."""
    short = [GATES[n].short if language == "en" else spanish.GATES[n][1] for n in names]
    return enumerated(short, PHRASES[language]["and"])


def enumerated(words: list[str], last: str = " and ") -> str:
    """Join words: "a, b and c".

    Example
    -------
    >>> enumerated(["fence", "agents", "heat"])
    'fence, agents and heat'
    """
    return last.join(([", ".join(words[:-1])] if len(words) > 1 else []) + words[-1:])
