"""What towers see: exact viewsheds, their union through time, and how sure it is.

Knows terrain, towers and dates; knows nothing of deaths. Fine surfaces made here stay in the
store; only `publish_share` makes one that may be shown.
"""

from __future__ import annotations

from geo.visibility.activity import controls, dated, enters_dose, roster
from geo.visibility.coverage import coverage
from geo.visibility.programmes import Programme, detection_probability, programmes
from geo.visibility.publish import publish_share
from geo.visibility.single import viewshed

__all__ = [
    "Programme",
    "controls",
    "coverage",
    "dated",
    "detection_probability",
    "enters_dose",
    "programmes",
    "publish_share",
    "roster",
    "viewshed",
]
