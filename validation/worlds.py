"""Worlds that the estimator did not write, by name; see `geo.synthetic.worlds`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from geo.synthetic.worlds import WorldPlan

REAL = WorldPlan(shares="real")
"""Corridor sizes of the Arizona records, covered corridors ending at a dose of 0.1 to 0.8."""
RATIOS = (1.0, 1.8, 2.5)
"""Planted ratios of rate ratios per unit of true dose; 1 is no effect."""
GRADIENT_STEP = 0.06
HEAT = 0.15
RISE = 0.5878
"""Log of 1.8: a trend that is as large as the registered effect."""


class World(NamedTuple):
    """One world.

    Attributes
    ----------
    plan
        What is planted, without effect.
    words
        The same, for the table.
    fatal
        Why a false finding is expected and named in place of judged; empty where it is judged.
    misread
        Whether the exposure is read falsely, so that attenuation is reported, not coverage judged.
    """

    plan: WorldPlan
    words: str
    fatal: str = ""
    misread: bool = False


def _plan(**changes: object) -> WorldPlan:
    return replace(REAL, **changes)  # type: ignore[arg-type]


WORLDS: Mapping[str, World] = MappingProxyType(
    {
        "as-measured": World(REAL, "exposure as read, places and dates in error"),
        "theta": World(
            _plan(misread="theta"), "movement by theta 0.2, read by 0.05", misread=True
        ),
        "cost": World(
            _plan(misread="cost"), "movement and hardness by another cost than is read",
            misread=True,
        ),
        "range": World(
            _plan(misread="range"), "ranges of towers misread by up to 30 %", misread=True
        ),
        "sites": World(_plan(misread="sites"), "sites misread by up to 2 km", misread=True),
        "dates": World(_plan(misread="dates"), "dates misread by up to a year", misread=True),
        "groups": World(_plan(group_size=2.0), "people die in groups of two on average"),
        "heat": World(
            _plan(heat_gradient=HEAT), "hot years kill most on hard ground of some corridors"
        ),
        "unit-root": World(
            _plan(gradient_step=GRADIENT_STEP), "gradients that wander and never return"
        ),
        "contiguous": World(
            _plan(shocks="contiguous", programmes=4),
            "shocks shared by neighbours, four programmes of two neighbours each",
        ),
        "scattered": World(
            _plan(shocks="scattered"), "shocks shared by scattered groups of three corridors"
        ),
        "programmes": World(
            _plan(shocks="contiguous", programmes=2),
            "shocks shared by neighbours, two programmes of four neighbours each",
        ),
        "chase": World(
            _plan(gradient_step=GRADIENT_STEP, chase=True),
            "towers go where a wandering gradient has risen", "towers follow the gradient",
        ),
        **{
            f"search-{tilt:g}": World(
                _plan(search_tilt=tilt),
                f"skeletal records found more on hard ground where coverage grew, log ratio {tilt}",
                "search follows towers",
            )
            for tilt in (0.3, 0.6, 1.0)
        },
        "rising": World(
            _plan(rise=RISE),
            "the gradient of covered corridors rises by 1.8 per final dose from four years before "
            "the first tower, whatever towers do",
        ),
    }
)  # fmt: skip
SMOKE = ("as-measured", "theta", "groups", "unit-root", "programmes", "search-0.6")
"""The six worlds of the quick set."""
