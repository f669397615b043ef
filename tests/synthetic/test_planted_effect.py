"""What was planted is there, in the size that was planted, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo import funnel, synthetic
from geo.grid import cell_index, grid_of


def saturated(deaths, dose, scores):
    """Fit the primary model with every fixed effect as a dummy: log ratio and standard error."""
    corridor, number, year = np.indices(deaths.shape).reshape(3, -1)
    frame = pd.DataFrame(
        {
            "y": deaths.ravel().astype(float),
            "x": (dose[:, None, :] * scores[None, :, None]).ravel(),
            "cq": corridor * 100 + number,
            "ct": corridor * 100 + year,
            "qt": number * 100 + year,
        }
    )
    for effect in ("cq", "ct", "qt"):  # a fixed effect without any death says nothing
        frame = frame[frame.groupby(effect)["y"].transform("sum") > 0]
    dummies = pd.get_dummies(frame[["cq", "ct", "qt"]].astype("category"), dtype=float)
    design = np.column_stack([frame["x"], dummies])
    # the dummies are collinear by construction: keep what adds to the rank
    design = design[:, np.abs(np.diag(np.linalg.qr(design, mode="r"))) > 1e-8]
    y = frame["y"].to_numpy()
    mean = y + 0.1
    for _ in range(25):  # iteratively reweighted least squares (McCullagh & Nelder 1989, 2.5)
        information = (design * mean[:, None]).T @ design
        working = np.log(mean) + (y - mean) / mean
        theta = np.linalg.solve(information, design.T @ (mean * working))
        last, mean = mean, np.exp(np.clip(design @ theta, -30.0, 30.0))
        if np.abs(mean - last).max() < 1e-7:
            break
    return float(theta[0]), float(np.sqrt(np.linalg.inv(information)[0, 0]))


@pytest.fixture(scope="module")
def scores(tiny):
    return funnel.bin_scores(tiny.inference.bins)


def test_expected_numbers_hold_exactly_the_planted_ratio(small_world, tiny, scores):
    found, _ = saturated(small_world.expected.values, small_world.dose.values, scores)
    assert found == pytest.approx(np.log(tiny.synthetic.rate_ratio), abs=1e-5)
    assert float(small_world.expected.sum()) == pytest.approx(tiny.synthetic.records)


def test_the_planted_ratio_is_recovered_from_draws(small_world, tiny, scores):
    found = []
    for seed in range(12):
        drawn = synthetic.draw(small_world, np.random.default_rng(seed))
        deaths = synthetic.counts(drawn, small_world).values
        found.append(saturated(deaths, small_world.dose.values, scores))
    estimate, error = np.array(found).T
    truth = np.log(tiny.synthetic.rate_ratio)
    assert (np.abs(estimate - truth) < 1.96 * error).sum() >= 9
    assert abs(estimate.mean() - truth) < 3 * error.mean() / np.sqrt(12)
    assert estimate.min() > 0


def test_without_an_effect_none_is_found(scores, built_in):
    study = built_in("tiny", rate_ratio=1.0)
    world = synthetic.world(study)
    assert synthetic.truth(study, world)["mechanism"] == "none"
    exact, _ = saturated(world.expected.values, world.dose.values, scores)
    assert exact == pytest.approx(0.0, abs=1e-5)
    deaths = synthetic.counts(synthetic.draw(world, np.random.default_rng(1)), world).values
    estimate, error = saturated(deaths, world.dose.values, scores)
    assert abs(estimate) < 3 * error


def test_deaths_on_hard_ground_out_of_view_rise_by_themselves(small_world, scores):
    in_view = small_world.in_view.values[-1] > 0.5
    treated = small_world.dose.values[:, -1] > 0
    every = pd.concat(
        [synthetic.draw(small_world, np.random.default_rng(seed)).truth for seed in range(40)]
    )
    row, col, _ = cell_index(grid_of(small_world.labels), every["x"], every["y"])
    every = every.assign(
        seen=in_view[row, col],
        treated=treated[every["corridor"]],
        late=every["year"] >= 2019,
        early=every["year"] <= 2006,
    )
    size = every.groupby("treated")[["early", "late"]].sum()

    def change(cells):
        part = every[cells].groupby("treated")[["early", "late"]].sum() / size
        return part.loc[True, "late"] / part.loc[True, "early"]

    assert change((every["bin"] == len(scores) - 1) & ~every["seen"]) > 1.25
    assert change((every["bin"] == 0) & every["seen"]) < 0.6


def test_only_treated_corridors_have_a_dose_and_only_from_their_date(small_world, tiny):
    true = synthetic.truth(tiny, small_world)
    dose = small_world.dose
    assert len(true["programmes"]) == tiny.synthetic.treated
    assert len({p["start"] for p in true["programmes"].values()}) == 4
    for name in true["never_treated"]:
        assert (dose.sel(corridor=name) == 0).all()
    for name, programme in true["programmes"].items():
        year, month, _ = map(int, programme["start"].split("-"))
        began = year + (month >= 10)
        path = dose.sel(corridor=name)
        assert (path.sel(year=slice(None, began - 1)) == 0).all()
        assert float(path.sel(year=began + 1)) > 0.2
        # the replaced tower hands its dose on, so no dose ever falls
        assert (np.diff(path.values) >= -1e-9).all()


def test_hardness_and_routes_are_those_of_the_funnel_room(small_world, tiny):
    hard = small_world.hardness.values[small_world.labels.values >= 0]
    assert np.isfinite(hard).all()
    assert abs(hard.mean()) < 1e-6
    bins = funnel.hardness_bins(small_world.hardness, small_world.labels, tiny.inference.bins)
    np.testing.assert_array_equal(bins, small_world.bins)
    assert float(small_world.routes.sum()) == pytest.approx(1.0)


@pytest.mark.slow
def test_the_sample_is_as_large_as_it_says_and_its_effect_is_exact(built_in):
    study = built_in("sample")
    world = synthetic.world(study)
    assert world.dose.shape == (12, 24)
    last = np.sort(world.dose.values[:, -1])
    assert (last[:4] == 0).all()
    assert (last[4:] > 0).all()
    assert (last[6:] > 0.25).all(), "two programmes stand where few walk, and the rest do not"
    expected = world.expected.values
    assert expected.sum() == pytest.approx(study.synthetic.records)
    before = expected[:, :, :7].sum(axis=(1, 2))
    assert before.min() > 1.5 * study.inference.min_records_before
    scores = funnel.bin_scores(study.inference.bins)
    found, _ = saturated(expected, world.dose.values, scores)
    assert found == pytest.approx(np.log(study.synthetic.rate_ratio), abs=1e-4)
