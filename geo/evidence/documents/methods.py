"""How each public table is made: the steps from the sources, and whose equations they use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MethodStep:
    """One step: its name, what it does, and where its method comes from."""

    name: str
    does: str
    reference: str = ""


INGEST = MethodStep(
    "ingest",
    "Read the publisher's file, stop names and free text, set faulty rows aside, classify how "
    "well place and date are known",
    "Publisher's class labels; Giordano and Spradley 2017 on positional error",
)
TERRAIN = MethodStep(
    "terrain",
    "Put elevation and land cover on the study's one grid; take slope",
    "Horn 1981, Proceedings of the IEEE 69:14-47",
)
LOCOMOTION = MethodStep(
    "locomotion",
    "Turn signed slope into energy and time per metre of walking",
    "Looney et al. 2019, Medicine and Science in Sports and Exercise 51 (load carriage decision "
    "aid); Irmischer and Clarke 2018, Cartography and Geographic Information Science 45",
)
LEASTCOST = MethodStep(
    "leastcost",
    "Accumulate cost from the border over every cell, uphill and downhill told apart",
    "Dijkstra 1959; van Etten 2017, Journal of Statistical Software 76(13)",
)
VISIBILITY = MethodStep(
    "visibility",
    "Compute what each dated tower sees, with curvature and refraction, and its share per period",
    "Exact line of sight with effective earth radius",
)
ZONED = MethodStep(
    "visibility",
    "Where no towers are: take the land within the depth of each programme zone's span of border, "
    "drawn within its bounds, and the share of each year on which a zone was at work",
    "Union of zones; a zone is not a view",
)
FUNNEL = MethodStep(
    "funnel",
    "Spread modelled movement over the land from excess cost, before and after towers",
    "Conserved loading by band of progress, cross-checked with Dial 1971, Transportation "
    "Research 5:83-111",
)
HARDSHIP = MethodStep(
    "hardship",
    "Read each component of hardship at the places of records and over the land",
)
INFERENCE = MethodStep(
    "inference",
    "Fit the registered model; permute doses within what was feasible; decide by gates what may "
    "be said",
    "Conditional fixed-effects Poisson (Hausman, Hall and Griliches 1984, Econometrica 52); "
    "Bell and McCaffrey 2002, Survey Methodology 28:169-181",
)
COUNTED = MethodStep(
    "evidence",
    "Count all records of the file by H3 cell and block of five years, and publish the class",
    "Floors of geo.records; primary and complementary suppression (Hundepool et al. 2012, "
    "Statistical Disclosure Control, chapter 4)",
)
SUMMARISED = MethodStep(
    "evidence",
    "Summarise groups that hide every member; mean with the percentile interval of 1,000 "
    "bootstrap resamples of records, three significant digits",
    "Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3; Hundepool et al. "
    "2012, Statistical Disclosure Control, chapter 4",
)
SNAPSHOT = MethodStep("fetch", "Copy the publisher's bytes into the vault under their SHA-256")

STEPS: dict[str, tuple[MethodStep, ...]] = {
    "deaths_by_cell_block": (SNAPSHOT, INGEST, COUNTED),
    "deaths_by_corridor_block": (SNAPSHOT, INGEST, COUNTED),
    "deaths_by_year": (SNAPSHOT, INGEST, COUNTED),
    "exposures_by_corridor_block": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, VISIBILITY, FUNNEL, HARDSHIP,
        SUMMARISED,
    ),
    "hardness_by_corridor": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, VISIBILITY, FUNNEL, HARDSHIP,
        SUMMARISED,
    ),
    "hardness_fifths": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, VISIBILITY, FUNNEL, HARDSHIP,
        SUMMARISED,
    ),
    "hardship_by_block": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, VISIBILITY, FUNNEL, HARDSHIP,
        SUMMARISED,
    ),
    "towers": (SNAPSHOT, INGEST),
    "zones": (SNAPSHOT, INGEST, ZONED),
    "tower_dating": (SNAPSHOT, INGEST),
    "sites": (SNAPSHOT, INGEST),
    "corridors": (SNAPSHOT, INGEST),
    "corridor_basis": (SNAPSHOT, INGEST),
    "crossing_basis": (SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, FUNNEL),
    "covariates": (SNAPSHOT, INGEST),
    "coverage_by_corridor_year": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, VISIBILITY, FUNNEL,
    ),
    "funnel_measures": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, VISIBILITY, LEASTCOST, FUNNEL,
    ),
    "estimates": (
        SNAPSHOT, INGEST, TERRAIN, LOCOMOTION, LEASTCOST, VISIBILITY, FUNNEL, HARDSHIP,
        INFERENCE,
    ),
    "calibration": (INFERENCE,),
    "counts": (SNAPSHOT, INGEST),
    "snapshots": (SNAPSHOT,),
    "skipped": (),
    "parameters": (),
}  # fmt: skip
"""Table = the steps on the way from its sources, first to last."""

PARAMETER_FILES: dict[str, tuple[str, ...]] = {
    "ingest": ("recorded_deaths", "tower_programmes", "responsibility_areas", "corridors"),
    "terrain": ("terrain_coefficients",),
    "locomotion": ("locomotion", "walkers", "terrain_coefficients"),
    "leastcost": ("locomotion",),
    "visibility": ("visibility", "tower_programmes"),
    "funnel": ("funnel", "routes", "locomotion"),
    "hardship": ("hardship", "heat", "climate", "walkers"),
    "inference": ("inference", "battery"),
    "evidence": ("working_crs",),
}
"""Step = files of data/parameters whose constants it uses."""


def parameter_files(table: str, *, last: bool = False) -> tuple[str, ...]:
    """Return the files of constants that the steps of a table use, or the last of them alone."""
    steps = STEPS[table][-1:] if last else STEPS[table]
    used = [f for step in steps for f in PARAMETER_FILES.get(step.name, ())]
    return tuple(dict.fromkeys(used))
