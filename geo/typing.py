"""Names of arrays that many rooms use; axes and units are named where an array is used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""Plain array of whatever type."""
Floats = NDArray[np.float64]
"""Plain float64 array."""
