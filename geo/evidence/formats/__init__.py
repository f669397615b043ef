"""File formats of the tables."""
