"""The science of the funnel effect: pure functions on rasters and tables.

Nothing here opens a socket, starts a cluster, chooses a path, or reads the clock or the
environment; `flows` does that and calls this package.
"""
