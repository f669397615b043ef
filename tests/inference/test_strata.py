"""Record systems as strata: one coefficient, and for each system its own effects and drift."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xarray as xr
from scipy.linalg import qr
from simulated_panels import by_r, panel_of

from geo import examples, inference
from geo.inference.estimation.compare import ask
from geo.inference.estimation.fixed_effects import Design
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.uncertainty import jackknife
from geo.inference.panel.eligibility import enter
from geo.inference.panel.panel import Panel
from geo.inference.panel.systems import ALONE, UNCOVERED
from geo.inference.registered.headline import primary, question
from geo.inference.registered.imputation import ImputationOptions, impute_panels
from geo.inference.robustness.strata import heterogeneity, of_systems, power_row
from geo.synthetic.panels import PanelPlan, simulate


def two_systems(seed=5, ratio=2.0, each=6, years=10):
    """Lay two systems beside each other, the second with a drift against the first's."""
    rng = np.random.default_rng(seed)
    parts = []
    for name, drift in (("west", 0.06), ("east", -0.06)):
        own = PanelPlan(
            corridors=each, bins=3, years=years, records=900, treated=each - 2, rate_ratio=ratio,
            drift=drift, gradient_sd=0.0, cell_sd=0.0,
        )  # fmt: skip
        data = simulate(own, rng)
        named = [f"{name} {c}" for c in data["corridor"].values]
        data = data.assign_coords(corridor=named)
        parts.append(data.assign(system=("corridor", [name] * each)))
    return panel_of(xr.concat(parts, "corridor"))


