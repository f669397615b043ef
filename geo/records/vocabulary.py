"""Words that columns may hold, and columns that many tables share."""

from __future__ import annotations

from geo.contract import Column

PRECISION = ("gps", "address", "directions", "vague", "moved", "none", "placeholder")
"""How well the place of recovery is known, best first."""
PMI = ("day", "week", "3-weeks", "5-weeks", "3-months", "8-months", "longer", "unknown")
"""Post-mortem interval at recovery, shortest first (upper bound of the class)."""
CAUSES = (
    "exposure",
    "skeletal",
    "undetermined",
    "vehicle",
    "homicide",
    "drowning",
    "hospital",
    "other",
    "unknown",
)
"""Cause of death, grouped."""
STATUS = ("deployed", "planned", "cancelled", "replaced", "test")
"""What became of a tower site."""
ZONE_KM = 10.0
"""Safeguard: a programme zone is at least this wide along the border and from it [km]."""
ZONE_SIDES = ("north", "south", "east", "west", "both")
"""Side of the border on which a zone lies."""
ZONE_EXTENTS = ("span", "area", "replaced")
"""A span of border and a depth; a drawn area of responsibility; the ground of the zone replaced."""
EXPOSURE_KINDS = ("view", "range", "zones")
"""What a dose counts: movement in view of towers; movement within their range, thinned by a share
(range, not viewshed); or movement inside programme zones."""
WINDOWS = ("before", "end")
"""Windows between which the hardness of recorded places is compared, corridor by corridor."""
AREA_KINDS = ("country", "state", "county", "protected", "tribal")
"""Named areas of the map: countries, their states and counties, protected land, land of nations."""
CLAIMS = ("L0", "L1", "L2", "L3")
"""Claim ladder, weakest first (docs: statistics)."""
C = Column
ROW = (
    C("row_id", "string", "Identifier of this row, for `funnel explain`"),
    C("parents", "string", "Identifiers this row was computed from, separated by spaces"),
)
SOURCE = (
    C("source_id", "string", "Source, as in the catalogue or the study"),
    C("source_row", "integer", "Row of the source file; 1 is the first data row", "1"),
)
BASES = ("study", "labels", "strips")
"""Where corridors come from: the study's polygons, a publisher's labels, strips of the border."""
COVARIATE_NAMES = {
    "fence": "barriers",
    "agents": "Border Patrol agents",
    "checkpoint": "checkpoints",
    "apprehensions": "apprehensions",
    "heat_days": "days of extreme heat",
}
"""Covariates of the registered plan (R9) that records cannot say themselves: name = in words."""
