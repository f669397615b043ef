"""Weather of a study: what air, sun and wind were by month and hour of day."""

from __future__ import annotations

from geo.climate.weather import Weather

__all__ = ["Weather"]
