from __future__ import annotations

import csv
import io

import pytest

COLUMNS = (
    "ML Number", "Name", "Sex", "Age", "Reporting Date", "Surface Management", "Location",
    "Location Precision", "Corridor Code", "Corridor", "Cause of Death", "OME Determined COD",
    "Condition Code", "Body Condition", "Post Mortem Interval", "State", "County", "Latitude",
    "Longitude", "UTM X", "UTM Y",
)  # fmt: skip
PRECISE = "GPS Coordinate (precise to within ca. 300ft./100m)"
ROW = {
    "Name": "Unidentified", "Sex": "male", "Age": "30", "Reporting Date": "2010-07-01",
    "Surface Management": "Private", "Location": "", "Location Precision": PRECISE,
    "Corridor Code": "7", "Corridor": "San Miguel", "Cause of Death": "Exposure",
    "OME Determined COD": "", "Condition Code": "1", "Body Condition": "Fully fleshed",
    "Post Mortem Interval": "< 1 day", "State": "Arizona", "County": "PIMA", "Latitude": "31.7",
    "Longitude": "-111.7", "UTM X": "", "UTM Y": "",
}  # fmt: skip


@pytest.fixture
def ogis(tmp_path):
    """Write made-up rows in the publisher's layout; each is the common row with changes."""

    def write(*changes, name="records.csv", columns=COLUMNS, rename=None, quoting=csv.QUOTE_ALL):
        out = io.StringIO()
        writer = csv.writer(out, quoting=quoting, lineterminator="\n")
        writer.writerow([(rename or {}).get(c, c) for c in columns])
        for n, change in enumerate(changes, 1):
            row = {"ML Number": f"10-{n:05d}", **ROW, **change}
            writer.writerow([row.get(c, "") for c in columns])
        path = tmp_path / name
        path.write_text(out.getvalue(), "utf-8")
        return path

    return write
