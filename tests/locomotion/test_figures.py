"""Every model has a curve that an expert would recognise, with axes, role and source."""

from __future__ import annotations

import numpy as np
import pytest

from geo.locomotion import SPEED_MODELS, curves, walker

ALL = curves(walker("adult-light"))


def named(figure, label):
    (found,) = [c for c in ALL if c.figure == figure and c.label == label]
    return found


def test_every_curve_is_complete():
    assert len({(c.figure, c.label) for c in ALL}) == len(ALL)
    for curve in ALL:
        assert curve.x.shape == curve.y.shape
        assert np.isfinite(curve.y).all()
        assert "," in curve.x_label or "/" in curve.x_label
        assert curve.role in {"default", "sensitivity", "replication", "range", "measured"}
        assert len(curve.source) > 5


def test_every_figure_shows_its_default_and_every_speed_model_its_line():
    for figure in ("metabolic_rate", "speed", "slope_energy", "core_temperature", "water_loss"):
        assert any(c.figure == figure and c.role == "default" for c in ALL), figure
    assert set(SPEED_MODELS) <= {c.label for c in ALL if c.figure == "speed"}


def test_known_landmarks_of_the_curves():
    lcda = named("metabolic_rate", "LCDA graded")
    assert np.interp(10, lcda.x, lcda.y) == pytest.approx(604.8, abs=0.1)
    tobler = named("speed", "tobler")
    assert tobler.x[tobler.y.argmax()] == pytest.approx(-0.05, abs=0.0026)
    assert tobler.y.max() == pytest.approx(6 / 3.6, rel=1e-6)
    points, fit = (named("net_cost", f"Minetti et al. 2002, {n}") for n in ("measured", "fitted"))
    steep = points.x.argmax()
    assert np.interp(points.x[steep], fit.x, fit.y) == pytest.approx(points.y[steep], rel=0.05)
    assert (np.diff(named("water_loss", "ISO 7933:2023, sun").y) > 0).all()
