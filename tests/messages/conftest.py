"""Made-up findings and a publisher on this machine, of other rooms, serve these tests too."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path += [str(TESTS), str(TESTS / "evidence")]
