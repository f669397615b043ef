"""How many runs may ask one publisher at once, whatever machine they are on."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flows.fetch.catalogue import load
from flows.workflow.studies import locate

LEASE_S = 120.0
"""Operational: a run that dies frees its place at a publisher after this long, seconds."""
AT_ONCE = 1
"""Operational: runs that may ask one publisher at once; `prefect gcl update` changes it."""


def publishers(study: str) -> list[str]:
    """Return the names of the limits of every publisher that a study may ask."""
    entries = load()
    hosts = {
        urlsplit(entries[s.id].url).hostname
        for s in locate(study).study.sources
        if s.id in entries and entries[s.id].fetchable
    }
    return sorted(limit_of(host) for host in hosts if host)


def every_publisher() -> list[str]:
    """Return the names of the limits of every publisher of the catalogue."""
    hosts = {urlsplit(entry.url).hostname for entry in load().values() if entry.fetchable}
    return sorted(limit_of(host) for host in hosts if host)


def limit_of(host: str) -> str:
    """Return the name of a publisher's limit.

    Examples
    --------
    >>> from flows.orchestration.limits import limit_of
    >>> limit_of("www2.census.gov")
    'publisher-www2-census-gov'
    """
    return f"publisher-{re.sub(r'[^a-z0-9]+', '-', host.lower())}"
