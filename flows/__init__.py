"""The walk through the rooms: files, network, cluster, clock, progress, command line."""
