"""Leaflet, from the installed XStatic-Leaflet package and checked by hash."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from xstatic.pkg import leaflet

from geo.errors import EvidenceError

SHA256 = {
    "leaflet.js": "5819285cec137b229c94e1ee5ad73e8b6b84345a4367d60f75fe477fe0fb7b03",
    "leaflet.css": "90b693d86392a4779c861b28cf307e7e59c3fb35328c4d8b95f58f814d38c722",
}
"""Hash of each file of Leaflet 1.9.3 that goes into a page."""

_SOURCE_MAP = "\n//# sourceMappingURL=leaflet.js.map"
_VML = "behavior: url(#default#VML);"
_IMAGES = ("images/layers.png", "images/layers-2x.png", "images/marker-icon.png")


@cache
def script() -> str:
    """Return Leaflet's script without the pointer to its source map, which a page has not."""
    return _read("leaflet.js").replace(_SOURCE_MAP, "")


@cache
def style() -> str:
    """Return Leaflet's style without comments and pictures of controls no page of ours has."""
    text = _read("leaflet.css")
    for image in _IMAGES:
        text = text.replace(f"url({image})", "none")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace(_VML, "")


def _read(name: str) -> str:
    data = (Path(leaflet.BASE_DIR) / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise EvidenceError(
            f"{name} of the installed XStatic-Leaflet is not the file this version was tested "
            f"with (SHA-256 {found}); install the locked version: make clean run"
        )
    return data.decode().replace("\r\n", "\n")  # as an HTML parser sees, and hashes, it
