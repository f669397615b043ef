"""Walking speed against published and recomputed values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from geo.errors import UnitsError
from geo.locomotion import SPEED_MODELS, speed


def rounded(values, digits=3):
    return np.round(np.asarray(values, float), digits).tolist()


def slope(degrees):
    return np.tan(np.radians(np.asarray(degrees, float)))


def test_tobler():
    grades = np.array([-0.5, -0.1, -0.05, 0, 0.1, 0.3])
    assert rounded(3.6 * speed.tobler(grades)) == [1.242, 5.037, 6.0, 5.037, 3.549, 1.763]
    assert speed.tobler_off_path(0.1) == pytest.approx(0.6 * speed.tobler(0.1))


def test_irmischer_clarke():
    on = speed.irmischer_clarke_on_path(np.array([0, 0.1, 0.2, 0.3, 0.5]))
    assert rounded(on) == [1.096, 0.992, 0.817, 0.616, 0.296]
    off = speed.irmischer_clarke_off_path(np.array([-0.10, -0.02, 0, 0.1, 0.2, 0.3]))
    assert rounded(off) == [0.757, 0.780, 0.779, 0.728, 0.622, 0.489]


def test_irmischer_clarke_is_signed():
    assert speed.irmischer_clarke_off_path(-0.2) > speed.irmischer_clarke_off_path(0.2)


def test_campbell_and_levan():
    median = speed.campbell(slope([-20, -10, 0, 10, 20, 30]), 50)
    assert rounded(median) == [1.207, 1.929, 2.552, 1.399, 0.879, 0.669]
    assert rounded(speed.levan_off_trail(slope([-10, 0, 10]))) == [1.601, 1.662, 1.497]
    with pytest.raises(UnitsError, match="not tabulated"):
        speed.campbell(0.0, 42)


def test_campbell_percentiles_are_ordered():
    grades = np.linspace(-0.5, 0.5, 201)
    curves = [speed.campbell(grades, p) for p in (1, 5, 10, 25, 50, 75, 90)]
    assert all((b > a).all() for a, b in itertools.pairwise(curves))


def test_walkers_of_campbell_walk():
    assert 1.0 < speed.campbell(0.0, 25) < 2.0


def test_langmuir_pace_has_its_known_jumps():
    pace = speed.langmuir_pace(slope([-5 + 1e-9, -5 - 1e-9, -12 + 1e-9, -12 - 1e-9]))
    assert rounded(pace) == [0.72, 0.545, 0.295, 1.145]


@pytest.mark.parametrize("model", SPEED_MODELS.values(), ids=lambda m: m.name)
def test_every_model_is_positive_and_continuous(model):
    grades = np.linspace(-2.0, 2.0, 40_001)
    values = model.function(grades)
    assert values.min() > 0
    assert np.abs(np.diff(values)).max() < 2e-3
    best = grades[np.argmax(values)]
    assert -0.12 < best <= 0.0
