"""How Prefect's API failed, told from an error: it went away, or did not come up."""

from __future__ import annotations


def without_api(error: BaseException | None) -> str | None:
    """Say how Prefect's API failed, from an error and what caused it; None if it did not.

    The steps themselves speak to no API: sources are fetched before the flow begins.
    """
    import httpx  # noqa: PLC0415 - loaded with Prefect by now

    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if "ephemeral Prefect API" in str(error):
            return "Prefect's own API did not start in time"
        if isinstance(error, httpx.HTTPError):
            return "Prefect's API went away, or does not answer"
        error = error.__cause__ or error.__context__
    return None