def explicit(panel):
    """Fit by statsmodels with a dummy for every effect; the coefficient comes first.

    The Poisson with unit-year dummies has the maximum of the multinomial (Baker 1994).
    """
    frame = panel.table().groupby(["corridor", "bin", "year"], sort=False, as_index=False).agg(
        {"deaths": "sum", "dose": "first", "slope": "first"}
    )  # fmt: skip
    frame["system"] = frame["corridor"].str.split().str[0]
    frame["x"] = frame["dose"] * frame["slope"]
    place = frame["corridor"] + "|" + frame["bin"].astype(str)
    drift = frame["system"] + "|" + frame["bin"].astype(str) + "|" + frame["year"].astype(str)
    total = frame["corridor"] + "|" + frame["year"].astype(str)
    keep = pd.Series(data=True, index=frame.index)
    for effect in (place, drift, total):
        keep &= frame["deaths"].groupby(effect).transform("sum") > 0
    dummies = [pd.get_dummies(e[keep], dtype=float) for e in (place, drift, total)]
    design = np.column_stack([1e3 * frame.loc[keep, "x"], *dummies])  # pivots come by size
    _, triangle, order = qr(design, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    chosen = np.sort(order[: int((size > 1e-9 * size[0]).sum())])
    assert chosen[0] == 0, "the coefficient of interest is no sum of dummies"
    return sm.GLM(
        frame.loc[keep, "deaths"].to_numpy(), design[:, chosen], family=sm.families.Poisson()
    ).fit(tol=1e-10, maxiter=60)  # fmt: skip


def test_one_coefficient_over_systems_is_that_of_a_glm_with_every_dummy():
    """To seven digits, by statsmodels with explicit dummies for place, corridor-year and
    system x bin x year."""
    panel = two_systems(each=4, years=7)
    ours = fit(question(panel).design()).beta[0]
    assert ours == pytest.approx(1e3 * explicit(panel).params[0], rel=1e-7)
    pooled = Design(panel.deaths, question(panel).design().x, np.arange(3))
    assert abs(fit(pooled).beta[0] - ours) > 1e-3, "one drift for both is another model"


def test_one_coefficient_over_systems_and_its_jackknife_agree_with_r():
    """To eight digits after the point, by R's glm with the same dummies."""
    panel = two_systems(each=4, years=7)
    fixture, found = by_r("strata")
    keys = ["corridor", "bin", "year"]
    drawn = panel.table().groupby(keys, sort=False)["deaths"].sum()
    counted = fixture.set_index(keys)["deaths"]
    assert (drawn == counted).all(), "other records are drawn: write strata.csv, run glm.R"
    ours = jackknife(question(panel).design(), np.arange(len(panel.corridors)))
    assert list(found["left_out"][1:]) == panel.corridors
    assert ours.beta[0] == pytest.approx(found["beta"].iloc[0], abs=1e-8)
    assert ours.leave_one_out[:, 0] == pytest.approx(found["beta"].to_numpy()[1:], abs=1e-8)
    error = np.sqrt(ours.covariance[0, 0])
    assert error == pytest.approx(found["jackknife_se"].iloc[0], abs=1e-8)


def test_a_study_of_one_system_is_what_it_was():
    panel = two_systems()
    west = of_systems(panel, ["west"])
    bare = panel_of(west.data.drop_vars("system"))
    named, plain = (primary(p, np.random.default_rng(1), draws=99) for p in (west, bare))
    assert named.estimate == plain.estimate
    assert named.permutation_bounds == plain.permutation_bounds


def test_systems_of_the_same_truth_give_their_weighted_mean_and_doses_stay_in_their_system():
    panel = two_systems(ratio=2.0)
    found = ask(question(panel), np.random.default_rng(2), 199)
    each = [
        ask(question(of_systems(panel, [s])), np.random.default_rng(2), 99) for s in panel.systems
    ]
    low, high = sorted(float(a.interval.beta[0]) for a in each)
    assert low < found.interval.beta[0] < high
    assert found.interval.bounds()[0] < np.log(2.0) < found.interval.bounds()[1]
    home = panel.system
    assert (home[found.assignments.donors] == home).all(), "no dose crosses between systems"


def test_the_jackknife_is_that_of_refits_without_each_corridor():
    panel = two_systems()
    design = question(panel).design()
    units = np.arange(len(panel.corridors))
    found = jackknife(design, units).leave_one_out[:, 0]
    again = [fit(question(panel.without(corridor=c)).design()).beta[0] for c in panel.corridors]
    assert found == pytest.approx(again, abs=1e-6)


def test_totals_of_a_year_are_those_of_the_system():
    """Shares between corridors are taken within their record system."""
    panel = two_systems()
    y = panel.deaths.sum(axis=1, keepdims=True)
    design = Design(
        y, panel.dose[None, :, None, :], np.zeros(1, int), condition=False, stratum=panel.system
    )  # fmt: skip
    mu = fit(design).mu[:, 0]
    for number in (0, 1):
        own = panel.system == number
        assert mu[own].sum(axis=0) == pytest.approx(y[own, 0].sum(axis=0), abs=1e-4)


def test_who_enters_and_why_not():
    panel = two_systems()
    data = panel.data.copy()
    data["system"] = ("corridor", ["a"] * 5 + ["b"] + ["c"] * 3 + ["d"] * 2 + [""])
    dose = data["dose"].values.copy()
    dose[6:9] = 0.0
    data["dose"] = (("corridor", "year"), dose)
    kept, left_out = enter(data, 1, {"d": "described only"})
    assert set(kept["system"].values) == {"a"}
    why = dict(zip(left_out["corridor"], left_out["reason"], strict=True))
    names = [str(c) for c in data["corridor"].values]
    assert why[names[5]] == ALONE.format(system="b")
    assert {why[n] for n in names[6:9]} == {UNCOVERED.format(system="c")}
    assert {why[n] for n in names[9:11]} == {"described only"}
    assert "no record system" in why[names[11]]
    everyone, _ = enter(data, 0)
    assert len(everyone["corridor"]) == 12, "an imputation needs every corridor"


def test_systems_that_differ_are_called_so():
    alike, apart = two_systems(seed=7, ratio=1.5), two_systems(seed=7, ratio=1.0)
    strong = two_systems(seed=8, ratio=6.0)

    def ask_one(panel, system):
        rng = np.random.default_rng(3)
        return primary(of_systems(panel, [system]), rng, draws=19, invert=False)

    same = heterogeneity({s: ask_one(alike, s) for s in alike.systems})
    other = heterogeneity({"west": ask_one(apart, "west"), "east": ask_one(strong, "east")})
    assert same.p > 0.05
    assert other.p < 0.001
    assert other.estimate > 0.5
    assert heterogeneity({"west": ask_one(alike, "west")}).refused


def test_who_enters_is_settled_once_whatever_onset_is_drawn():
    """A drawn dose that begins before the records would leave a corridor out of the draws alone."""
    own, who = examples.inputs(40), examples.options()
    entered = inference.build_panel(own.deaths, own.ground, own.dose, own.years, who).corridors
    early = own.dose.assign(dose=0.5)
    drawn = impute_panels(
        own.deaths, own.ground, [early], own.years, np.random.default_rng(0),
        panel_options=who,
        options=ImputationOptions(draws=2, corridors=tuple(entered)),
    )  # fmt: skip
    assert all(p.corridors == entered for p in (*drawn.panels, *drawn.blind))
    alone = inference.build_panel(own.deaths, own.ground, early, own.years, who).corridors
    assert alone != entered


@pytest.mark.parametrize(("dose", "told"), [(1.0, True), (1e-4, False)])
def test_a_system_that_could_find_no_finite_ratio_prints_none(dose, told):
    panel = two_systems()
    data = panel.data.assign(dose=panel.data["dose"] * dose)
    attrs = {"systems": list(data["system"].values), "units": list(data["corridor"].values)}
    task = SimpleNamespace(
        panel=Panel(data, panel.left_out, panel.flow), parents="",
        inputs=SimpleNamespace(ground=SimpleNamespace(attrs=attrs)),
    )  # fmt: skip
    row = power_row(task, "west")
    assert (row.estimate is not None) is told
    assert ("no ratio per unit dose, however large" in row.sentence) is not told
