"""Operating characteristics of the printed decision rule, on panels with a known truth."""
