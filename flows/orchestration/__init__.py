"""Prefect: flows, deployments, artifacts and the session they need."""
