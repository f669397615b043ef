"""A download that broke off: what is there already, and under which validator it may go on."""

from __future__ import annotations

import json
from pathlib import Path

import httpx


def marks(part: Path) -> Path:
    """Return where the validators of a part are kept."""
    return part.with_name(part.name + ".json")


def remember(part: Path, url: str, response: httpx.Response) -> None:
    """Keep the validators under which a download that breaks off may go on."""
    given = {"url": url, "etag": response.headers.get("etag")}
    given["last_modified"] = response.headers.get("last-modified")
    marks(part).write_text(json.dumps(given), "utf-8")


def begun(part: Path, url: str) -> str | None:
    """Return the validator under which a broken-off download may go on, or None."""
    try:
        given = json.loads(marks(part).read_text("utf-8"))
        whole = part.stat().st_size > 0
    except (OSError, ValueError):
        return None
    etag = given.get("etag")
    validator = etag if etag and not etag.startswith("W/") else given.get("last_modified")
    return validator if whole and given.get("url") == url else None


def forget(part: Path) -> None:
    """Remove a part and its validators."""
    part.unlink(missing_ok=True)
    marks(part).unlink(missing_ok=True)
