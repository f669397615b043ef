"""Agreement with R (stored fixtures; `fixtures/peers.R` makes them) and with Python peers."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, box

from geo.inference.estimation.fixed_effects import Design
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.uncertainty import jackknife
from geo.inference.spatial.patterns import cross_k, discovered, k_function, local_g_star, moran

FIXTURES = Path(__file__).parent / "fixtures"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(FIXTURES / name, skipinitialspace=True)


def test_k_and_cross_k_agree_with_spatstat():
    points, k = table("points.csv"), table("k.csv")
    xy, kind = points[["x", "y"]].to_numpy(), points["type"].to_numpy()
    radii = k["r"].to_numpy()
    window = box(0, 0, 10, 6)
    assert k_function(xy, window, radii, "none") == pytest.approx(k["none"], abs=1e-9)
    assert k_function(xy, window, radii) == pytest.approx(k["translate"], abs=1e-9)
    ell = Polygon([(0, 0), (10, 0), (10, 3), (4, 3), (4, 6), (0, 6)])
    inside = (xy[:, 0] <= 4) | (xy[:, 1] <= 3)
    # spatstat rasterises a polygon to 128 cells before shifting it; ours is exact
    assert k_function(xy[inside], ell, radii) == pytest.approx(k["polygon"], rel=5e-3)
    both = cross_k(xy[kind == 1], xy[kind == 2], window, radii)
    assert both == pytest.approx(k["cross"], abs=1e-9)


def rook(side: int) -> np.ndarray:
    row, col = np.divmod(np.arange(side * side), side)
    away = np.abs(row[:, None] - row) + np.abs(col[:, None] - col)
    return (away == 1).astype(float)


def test_gi_star_and_moran_agree_with_spdep_and_esda():
    cells = table("cells.csv")
    value = cells["value"].to_numpy(float)
    weights = rook(6)
    star = local_g_star(value, weights + np.eye(36))
    assert star == pytest.approx(cells["gstar"], abs=1e-9)
    assert moran(value, weights) == pytest.approx(cells["moran"][0], abs=1e-9)
    esda, libpysal = pytest.importorskip("esda"), pytest.importorskip("libpysal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own deprecations
        lattice = libpysal.weights.lat2W(6, 6)
        peer = esda.G_Local(value, lattice, transform="B", star=True, permutations=0)
        assert star == pytest.approx(peer.Zs, abs=1e-9)
        assert esda.fdr(np.linspace(0.001, 0.9, 50)) > 0
    assert discovered(np.array([0.001, 0.8, 0.02, 0.9])).tolist() == [True, False, True, False]


def test_fixed_effects_poisson_and_its_jackknife_agree_with_r():
    """R's glm stops at a relative deviance of 1e-8, which leaves 1e-6 in a coefficient."""
    rows = table("poisson.csv")
    shape = (5, 3, 8)
    index = tuple(rows[c].to_numpy() - 1 for c in ("unit", "bin", "year"))
    y, x = np.zeros(shape), np.zeros(shape)
    y[index], x[index] = rows["y"], rows["x"]
    design = Design(y, x[None], np.arange(3))
    assert fit(design).beta[0] == pytest.approx(rows["beta"][0], abs=1e-6)
    interval = jackknife(design, np.arange(5))
    assert interval.covariance[0, 0] == pytest.approx(rows["jackknife"][0], rel=1e-4)


def test_crv3_agrees_with_pyfixest():
    """Without its own small-sample factors the peer leaves out (G - 1)/G as well."""
    pyfixest = pytest.importorskip("pyfixest")
    rows = table("poisson.csv")
    for name, one, two in (("a", "unit", "bin"), ("b", "unit", "year"), ("c", "bin", "year")):
        rows[name] = rows[one] * 100 + rows[two]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own deprecations
        plain = pyfixest.ssc(k_adj=False, G_adj=False)
        peer = pyfixest.fepois("y ~ x | a + b + c", rows, vcov={"CRV3": "unit"}, ssc=plain)
    assert 4 / 5 * peer.se().iloc[0] ** 2 == pytest.approx(rows["jackknife"][0], rel=1e-3)


def test_did_of_covered_corridors_agrees_with_diff_diff():
    """Two groups and one date: the shift between corridors is diff-diff's Poisson ETWFE."""
    diff_diff = pytest.importorskip("diff_diff")
    if not hasattr(diff_diff, "WooldridgeDiD"):
        pytest.skip("this diff-diff has no Poisson ETWFE")
    rng = np.random.default_rng(3)
    rows = pd.DataFrame([(u, t) for u in range(8) for t in range(2001, 2009)], columns=["u", "t"])
    rows["first"] = np.where(rows["u"] < 4, 2005, 0)
    treated = (rows["first"] > 0) & (rows["t"] >= 2005)
    rows["y"] = rng.poisson(np.exp(3.0 + 0.1 * rows["u"] + 0.5 * treated)).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own deprecations
        peer = diff_diff.WooldridgeDiD(method="poisson").fit(
            rows, outcome="y", unit="u", time="t", cohort="first"
        )
    y = rows["y"].to_numpy().reshape(8, 1, 8)
    x = treated.to_numpy(float).reshape(1, 8, 1, 8)
    ours = float(fit(Design(y, x, np.zeros(1, int), condition=False)).beta[0])
    fitted = fit(Design(y, x, np.zeros(1, int), condition=False)).mu[x[0] > 0]
    average = float((fitted - fitted / np.exp(ours)).mean())
    assert peer.overall_att == pytest.approx(average, rel=0.05)
