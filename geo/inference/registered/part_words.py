"""The two parts of the headline as rows and words, and what they allow together."""

from __future__ import annotations

from dataclasses import dataclass

from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words
from geo.inference.registered.claims import RESCUE
from geo.inference.registered.headline import refusal
from geo.typing import Array

NAMES = {
    "parts.hard_out_of_view": (
        "ratio: change per unit dose in recorded deaths on hard ground never in view, against easy "
        "ground never in view of the same corridor and year"
    ),
    "parts.easy_in_view": (
        "ratio: change per unit dose in recorded deaths on easy ground in view by the end, against "
        "easy ground never in view of the same corridor and year"
    ),
    "parts.hard_out_of_view.by_itself": (
        "ratio: change per unit dose in recorded deaths on hard ground never in view, against hard "
        "ground of less covered corridors"
    ),
    "parts.easy_in_view.by_itself": (
        "ratio: change per unit dose in recorded deaths on easy ground in view by the end, against "
        "easy ground of less covered corridors"
    ),
}
JOINT = "joint test that neither part, by itself, changes with dose"


@dataclass(frozen=True)
class Parts:
    """The two parts of the headline.

    Attributes
    ----------
    rows
        Rows of `estimates`.
    hard_rises
        Whether deaths on hard ground out of view rise by themselves.
    only_in_view_falls
        Whether only the easy, in-view part changes, downwards; None where not estimated.
    covariance
        (2, 2) jackknife covariance of the two parts by themselves, hard out of view first.
    joint_p
        Permutation p of both parts by themselves being zero.
    """

    rows: list[Estimate]
    hard_rises: bool | None
    only_in_view_falls: bool | None
    covariance: Array | None
    joint_p: float | None


def joint_row(joint: float | None, corridors: int, parents: str) -> Estimate:
    """Return the row of the joint test, in words."""
    row = Estimate(
        "parts.joint",
        JOINT,
        p=joint,
        reference_set=None if joint is None else "dose paths exchanged for both parts at once",
        clusters=corridors,
        parents=parents,
    )
    if joint is None:
        return refusal(row, "one of the two parts has no estimate")
    found = "at least one part changes" if joint <= alpha() else "neither part is established"
    return row.says(f"Both parts together: {found} ({p_words(joint)}).")


def part_words(row: Estimate) -> str:
    """Say whether a part rose, fell or neither, with its numbers."""
    assert row.estimate is not None and row.low is not None and row.high is not None  # noqa: S101, PT018
    assert row.p is not None and row.mde is not None  # noqa: S101, PT018 - filled just before
    what = row.estimand.split("per unit dose in ")[1].split(", against")[0]
    if not row.significant:
        state = "no change was established"
    else:
        state = "rose with coverage" if row.estimate > 1.0 else "fell with coverage"
    return (
        f"{what[0].upper()}{what[1:]}: {state}, ratio {ratio_words(row.estimate)} (95 % interval "
        f"{ratio_words(row.low)} to {ratio_words(row.high)}; {p_words(row.p)}; smallest ratio "
        f"this could find {ratio_words(row.mde)})."
    )


def verdict(parts: Parts) -> str:
    """Say in one fixed sentence what the two parts together allow.

    Parameters
    ----------
    parts
        From `displacement_or_rescue`.

    Returns
    -------
    str
        One of the registered sentences.

    Examples
    --------
    >>> from geo import inference
    >>> inference.verdict(inference.Parts([], None, None, None, None))
    'Whether people moved or were stopped or rescued in view could not be examined.'
    """
    if parts.hard_rises is None:
        return "Whether people moved or were stopped or rescued in view could not be examined."
    if parts.hard_rises:
        return "Recorded deaths on hard ground out of view rose by themselves."
    if parts.only_in_view_falls:
        return RESCUE
    if parts.only_in_view_falls is None:
        return (
            "A rise on hard ground out of view was not established; whether deaths on easy ground "
            "in view fell could not be examined."
        )
    return (
        "Neither a rise on hard ground out of view nor a fall on easy ground in view was "
        "established."
    )
