"""What became of every row: a cross-check is compared, and no row of it is used."""

from __future__ import annotations

from datetime import date

from flows.core.stage import Input
from flows.stages.ingest import COMPARED_ALONE, _kept, counted, read_fitted
from flows.workflow.studies import locate
from geo import sources

IOM = """Web ID,Reported Date,Total Dead and Missing,Cause of Death,Region of Incident,\
Migration Route,Information Source,Source Quality,Location Coordinates,Reported Year,\
Number Dead,Location Description,URL
2015.MMUS1,"August 1, 2015",1,Exposure,US-Mexico Border,r,a,4,"31.9, -111.9",2015,1,Desert,
2015.MMUS2,"August 2, 2015",2,Exposure,US-Mexico Border,r,a,4,"32.0, -111.8",2015,2,Desert,
"""


def test_no_row_of_a_cross_check_is_used(tmp_path):
    path = tmp_path / "iom.csv"
    path.write_text(IOM, "utf-8")
    reading = sources.read(path, role="crosscheck", source_id="iom", as_of=date(2026, 1, 1))
    given = Input(path, "crosscheck", "iom", {"sha256": "a" * 64})
    table = counted([(given, reading)])
    by_step = table.groupby("step")["records"].sum()
    assert by_step["read"] == 2
    assert "used" not in by_step
    assert by_step["read"] == by_step.drop("read").sum()
    assert set(table.loc[table["step"] == "excluded", "reason"]) == {COMPARED_ALONE}


FCC = """radio_service_desc,lic_name,entity_type_desc,grant_date,expired_date,lat,long,\
license_id,source_system,callsign,rollup_entity_desc,hgt_structure
Experimental,Acme Inc,Corporation,01/01/2010,01/01/2012,31.9,-111.9,1,ELS,A,,
Experimental,Acme Inc,Corporation,01/01/2010,01/01/2012,26.1,-98.2,2,ELS,B,,
"""


def test_a_site_outside_the_area_is_counted_and_enters_no_table(tmp_path):
    path = tmp_path / "fcc.csv"
    path.write_text(FCC, "utf-8")
    given = Input(path, "infrastructure", "fcc-experimental", {"sha256": "b" * 64})
    reading = read_fitted(locate("arizona").study, given)
    by_step = counted([(given, reading)]).set_index("step")
    assert by_step["records"].to_dict() == {"read": 2, "excluded": 1, "used": 1}
    assert by_step["reason"]["excluded"] == sources.OUTSIDE_AREA
    kept = _kept(reading)
    assert kept.geometry.y.tolist() == [31.9]
    assert "exclusion_reason" not in kept
