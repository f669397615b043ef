"""The registered analysis: inputs, imputation, headline, claim."""
