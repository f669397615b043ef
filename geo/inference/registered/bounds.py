"""How strong a tilt of search would have to be to make the headline."""

from __future__ import annotations

import math
from dataclasses import replace

from geo.inference.estimation.rows import Estimate, ratio_words
from geo.inference.registered.headline import NOT_QUOTED, Headline, refusal
from geo.parameters import load


def detection_bound(
    headline: Headline, tilt: Estimate, parents: str = ""
) -> tuple[Estimate, bool | None]:
    """R10: how far search would have to tilt to hard ground with coverage to make the headline.

    b_adj = b - log(eta), so eta = exp(b) explains all of it. The gate asks for a
    multiple (`detection_factor`) of the largest tilt between skeletal and fresh records that their
    interval allows; it is None, not run, without either.
    """
    row = Estimate(
        "R10.detection_bound",
        "ratio: rise of recovery per standard deviation of hardness and unit dose that would "
        "explain the headline; bounds explain the bounds",
        parents=parents,
    )
    own = headline.estimate
    if own.estimate is None:
        return refusal(row, headline.refused), None
    filled = replace(
        row, estimate=own.estimate, low=own.low, high=own.high, n=own.n, clusters=own.clusters
    )
    seen = None
    if tilt.low and tilt.high:
        seen = max(abs(math.log(tilt.low)), abs(math.log(tilt.high)))
    factor = float(load("battery")["detection_factor"].value)
    enough = None if seen is None else abs(math.log(own.estimate)) >= factor * seen
    way = "rise" if own.estimate >= 1.0 else "fall"
    text = (
        f"Recovery in terrain one standard deviation harder would have had to {way} by "
        f"{100 * abs(own.estimate - 1):.0f} % more in fully covered corridors to explain the "
        "headline"
    )
    if tilt.estimate:
        observed = ratio_words(tilt.estimate)
        text += f"; the tilt observed between skeletal and fresh records is {observed}"
        if tilt.low is not None and tilt.high is not None:
            text += f" ({ratio_words(tilt.low)} to {ratio_words(tilt.high)})"
    return filled.says(f"{text}." if headline.told else NOT_QUOTED), enough
