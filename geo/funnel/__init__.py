"""Joins land, towers and walking: hardness before towers, and what towers had in view of it."""

from __future__ import annotations

from geo.funnel.hardness import (
    bin_scores,
    corridor_labels,
    dose,
    energy_per_km,
    hardness,
    hardness_bins,
)

__all__ = [
    "bin_scores",
    "corridor_labels",
    "dose",
    "energy_per_km",
    "hardness",
    "hardness_bins",
]
