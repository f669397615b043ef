"""The walk through the rooms: files, network, cluster, clock, progress, command line.

Importing this package sets defaults that must stand before NumPy, GDAL or Prefect load: one BLAS
thread (a fixed order of sums, hence identical bytes), a small cache of raster blocks and no
telemetry.
"""

from __future__ import annotations

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
for _name, _value in {
    # megabytes: by default a twentieth of the machine's memory, which a run would hold to its end
    "GDAL_CACHEMAX": "64",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # an ephemeral API needs 15-25 s to start; the default limit of 20 s fails now and then
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    "PREFECT_CLI_PROMPT": "false",
}.items():
    os.environ.setdefault(_name, _value)
