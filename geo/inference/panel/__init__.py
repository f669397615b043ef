"""Panels of counts by corridor, hardness bin and year."""
