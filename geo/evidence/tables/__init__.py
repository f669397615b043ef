"""The public tables and what may stand in them."""
