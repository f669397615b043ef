"""What towers see: exact viewsheds, their union through time, and how sure it is.

Knows terrain, towers and dates; knows nothing of deaths. Fine surfaces made here stay in the
store; only `publish_share` makes one that may be shown.
"""

from __future__ import annotations

from geo.visibility.activity import baseline, controls, dosed, roster
from geo.visibility.dating import dated, enters_dose
from geo.visibility.drawn_views import Looking
from geo.visibility.elevation_error import Uncertainty
from geo.visibility.exposure import drawn_dose, placebo_coverage, placebo_dose
from geo.visibility.months import Span, constant_spans, dose_by_month
from geo.visibility.placebo import Matching, PlaceboSites, placebo_sites
from geo.visibility.programmes import Programme, detection_probability, programmes
from geo.visibility.publish import publish_share
from geo.visibility.sight import LINES, Sight, drawn_sight, sight_on
from geo.visibility.single import viewshed
from geo.visibility.towers import with_defaults
from geo.visibility.uncertainty import moved, visibility_probability
from geo.visibility.union import coverage

__all__ = [
    "LINES",
    "Looking",
    "Matching",
    "PlaceboSites",
    "Programme",
    "Sight",
    "Span",
    "Uncertainty",
    "baseline",
    "constant_spans",
    "controls",
    "coverage",
    "dated",
    "detection_probability",
    "dose_by_month",
    "dosed",
    "drawn_dose",
    "drawn_sight",
    "enters_dose",
    "moved",
    "placebo_coverage",
    "placebo_dose",
    "placebo_sites",
    "programmes",
    "publish_share",
    "roster",
    "sight_on",
    "viewshed",
    "visibility_probability",
    "with_defaults",
]
