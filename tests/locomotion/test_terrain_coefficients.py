"""Terrain coefficients: two tables, two types, every class of the legends."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import xarray as xr

from geo import parameters
from geo.errors import UnitsError
from geo.locomotion import (
    EnergyCoefficient,
    TimeCoefficient,
    energy_coefficients,
    metabolic,
    snow_coefficient,
    time_coefficients,
)
from geo.locomotion.terrain import LEGENDS, energy_values, time_values


def cover(codes):
    values = np.atleast_2d(np.array(codes, np.uint8))
    return xr.DataArray(
        values, dims=("y", "x"), attrs={"units": "1", "grid_mapping": "spatial_ref"}
    )


def test_known_classes_of_nlcd():
    codes = cover([52, 22, 71, 11, 255])
    energy = energy_coefficients(codes, "nlcd").values
    time = time_coefficients(codes, "nlcd").values
    np.testing.assert_allclose(energy.values[0], [1.3, 1.0, 1.1, np.nan, np.nan], rtol=1e-6)
    np.testing.assert_allclose(time.values[0], [1.67, 1.0, 1.35, np.nan, np.nan], rtol=1e-6)
    assert (energy.name, time.name) == ("terrain_energy", "terrain_time")
    assert energy.dtype == np.float32
    assert energy.attrs["grid_mapping"] == "spatial_ref"


@pytest.mark.parametrize("legend", LEGENDS)
def test_every_class_of_a_legend_has_both_coefficients_in_range(legend):
    codes = sorted(parameters.load("terrain_coefficients")[legend].value)
    energy = energy_coefficients(cover(codes), legend).values.values[0]
    time = time_coefficients(cover(codes), legend).values.values[0]
    np.testing.assert_array_equal(np.isnan(energy), np.isnan(time))
    known = energy[np.isfinite(energy)]
    assert ((known >= 1.0) & (known <= 2.1)).all()
    assert np.nanmax(time) <= 5.0


def test_range_of_scrub_brackets_its_value():
    bounds = [energy_coefficients(cover([52]), "nlcd", b) for b in ("low", "value", "high")]
    assert [float(b.values[0, 0]) for b in bounds] == pytest.approx([1.1, 1.3, 1.5])


def test_codes_of_another_product_are_refused():
    with pytest.raises(UnitsError, match=r"worldcover does not: \[52"):
        energy_coefficients(cover([10, 52]), "worldcover")
    with pytest.raises(UnitsError, match="legend"):
        time_coefficients(cover([10]), "corine")
    with pytest.raises(UnitsError, match="nlcd does not"):
        energy_coefficients(cover([52]).astype(float) + 0.5, "nlcd")


def test_the_two_kinds_do_not_mix_in_any_disguise():
    codes = cover([52, 71])
    time, energy = time_coefficients(codes, "nlcd"), energy_coefficients(codes, "nlcd")
    for wrong in (time, time.values, EnergyCoefficient(time.values), TimeCoefficient(1.2)):
        with pytest.raises(UnitsError, match="energy table"):
            energy_values(wrong)
    for wrong in (energy, energy.values, TimeCoefficient(energy.values)):
        with pytest.raises(UnitsError, match="time table"):
            time_values(wrong)
    assert energy_values(energy) is energy.values
    power = metabolic.lcda_backpacking(70, 10, 1.0, 0.0, energy)
    assert power.attrs["units"] == "W"


def test_snow():
    cubic = snow_coefficient(np.array([0.0, 10.0])).values
    np.testing.assert_allclose(cubic, [1.260, 2.842], atol=5e-4)


@pytest.mark.real
def test_real_land_cover_of_zion(real_data):
    with rasterio.open(real_data / "landcover" / "zion_nlcd2011.tif") as source:
        codes = xr.DataArray(source.read(1), dims=("y", "x"), attrs={"units": "1"})
    energy = energy_coefficients(codes, "nlcd").values
    land = (codes != 255) & (codes != 11)
    assert bool(np.isfinite(energy.where(land, 1.0)).all())
    assert bool(np.isnan(energy.where(~land)).all())
    assert 1.1 < float(energy.mean()) < 1.4
