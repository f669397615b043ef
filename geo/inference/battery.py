"""Everything in its order: headline, parts, imputation, battery, and the claim they allow.

What can be computed is; what lacks an input is left out and its gate counts as not run, which the
claim says in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.inference import robustness
from geo.inference.avoidance import avoidance, class_counts, cyclic_shifts, event_study
from geo.inference.bounds import detection_bound, e_value
from geo.inference.casecontrol import case_control
from geo.inference.claims import Claim, claim
from geo.inference.controls import FRESH, fresh_against_skeletal
from geo.inference.expectations import in_view_deaths
from geo.inference.headline import Headline, primary, relocation
from geo.inference.imputation import ImputationOptions, impute_panels
from geo.inference.multiverse import specification_curve
from geo.inference.panel import (
    Panel,
    PanelOptions,
    build_panel,
    count_records,
    place_records,
    rebinned,
    records_used,
)
from geo.inference.parts import Parts, between_corridors, displacement_or_rescue
from geo.inference.pooling import Pooled, pool
from geo.inference.rows import Estimate

SKELETAL = ("3-months", "8-months", "longer")
CONTROL_CAUSES = ("vehicle", "homicide", "drowning")
SPECIFICATIONS = 216
"""3 bin counts x 3 precisions x 2 sets of causes x 4 windows x 3 post-mortem classes."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Inputs:
    """What the analysis is given.

    Attributes
    ----------
    deaths
        Records of the contract `deaths`.
    ground
        From `classify_ground`.
    dose
        corridor, year, dose.
    years
        Study years.
    density
        (y, x) pre-tower route density, if the route model is used.
    dose_draws
        Dose tables under drawn tower dates (`draw_doses`).
    placebo_doses
        Dose tables of placebo towers.
    in_view
        Group of towers to (year, y, x) share in view; the first is all towers.
    placebos
        (year, y, x) coverage of placebo towers, consumed once.
    flow_classes
        (y, x) 0 in view, 1 gaining modelled flow when towers are avoided, 2 far from both,
        negative elsewhere; for S1.
    covariates
        Name to (corridor, year) values, for R9.
    panels
        Further panels by the name of their row: R5 hardness, R6 units, R7 exposures, R13 snapshots.
    route_model_validated
        Whether the route model beat its baselines; None where not examined.
    land
        Row name to a word of `land_manager` that splits records in two.
    """

    deaths: gpd.GeoDataFrame
    ground: xr.Dataset
    dose: pd.DataFrame
    years: Sequence[int]
    density: xr.DataArray | None = None
    dose_draws: Sequence[pd.DataFrame] = ()
    placebo_doses: Sequence[pd.DataFrame] = ()
    in_view: Mapping[str, xr.DataArray] = field(default_factory=dict)
    placebos: Iterable[xr.DataArray] = ()
    flow_classes: xr.DataArray | None = None
    covariates: Mapping[str, xr.DataArray] = field(default_factory=dict)
    panels: Mapping[str, Panel] = field(default_factory=dict)
    route_model_validated: bool | None = None
    land: Mapping[str, str] = field(default_factory=lambda: {"tohono_oodham": "Tohono"})


@dataclass(frozen=True)
class Analysis:
    """Everything found.

    Attributes
    ----------
    rows
        Rows of `estimates`, the headline first.
    claim
        Level and sentence.
    headline, parts, imputed
        What they were made of.
    panel
        The headline's panel, with its flow of records and the corridors left out.
    """

    rows: list[Estimate]
    claim: Claim
    headline: Headline
    parts: Parts
    imputed: Pooled
    panel: Panel


