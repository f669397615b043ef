"""From a publisher's file to records: names and free text stop here.

One module knows one publisher's layout; the layout is recognised by header and content, never by
the name of the file. What cannot be read is set aside and counted.
"""

from __future__ import annotations

from geo.sources.fitting import OUTSIDE_AREA, USABLE_PLACES, WITHHELD, fit
from geo.sources.iom_deaths import same_people
from geo.sources.keys import case_keys, withheld_ids
from geo.sources.linkage import link, linkage
from geo.sources.reading import Hints, Reading, tally
from geo.sources.recognise import check, read
from geo.sources.record_systems import divide, series_notes, systems_of, undeclared
from geo.sources.revisions import Revision, as_vintage, keyed, revision, revision_records
from geo.sources.system_ground import behind_crossings, cut_by_system, systems_of_corridors
from geo.sources.towers import (
    completeness,
    date_by_rules,
    dating,
    sentence,
    unknown_programmes,
)

__all__ = [
    "OUTSIDE_AREA",
    "USABLE_PLACES",
    "WITHHELD",
    "Hints",
    "Reading",
    "Revision",
    "as_vintage",
    "behind_crossings",
    "case_keys",
    "check",
    "completeness",
    "cut_by_system",
    "date_by_rules",
    "dating",
    "divide",
    "fit",
    "keyed",
    "link",
    "linkage",
    "read",
    "revision",
    "revision_records",
    "same_people",
    "sentence",
    "series_notes",
    "systems_of",
    "systems_of_corridors",
    "tally",
    "undeclared",
    "unknown_programmes",
    "withheld_ids",
]
