"""A study of a small area, and an entry of the catalogue for its records."""

from __future__ import annotations

from flows.fetch.catalogue import Entry, load
from geo.study import Source, parse

STUDY = """
name = "here"
title = "Here"
as_of = 2024-10-01
seed = 1
crs = "EPSG:32612"
bounds_lonlat = [-111.8, 31.3, -111.4, 31.7]
pre_tower = [2000-10-01, 2007-06-01]
[grid]
resolution_m = 1000
[[periods]]
id = "all"
label = "All"
start = 2021-10-01
end = 2024-10-01
"""


def study(*given):
    return parse(STUDY, "here").model_copy(update={"sources": tuple(given)})


def entry(url, **fields):
    base = load()["ogis-deaths"].model_dump()
    return Entry.model_validate({**base, "url": url, "hosts": (), **fields})


DEATHS = Source(id="records", role="deaths")