def analyse(
    inputs: Inputs,
    options: PanelOptions,
    stream: Callable[[str], np.random.Generator],
    *,
    draws: int | None = None,
    imputations: int = 50,
    exploratory: bool = False,
    parents: str = "",
    progress: Progress | None = None,
) -> Analysis:
    """Run the registered analysis.

    Parameters
    ----------
    inputs, options
        Records and exposures; who enters.
    stream
        Random stream of a named step, as `geo.study.stream` with the seed filled in.
    draws, imputations
        Permutations where not all can be listed; imputations.
    exploratory
        Whether the records were seen while the design was made.
    parents
        Identifiers of the inputs, for every row.
    progress
        Called with (done, total, label).
    """
    tell = progress or (lambda _done, _total, _label: None)
    tell(0, 6, "the registered test")
    panel = build_panel(inputs.deaths, inputs.ground, inputs.dose, inputs.years, options)
    headline = primary(panel, stream("headline"), draws=draws, parents=parents)
    tell(1, 6, "displacement or rescue, and between corridors")
    parts = displacement_or_rescue(panel, stream("parts"), draws=draws, parents=parents)
    between = between_corridors(panel, stream("between"), draws=draws, parents=parents)
    tell(2, 6, "imputing places and dates")
    imputed = _imputed(inputs, options, stream, imputations, draws, parents)
    tell(3, 6, "variants")
    battery, gates = _battery(inputs, options, panel, headline, stream, draws, parents)
    tell(4, 6, "the multiverse")
    curve = specification_curve(
        specifications(inputs, options), stream("curve"), draws=draws, parents=parents
    )
    tell(5, 6, "secondary analyses and deaths in view")
    secondary = _secondary(inputs, options, panel, stream, draws, parents)
    seen = _in_view(inputs, parents)
    gates |= {
        "sign_after_imputation": _same_sign(headline.estimate, imputed.estimate),
        "hard_out_of_view_rises": parts.hard_rises,
        "more_than_fewer_in_view": (
            None if parts.only_in_view_falls is None else not parts.only_in_view_falls
        ),
        "route_model_validated": inputs.route_model_validated,
    }
    decided = claim(headline, gates, exploratory=exploratory)
    rows = [
        decided.row(headline), *relocation(panel, headline, parents), *parts.rows, *between,
        imputed.estimate, *battery, curve.estimate, *secondary, *seen,
    ]  # fmt: skip
    tell(6, 6, "claim")
    stamped = [replace(r, parents=r.parents or parents) for r in rows]
    return Analysis(stamped, decided, headline, parts, imputed, panel)


