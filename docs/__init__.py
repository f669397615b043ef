"""Pages of the documentation site, and what writes those that follow from the code."""
