"""A record withheld on request is counted and nothing else about it is used."""

from __future__ import annotations

import pandas as pd

from geo import sources


def test_a_withdrawn_record_is_left_out_and_counted(tmp_path):
    from datetime import date

    path = tmp_path / "deaths.csv"
    rows = pd.DataFrame(
        {
            "case": ["01-1", "01-2"],
            "day": ["2005-01-01", "2005-01-02"],
            "lat": [31.5, 31.6],
            "lon": [-111.0, -111.1],
        }
    )
    rows.to_csv(path, index=False)
    columns = {"death_id": "case", "found_on": "day", "latitude": "lat", "longitude": "lon"}
    reading = sources.read(path, role="deaths", source_id="mine", columns=columns)
    gone = sources.withheld_ids("mine", ["01-2"])
    fitted = sources.fit(
        reading.records, (-112, 31, -110, 32), date(2000, 1, 1), date(2010, 1, 1), gone
    )
    assert list(fitted["exclusion_reason"].notna()) == [False, True]
    assert fitted["exclusion_reason"].iloc[1] == sources.WITHHELD
    assert sources.case_keys(path, source_id="mine", columns=columns)[next(iter(gone))] == "01-2"
