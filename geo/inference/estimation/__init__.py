"""The estimator, its permutation test and its rows."""
