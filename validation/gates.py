"""The gates: what is planted, how often, which share is watched and where it must lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.synthetic.panels import PanelPlan

SEED = 20_261_123
"""Base seed of every gate. No development run used it."""


@dataclass(frozen=True)
class Watch:
    """One number watched in a gate.

    Attributes
    ----------
    outcome
        Key of the trial's outcome; `bias` and `naive_bias` for the mean error of the log ratio,
        with and without imputation.
    low, high
        Where it must lie; None where it is reported and not judged.
    """

    outcome: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Gate:
    """A configuration, its size in both sets, and what is watched."""

    name: str
    trial: Literal["headline", "parts", "tilt", "imputed"]
    plan: PanelPlan
    quick: int
    full: int
    watch: tuple[Watch, ...]
    note: str = ""


LOG_18 = 1.8
NULL = (
    Watch("permutation_rejects", high=0.064),
    Watch("interval_rejects"),
    Watch("supported", high=0.064),
    Watch("covered", low=0.93, high=0.97),
    Watch("bias", low=-0.03, high=0.03),
)
EFFECT = (Watch("covered", low=0.93, high=0.97), Watch("bias"), Watch("supported"))
CONFOUNDED = {"drift": 0.03, "precision_drift": 0.6, "volume_sd": 0.3}


def _power(shares: Literal["balanced", "real"], ratio: float, *, judged: bool) -> Gate:
    watched = Watch("supported", low=0.8 if judged else None)
    return Gate(
        f"power-{shares}-{ratio:g}",
        "headline",
        PanelPlan(shares=shares, rate_ratio=ratio),
        200,
        1_000,
        (watched, Watch("covered"), Watch("bias")),
    )


GATES: tuple[Gate, ...] = (
    Gate("null-balanced", "headline", PanelPlan(), 1_000, 10_000, NULL),
    Gate("null-real", "headline", PanelPlan(shares="real"), 1_000, 10_000, NULL),
    Gate(
        "null-busiest",
        "headline",
        PanelPlan(shares="real", siting="busiest"),
        200,
        1_000,
        NULL,
        "towers in the busiest corridors",
    ),
    Gate(
        "null-confounded",
        "headline",
        PanelPlan(**CONFOUNDED),
        1_000,
        10_000,
        NULL,
        "border-wide drift, precision drift and volume shocks planted",
    ),
    Gate("effect-balanced", "headline", PanelPlan(rate_ratio=1.35), 400, 1_000, EFFECT),
    Gate("effect-real", "headline", PanelPlan(shares="real", rate_ratio=1.35), 200, 1_000, EFFECT),
    *(
        _power(shares, ratio, judged=ratio == LOG_18)
        for shares in ("balanced", "real")
        for ratio in (1.25, 1.5, 1.8, 2.5)
    ),
    Gate(
        "rescue",
        "parts",
        PanelPlan(rescue=0.6),
        200,
        1_000,
        (Watch("displacement", high=0.055), Watch("supported"), Watch("rescue_wording")),
        "pure rescue: deaths in view averted, nobody moves",
    ),
    Gate(
        "displacement",
        "parts",
        PanelPlan(displacement=0.6),
        200,
        1_000,
        (Watch("displacement"), Watch("hard_rises"), Watch("supported")),
        "pure displacement: deaths in view move to hard ground out of view",
    ),
    Gate(
        "gradient-1.8",
        "parts",
        PanelPlan(rate_ratio=1.8),
        200,
        1_000,
        (Watch("displacement"), Watch("hard_rises"), Watch("supported")),
        "a shift along the whole gradient",
    ),
    Gate(
        "search-tilt",
        "tilt",
        PanelPlan(search_tilt=0.6),
        200,
        1_000,
        (Watch("flagged", low=0.8), Watch("supported")),
        "skeletal records found more on hard ground where coverage grew; nobody moves",
    ),
    Gate(
        "search-tilt-absent",
        "tilt",
        PanelPlan(rate_ratio=1.8),
        200,
        1_000,
        (Watch("flagged", high=0.081),),
        "a true shift is not mistaken for a search tilt",
    ),
    Gate(
        "imputed-null",
        "imputed",
        PanelPlan(),
        100,
        400,
        (Watch("covered", low=0.93, high=0.97), Watch("supported"), Watch("same_sign")),
        "place and date error planted, imputed ten times",
    ),
    Gate(
        "imputed-1.8",
        "imputed",
        PanelPlan(rate_ratio=1.8),
        100,
        400,
        (
            Watch("covered", low=0.93, high=0.97),
            Watch("bias"),
            Watch("naive_covered"),
            Watch("naive_bias"),
            Watch("supported"),
            Watch("same_sign"),
        ),
        "place and date error planted, imputed ten times; naive: as recorded",
    ),
)