def specifications(inputs: Inputs, options: PanelOptions) -> dict[str, Panel]:
    """Build the panels of the specification curve: every defensible combination of choices."""
    every = tuple(inputs.years)
    windows = {
        "all years": every,
        "to 2019": tuple(y for y in every if y <= 2019),
        "without 2020-2023": every,
        "later half": every[len(every) // 4 :],
    }
    precisions = {"placed": options.precision, "precise": ("gps", "address"), "gps": ("gps",)}
    causes = {"walking causes": options.without_causes, "all causes": ()}
    recovered = {"any interval": (), "under 3 months": (*FRESH, "3-weeks", "5-weeks", "3-months"),
                 "under a week": FRESH}  # fmt: skip
    choices = {
        f"{precision}, {cause}, {interval}": replace(
            options, precision=classes, without_causes=without, pmi=pmi, min_records_before=0
        )
        for precision, classes in precisions.items()
        for cause, without in causes.items()
        for interval, pmi in recovered.items()
    }
    entered = build_panel(inputs.deaths, inputs.ground, inputs.dose, every, options).corridors
    out: dict[str, Panel] = {}
    for bins in (3, 5, 10):
        ground = rebinned(inputs.ground, bins)
        placed = place_records(inputs.deaths, ground)
        used = {n: records_used(inputs.deaths, placed, every, o) for n, o in choices.items()}
        for window, years in windows.items():
            if len(years) < 5:
                continue
            everyone = replace(options, min_records_before=0)
            base = build_panel(inputs.deaths, ground, inputs.dose, years, everyone, placed)
            inside = placed["year"].between(years[0], years[-1]).to_numpy(bool)
            for name, records in used.items():
                counts = count_records(inputs.deaths, placed, ground, years, records & inside)
                data = base.data.assign(deaths=(base.data["deaths"].dims, counts))
                panel = Panel(data.sel(corridor=entered), base.left_out, base.flow)
                if window.startswith("without"):
                    panel = _cut(panel, range(2020, 2024))
                out[f"{bins} bins, {window}, {name}"] = panel
    return out


def _battery(
    inputs: Inputs,
    options: PanelOptions,
    panel: Panel,
    headline: Headline,
    stream: Callable[[str], np.random.Generator],
    draws: int | None,
    parents: str,
) -> tuple[list[Estimate], dict[str, bool | None]]:
    """Run R1-R5, R8-R11 and the given panels; return rows and the gates they decide."""
    others = _panels(inputs, options, panel) | dict(inputs.panels)
    rows = robustness.variants(others, stream("variants"), draws=draws)
    by_name = {r.analysis: r for r in rows}
    left = robustness.leave_one_out(panel, headline)
    dates = robustness.placebo_dates(panel, stream("placebo"), draws=draws, parents=parents)
    trend = robustness.pre_trend(panel, stream("trend"), draws=draws, parents=parents)
    towers = robustness.placebo_towers(panel, headline, inputs.placebo_doses, parents=parents)
    fresh = build_panel(
        inputs.deaths, inputs.ground, inputs.dose, inputs.years,
        replace(options, pmi=FRESH, min_records_before=0),
    ).data.sel(corridor=panel.data["corridor"])  # fmt: skip
    counts = np.asarray(fresh["deaths"].sum("ground").values, float)
    tilt = fresh_against_skeletal(panel, counts, stream("tilt"), draws=draws, parents=parents)
    bound, enough = detection_bound(headline, tilt, parents)
    held = robustness.adjusted(
        panel, inputs.covariates, stream("adjusted"), draws=draws, parents=parents
    )
    gps, control = by_name["R4.gps"], by_name["R3.negative_control_causes"]
    gates: dict[str, bool | None] = {
        "sign_gps_only": _same_sign(headline.estimate, gps),
        "precision": _inside(headline.estimate, gps),
        "leave_one_out": robustness.same_side(left) if left else None,
        "placebo_dates": _silent(dates),
        "pre_trends_flat": _silent([trend]),
        "placebo_towers": None if towers is None else _silent([towers], want=False),
        "negative_controls": _silent([control, tilt]),
        "detection_bound": enough if tilt.estimate else None,
        "controls_separable": all(
            h.separable and _same_sign(headline.estimate, h.estimate) is not False
            for h in held.values()
        )
        if held
        else None,
    }
    rows = [
        *left, *dates, *([towers] if towers else []), *rows, tilt, trend,
        robustness.ols_shares(panel, headline, parents), *(h.estimate for h in held.values()),
        bound, *e_value(headline, parents),
    ]  # fmt: skip
    return rows, gates


def _panels(inputs: Inputs, options: PanelOptions, panel: Panel) -> dict[str, Panel]:
    """Panels of other records, bins and windows, by the name of their row."""

    def of(deaths: gpd.GeoDataFrame, **changes: object) -> Panel:
        chosen = replace(options, **changes)  # type: ignore[arg-type]
        return build_panel(deaths, inputs.ground, inputs.dose, inputs.years, chosen)

    deaths = inputs.deaths
    out = {
        "R3.negative_control_causes": of(deaths, only_causes=CONTROL_CAUSES, without_causes=()),
        "R3.fresh": of(deaths, pmi=FRESH),
        "R3.skeletal": of(deaths, pmi=SKELETAL),
        "R3.all_causes": of(deaths, without_causes=()),
        "R4.gps": of(deaths, precision=("gps",)),
    }
    for bins in (3, 10):
        ground = rebinned(inputs.ground, bins)
        out[f"R5.bins_{bins}"] = build_panel(deaths, ground, inputs.dose, inputs.years, options)
    until = tuple(y for y in inputs.years if y <= 2019)
    if 5 <= len(until) < len(inputs.years):
        out["window.to_2019"] = build_panel(deaths, inputs.ground, inputs.dose, until, options)
        out["window.without_title_42"] = _cut(panel, range(2020, 2024))
    manager = deaths["land_manager"].astype("string").fillna("")
    for name, word in inputs.land.items():
        inside = manager.str.contains(word, regex=False).to_numpy(bool)
        if inside.any() and not inside.all():
            out[f"land.{name}"] = of(deaths[inside])
            out[f"land.outside_{name}"] = of(deaths[~inside])
    return out


def _imputed(
    inputs: Inputs,
    options: PanelOptions,
    stream: Callable[[str], np.random.Generator],
    imputations: int,
    draws: int | None,
    parents: str,
) -> Pooled:
    drawn = impute_panels(
        inputs.deaths,
        inputs.ground,
        inputs.dose_draws or [inputs.dose],
        inputs.years,
        stream("imputation"),
        prior=inputs.density,
        panel_options=options,
        options=ImputationOptions(draws=imputations),
    )
    return pool(drawn, stream("pool"), draws=draws, parents=parents)


def _secondary(
    inputs: Inputs,
    options: PanelOptions,
    panel: Panel,
    stream: Callable[[str], np.random.Generator],
    draws: int | None,
    parents: str,
) -> list[Estimate]:
    """Run S1 to S3 and R14, as far as their inputs are there."""
    rows = event_study(panel, parents=parents)
    rows.append(cyclic_shifts(panel, stream("shifts"), parents=parents))
    placed = place_records(inputs.deaths, inputs.ground)
    used = records_used(inputs.deaths, placed, inputs.years, options)
    names = np.array([*inputs.ground.attrs["units"], ""])  # -1, outside, is the empty name
    placed["corridor"] = names[placed["unit"].to_numpy(int)]
    used &= placed["corridor"].isin(panel.corridors).to_numpy(bool)
    if inputs.density is not None:
        rows.append(
            case_control(placed[used], inputs.ground, inputs.density, inputs.dose,
                         stream("case-control"), parents=parents)
        )  # fmt: skip
    if inputs.flow_classes is not None:
        counts = class_counts(inputs.deaths[used], placed[used], panel, inputs.flow_classes)
        rows += avoidance(counts, panel.dose, panel.strata, stream("avoidance"), draws=draws,
                          parents=parents)  # fmt: skip
    return rows


def _in_view(inputs: Inputs, parents: str) -> list[Estimate]:
    """Deaths in view: GPS and under a week first, all placed records beside it."""
    if not inputs.in_view:
        return []
    sure = inputs.deaths["precision_class"].eq("gps") & inputs.deaths["pmi_class"].isin(FRESH)
    rows = []
    for suffix, keep in (("", sure), (".all_records", sure | True)):
        chosen = inputs.deaths[keep]
        rows += in_view_deaths(
            chosen, place_records(chosen, inputs.ground), inputs.ground, inputs.in_view,
            density=inputs.density, placebos=() if suffix else inputs.placebos, suffix=suffix,
            parents=parents,
        )  # fmt: skip
    return rows


def _cut(panel: Panel, years: Iterable[int]) -> Panel:
    """Take the records of some years out, keeping the years."""
    kept = ~panel.data["year"].isin(list(years))
    counts = panel.data["deaths"].where(kept, 0.0)
    return Panel(panel.data.assign(deaths=counts), panel.left_out, panel.flow)


def _same_sign(one: Estimate, other: Estimate) -> bool | None:
    if one.estimate is None or other.estimate is None:
        return None
    return (one.estimate > 1.0) == (other.estimate > 1.0)


def _inside(one: Estimate, other: Estimate) -> bool | None:
    """Whether the first estimate lies in the interval of the second, on its side of one."""
    if one.estimate is None or other.low is None or other.high is None:
        return None
    return bool(other.low <= one.estimate <= other.high and _same_sign(one, other))


def _silent(rows: Sequence[Estimate], *, want: bool = True) -> bool | None:
    """Whether no row rejects; None where none could be estimated."""
    known = [r.p > 0.05 for r in rows if r.p is not None]
    if not known:
        return None
    return all(known) if want else not any(known)
