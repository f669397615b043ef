"""The gates: what is planted, how often, which share is watched and where it must lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from geo.synthetic.panels import PanelPlan
from validation.built_in import BuiltIn
from validation.planted_land import PlantedLand
from validation.world_trial import GATES as L2_GATES
from validation.worlds import RATIOS, REAL, SMOKE, WORLDS, World

SEED = 20_261_126
"""Base seed of every gate. No development run used it, nor the table of 2026-11-23, after which
the scale of the interval was chosen."""


@dataclass(frozen=True)
class Watch:
    """One number watched in a gate.

    Attributes
    ----------
    outcome
        Key of the trial's outcome; `bias` and its kin for the mean error of the log ratio,
        with and without imputation.
    low, high
        Where it must lie; None where it is reported and not judged.
    """

    outcome: str
    low: float | None = None
    high: float | None = None


Trial = Literal[
    "headline", "parts", "tilt", "imputed", "catchments", "built-in", "planted", "world"
]


@dataclass(frozen=True)
class Gate:
    """A configuration, its size in both sets, and what is watched."""

    name: str
    trial: Trial
    plan: PanelPlan | BuiltIn | PlantedLand
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


def _catchments(shares: Literal["balanced", "real"]) -> Gate:
    watched = (
        Watch("interval_rejects", high=0.064),
        Watch("covered"),
        Watch("bias", low=-0.03, high=0.03),
        Watch("wrong_unit_rejects"),
    )
    plan = PanelPlan(shares=shares, catchments=2)
    note = "24 catchments in 12 corridors, 60 % of shocks corridor-wide; cluster is the corridor"
    return Gate(f"catchments-{shares}", "catchments", plan, 200, 1_000, watched, note)


PLANTED_SEEDS = (
    417_203, 982_651, 130_477, 655_918, 264_089, 879_340, 503_726, 741_165, 318_592, 926_804,
)  # fmt: skip
NULL_SEEDS = (
    608_131, 275_946, 843_710, 159_268, 790_523, 432_087, 967_454, 521_839, 184_602, 356_775,
)  # fmt: skip
"""Ten seeds each, written down on 2026-11-27 before any of them was drawn; the first run counts."""
LOG_ERROR = 0.15
"""Largest mean error of the log ratio per unit dose in the planted study."""


def _planted(study: str, ratio: float, seeds: tuple[int, ...], watch: tuple[Watch, ...]) -> Gate:
    size = len(seeds)
    note = (
        "real land, zones and totals of Arizona, records made up at registered seeds; `power` is "
        "the chance at the doses reached that an interval of this width excludes no effect"
    )
    return Gate(study, "planted", PlantedLand(study, ratio, seeds), size, size, watch, note)


def _world(name: str, world: World, ratio: float) -> Gate:
    """Judge a world: its false findings where nothing moved, what it finds where something did."""
    none = ratio == 1.0
    judged = not (world.misread or world.fatal or world.plan.rise)
    watched = (
        Watch("supported", high=0.05 if none and not world.fatal else None),
        Watch("level_2", high=0.10 if none else None),
        *(Watch(n) for n in ("level_1", "rejects", "interval_rejects")),
        Watch("covered", *((0.93, 0.97) if judged else ())),
        *(Watch(n) for n in ("recorded_supported", "recorded_covered", "log_error",
                             "recorded_error", "blocks_decide")),
        *(Watch(n) for n in (L2_GATES if not none else ())),
    )  # fmt: skip
    note = world.words + (f"; named, not judged: {world.fatal}" if world.fatal and none else "")
    plan = replace(world.plan, rate_ratio=ratio)
    quick = 100 if name in SMOKE and ratio != RATIOS[1] else 0
    return Gate(f"{name}-{ratio:g}", "world", plan, quick, 1_000, watched, note)


def _reached(dose: float, ratio: float, corridors: int) -> Gate:
    """Power of the whole rule by the dose reached; L2 must be in reach of 36 corridors at 0.8."""
    reach = corridors == FULL and dose == 0.8 and ratio == 2.5
    plan = replace(
        REAL, reach=(dose, dose), rate_ratio=ratio, corridors=corridors,
        treated=corridors * REAL.treated // REAL.corridors,
        records=corridors * REAL.records // REAL.corridors,
    )  # fmt: skip
    watched = (
        Watch("supported"), Watch("level_2", low=0.5 if reach else None), Watch("covered"),
        *(Watch(n) for n in L2_GATES),
    )  # fmt: skip
    note = f"{corridors} corridors and {plan.records:,} records, every covered one at {dose:g}"
    return Gate(f"dose-{dose:g}-{ratio:g}-{corridors}", "world", plan, 0, 1_000, watched, note)


FULL = 36
"""Corridors of three record systems with full baselines: an upper bound, promised nowhere."""


GATES: tuple[Gate, ...] = (
    *(_world(name, world, r) for name, world in WORLDS.items() for r in RATIOS),
    *(
        _reached(dose, ratio, corridors)
        for corridors in (REAL.corridors, FULL)
        for ratio in RATIOS[1:]
        for dose in (0.3, 0.5, 0.8, 1.0)
    ),
    Gate("null-balanced", "headline", PanelPlan(), 1_000, 5_000, NULL),
    Gate("null-real", "headline", PanelPlan(shares="real"), 1_000, 5_000, NULL),
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
        2_000,
        NULL,
        "border-wide drift, precision drift and volume shocks planted",
    ),
    Gate("effect-balanced", "headline", PanelPlan(rate_ratio=1.35), 400, 1_000, EFFECT),
    Gate("effect-real", "headline", PanelPlan(shares="real", rate_ratio=1.35), 200, 1_000, EFFECT),
    *(
        _power(shares, ratio, judged=ratio == LOG_18)
        for shares in ("balanced", "real")
        for ratio in (1.25, 1.5, 1.8, 2.0, 2.2, 2.5)
    ),
    Gate(
        "rescue",
        "parts",
        PanelPlan(rescue=0.6),
        200,
        500,
        (Watch("displacement", high=0.055), Watch("supported"), Watch("rescue_wording")),
        "pure rescue: deaths in view averted, nobody moves",
    ),
    Gate(
        "displacement",
        "parts",
        PanelPlan(displacement=0.6),
        200,
        500,
        (Watch("displacement"), Watch("hard_rises"), Watch("supported")),
        "pure displacement: deaths in view move to hard ground out of view",
    ),
    Gate(
        "gradient-1.8",
        "parts",
        PanelPlan(rate_ratio=1.8),
        200,
        500,
        (Watch("displacement"), Watch("hard_rises"), Watch("supported")),
        "a shift along the whole gradient",
    ),
    Gate(
        "search-tilt",
        "tilt",
        PanelPlan(search_tilt=0.6),
        200,
        500,
        (Watch("flagged", low=0.8), Watch("supported")),
        "skeletal records found more on hard ground where coverage grew; nobody moves",
    ),
    Gate(
        "search-tilt-absent",
        "tilt",
        PanelPlan(rate_ratio=1.8),
        200,
        500,
        (Watch("flagged", high=0.081),),
        "a true shift is not mistaken for a search tilt",
    ),
    _catchments("balanced"),
    _catchments("real"),
    Gate(
        "sample",
        "built-in",
        BuiltIn("sample", 3.0),
        100,
        100,
        (
            Watch("covered", low=0.90, high=0.99),
            Watch("bias"),
            Watch("imputed_covered"),
            Watch("imputed_bias"),
            Watch("supported"),
            Watch("route_validated"),
        ),
        "records of the built-in study drawn anew, with errors of place and date; dose is the area "
        "share where the route model is not validated",
    ),
    Gate(
        "null",
        "built-in",
        BuiltIn("null", 1.0),
        100,
        100,
        (
            Watch("supported", high=0.10),
            Watch("covered", low=0.90),
            Watch("bias"),
            Watch("imputed_covered"),
            Watch("route_validated"),
        ),
        "records of the built-in study drawn anew, no effect",
    ),
    Gate(
        "imputed-null",
        "imputed",
        PanelPlan(),
        100,
        200,
        (Watch("covered", low=0.93, high=0.97), Watch("supported"), Watch("same_sign")),
        "place and date error planted, imputed ten times",
    ),
    Gate(
        "imputed-1.8",
        "imputed",
        PanelPlan(rate_ratio=1.8),
        100,
        200,
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
    _planted(
        "arizona-planted",
        2.5,
        PLANTED_SEEDS,
        (
            Watch("covered", low=0.8),
            Watch("log_error", low=-LOG_ERROR, high=LOG_ERROR),
            Watch("rejects"),
            Watch("mean_power"),
            Watch("permutation_rejects"),
            Watch("interval_rejects"),
            Watch("informative"),
            Watch("supported"),
            Watch("imputed_covered"),
            Watch("imputed_bias"),
            Watch("mean_reached_dose"),
        ),
    ),
    _planted(
        "arizona-null",
        1.0,
        NULL_SEEDS,
        (
            Watch("supported", high=0.1),
            Watch("rejects"),
            Watch("permutation_rejects"),
            Watch("interval_rejects"),
            Watch("informative"),
            Watch("covered"),
            Watch("log_error"),
            Watch("imputed_covered"),
            Watch("imputed_bias"),
        ),
    ),
)
