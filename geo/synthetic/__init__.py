"""Made-up landscapes, towers and records with a known planted effect.

The built-in studies and every calibration come from here. Nothing in this room is about a real
place or a real person: the land lies in the open ocean, and every text says SYNTHETIC.

- `landscape`: the land alone;
- `world`: land, towers, exposures and expected numbers, all that real records hide;
- `draw`, `counts`: records of a world, and their true numbers by corridor, bin and year;
- `source_files`: the files that publishers would have published;
- `truth`: what a study's files were made from, in plain numbers.
"""

from __future__ import annotations

from geo.synthetic.deaths import Drawn, counts, draw
from geo.synthetic.files import source_files
from geo.synthetic.ground_truth import GroundTruth, world
from geo.synthetic.landscape import Landscape, landscape
from geo.synthetic.truth import truth

__all__ = [
    "Drawn",
    "GroundTruth",
    "Landscape",
    "counts",
    "draw",
    "landscape",
    "source_files",
    "truth",
    "world",
]
