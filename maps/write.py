"""The writer: template, style and scripts become one file that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from jinja2.utils import htmlsafe_json_dumps

from geo.errors import EvidenceError
from maps import leaflet

REPOSITORY = "https://github.com/funnel-effect/funnel-effect"
ALLOWED = (REPOSITORY, "https://leafletjs.com", "http://www.w3.org/2000/svg")
"""Addresses that may stand in a script or style of the page: links and names, never fetched."""

_SCRIPTS = ("state.js", "layers.js", "panel.js", "take.js", "controls.js", "story.js")
_ADDRESS = re.compile(r"https?://[^\s\"'`<>)]+", re.IGNORECASE)


def write(template: str, context: dict[str, Any], map_script: str, facts: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    template
        Name of the Jinja template in this package; everything it prints is escaped.
    context
        What the template prints.
    map_script
        Script of the Folium map.
    facts
        What the page's own script reads, as data and never as code.

    Raises
    ------
    EvidenceError
        If a script or style would name an address outside the page.
    """
    own = "\n".join(_own(name) for name in _SCRIPTS)
    script = f"(function () {{\n'use strict';\n{map_script}\n{own}\n}}());\n"
    style = leaflet.style() + _own("page.css")
    for text in (leaflet.script(), own, style):
        _refuse_addresses(text)
    return _environment().get_template(template).render(
        **context,
        leaflet=leaflet.script(),
        script=script,
        style=style,
        facts=htmlsafe_json_dumps(facts, sort_keys=True, separators=(",", ":")),
        policy=_policy([leaflet.script(), script], [style]),
    )  # fmt: skip


def _policy(scripts: list[str], styles: list[str]) -> str:
    """Return a Content-Security-Policy that lets exactly these scripts and styles live."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(_hash(s) for s in scripts),
            "style-src " + " ".join(_hash(s) for s in styles),
            "img-src data:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _refuse_addresses(text: str) -> None:
    for found in _ADDRESS.findall(text):
        if not found.startswith(ALLOWED):
            raise EvidenceError(f"the page would name the address {found}; remove it")


@cache
def _own(name: str) -> str:
    return files("maps").joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("maps", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
