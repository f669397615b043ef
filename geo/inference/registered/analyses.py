"""Every analysis by name: what it estimates, and which decision it bears on.

The plan prints this list before towers meet deaths; every row of `estimates` has a name that
stands in it. What decides is read from the table of gates, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from geo.inference.registered.gates import GATES, enumerated
from geo.inference.registered.headline import RRR
from geo.parameters import load

WITHIN = "ratio: change per unit dose in recorded deaths on {}"
BEFORE = "ratio: recorded deaths in view over those expected from the same ground before activation"
DENSITY = "largest absolute log ratio, anywhere, of the density of records"
RECORDS = "records; a relocation, not a number of deaths caused"


@dataclass(frozen=True)
class Registered:
    """One analysis, or a family of them.

    Attributes
    ----------
    name
        As in the column `analysis` of `estimates`; `*` stands for what the study adds.
    asks
        The question, in words.
    estimand
        How the column `estimand` begins.
    """

    name: str
    asks: str
    estimand: str = RRR

    @property
    def decides(self) -> str:
        """The gates that read it and what they bar; what it is for where none does."""
        gates = [
            f"gate `{name}` (bars {gate.bars})"
            for name, gate in GATES.items()
            if self.name in gate.reads
        ]
        return enumerated(gates) or "printed beside the headline; decides nothing"


def _analyses() -> Iterator[Registered]:
    own, battery = Registered, load("battery")
    yield own("headline", "the headline, places and dates imputed, per unit dose")
    yield own(
        "headline.at_reached_dose",
        "the headline at the coverage reached",
        "ratio of rate ratios: change, at the coverage reached",
    )
    yield own(
        "headline.interval_scale",
        "by how much the jackknife's standard error was multiplied",
        "factor on the standard error",
    )
    yield own(
        "headline.mean_hardness",
        "the headline as a shift of mean hardness",
        "difference in mean hardness of recorded deaths",
    )
    yield own(
        "headline.relocated_records",
        "the headline as records relocated",
        "recorded deaths on harder-than-average ground in excess of the no-tower model, " + RECORDS,
    )
    yield from _plan_1()
    for name, asks in (
        ("corridors", "dose paths exchanged between corridors"),
        ("blocks", "dose paths exchanged in whole programmes"),
        ("one_sided", "secondary: one-sided p of the stated hypothesis"),
    ):
        yield own(f"headline.{name}", asks, "p of the headline's score against exchanges of")
    yield own(
        "headline.missing_information",
        "what uncertain places and dates cost",
        "share of information missing",
    )
    yield from _parts()
    yield own("R1.corridor", "without any one corridor")
    yield own("R1.year", "without any one year")
    yield own("R1.batch", "without any one programme")
    for years in battery["placebo_years"].value:
        yield own(f"R2.placebo_{years}_years", f"at dates {years} years earlier")
    yield own("R2.placebo_towers", "against sets of placebo towers on matched ground")
    yield own("R3.negative_control_causes", "deaths on whose place walking has no bearing")
    yield own("R3.fresh", "records found within a week of death")
    yield own("R3.skeletal", "records found after weeks or months")
    yield own("R3.all_causes", "records of every cause")
    yield own(
        "R3.fresh_against_skeletal",
        "whether search tilted with coverage",
        "ratio: shift of skeletal over shift of fresh records",
    )
    yield own("R4.gps", "records placed by GPS only")
    yield own("R4.precision_by_year", "with the share of precise places held")
    yield own("R5.bins_*", "other numbers of hardness bins")
    for kind in ("slope_only", "energy_only", "remoteness_only", "temperature"):
        yield own(f"R5.{kind}", f"hardness by {kind.replace('_', ' ')}")
    yield own(
        "R5.sign_by_component",
        "whether components of hardness agree",
        "side of one on which the ratio of rate ratios lies",
    )
    yield own("R6.cells_*", "hardness on coarser cells")
    yield own("R6.catchments", "catchments in place of corridors, exchanged with their corridor")
    yield own("R7.range_*", "one range for every tower")
    yield own("R7.dates_*", "dates of towers at their bounds")
    yield own("R7.zones_*", "programme zones at their bounds")
    yield own("R7.area_weighted", "dose by ground in place of movement")
    yield own("R7.route_*", "dose by other versions of the route model")
    yield own("R7.*", "other exposures that the study gives")
    yield from _estimators()
    yield own(
        "neighbours.spill_over",
        "whether records moved with the coverage of neighbouring corridors (assumption A2)",
        "ratio of rate ratios: change, per unit of the mean dose of neighbouring corridors",
    )
    yield from _strata_and_months()
    yield own("R9.corridor_trends", "with a trend of each corridor, times hardness, held")
    yield own("R9.neighbours_dose", "with the neighbours' dose, times hardness, held")
    yield own("R9.*", "with a covariate times hardness held")
    yield own(
        "R10.detection_bound",
        "how far search would have to tilt to explain the headline",
        "ratio: rise of recovery per standard deviation of hardness",
    )
    yield own("R12.specification_curve", "every defensible specification, tested jointly")
    yield own("R13.*", "earlier states of the records, and today's cut to the same days")
    yield own("R14.cyclic_shifts", "p against dose paths shifted in time")
    yield own("R14.random_dates", "p against random dates of first coverage")
    yield own("window.*", "studies cut or thinned by years")
    yield own("land.*", "records of one jurisdiction, and of the rest")
    yield own("zones.without_watched_before", "without corridors watched before the first tower")
    yield own("corridors.entered", "who enters", "corridors that enter the headline")
    yield own(
        "route_model",
        "whether the route model predicts records before towers",
        "mean gain in log score per record over the best plain baseline",
    )
    yield from _secondary()


def _parts() -> Iterator[Registered]:
    against = "against easy ground never in view of the same corridor and year"
    hard, easy = "hard ground never in view", "easy ground in view by the end"
    part_asks = {
        "hard_out_of_view": "the first part: displacement",
        "easy_in_view": "the second part: rescue or arrest",
    }
    for part, ground in (("hard_out_of_view", hard), ("easy_in_view", easy)):
        yield Registered(f"parts.{part}", part_asks[part], WITHIN.format(f"{ground}, {against}"))
    for part, ground in (("hard_out_of_view", hard), ("easy_in_view", easy)):
        named = part_asks[part].replace(": ", ", ")
        yield Registered(
            f"parts.{part}.by_itself", f"{named}, against other corridors", WITHIN.format(ground)
        )
    yield Registered("parts.joint", "both parts at once", "joint test that neither part")
    yield Registered(
        "between.share",
        "shift between corridors (H3)",
        "ratio: change per unit dose in a corridor's share of all recorded deaths",
    )
    yield Registered(
        "between.relocated_records",
        "the same as records relocated",
        "recorded deaths in covered corridor-years in excess of the no-tower model",
    )


def _strata_and_months() -> Iterator[Registered]:
    yield Registered(
        "strata.power.*",
        "what each record system could tell, before any ratio",
        "smallest ratio of rate ratios, per unit dose, that could be found",
    )
    yield Registered("strata.alone.*", "each record system by itself")
    yield Registered("strata.without.*", "without any one record system")
    yield Registered(
        "strata.heterogeneity",
        "whether record systems differ more than chance",
        "share of the variation between record systems' log ratios",
    )
    yield Registered("monthly.fresh", "secondary: by month, records found within a week of death")
    yield Registered("monthly.dates_drawn", "by month, all records, dates of death drawn")


def _estimators() -> Iterator[Registered]:
    yield Registered("R8.negative_binomial", "another distribution of counts")
    yield Registered("R8.multinomial_logit", "a coefficient for each bin")
    yield Registered("R8.smooth_space_by_period", "a gradient that changes smoothly along it")
    yield Registered(
        "R8.least_squares",
        "shares in place of counts",
        "change, per unit dose and standard deviation of hardness, in a bin's share",
    )
    yield Registered("R8.cells_conley_*", "cells in place of corridors, errors by distance")


def _plan_1() -> Iterator[Registered]:
    yield Registered("headline.as_recorded", "plan 1: the same with records as recorded")
    yield Registered(
        "headline.as_recorded.at_reached_dose",
        "plan 1 at the coverage reached",
        "ratio of rate ratios: change, at the coverage reached",
    )


def _secondary() -> Iterator[Registered]:
    since = "ratio of rate ratios: change, since the year before the first dose"
    yield Registered(
        "S2.pre_trend", "movement before the first dose", "ratio of rate ratios: movement over the"
    )
    yield Registered("S2.years_*", "the gradient by years since the first dose", since)
    yield Registered("S2.after.break_*", "its average if trends may break", since)
    yield Registered("S2.event_study", "the same, where it cannot be estimated", since)
    yield Registered("S3.*", "deaths against places drawn from modelled movement", "ratio")
    yield Registered("S4.relative_risk*", "where the pattern of records changed", DENSITY)
    yield Registered("S4.clusters_of_residuals", "where records exceed modelled movement", "cells")
    for what, over in (
        ("before", BEFORE),
        ("routes", "ratio: recorded deaths in view over those expected from modelled movement"),
        ("placebo", "ratio: recorded deaths in view over the mean of matched placebo towers"),
    ):
        yield Registered(f"in_view.*.{what}*", "deaths in view, by group of towers", over)
    yield Registered("in_view.all", "the same, where no view is at hand")


ANALYSES: tuple[Registered, ...] = tuple(_analyses())
"""In the order in which a person reads them; of several that fit a name the first counts."""


def registered(name: str) -> Registered | None:
    """Return the registered analysis that a row of `estimates` belongs to, or None.

    Example
    -------
    >>> registered("R6.cells_5_km").asks
    'hardness on coarser cells'
    >>> registered("R15.invented") is None
    True
    """
    return next((a for a in ANALYSES if fnmatchcase(name, a.name)), None)
