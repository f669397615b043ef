"""What every room of flows stands on: steps, store, code version, settings, executor."""
