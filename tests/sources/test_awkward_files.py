"""Files as people bring them: other units, encodings, titles, dates; never a row echoed."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from geo import sources
from geo.errors import InputProblems, LayoutError

HEAD = "name,latitude,longitude,range_miles,installed\n"
ROWS = "Torre \u00d1,31.5,-111.5,7.5,2015-09\nB,31.6,-111.6,8,2016\n"
KML = '<?xml version="1.0" encoding="{}"?><kml><Document>{}</Document></kml>'
PIN = "<Placemark><name>{}</name>{}</Placemark>"
POINT = "<Point><coordinates>-111.5,31.5,0</coordinates></Point>"


def read(folder, name, content, role="towers", columns=None):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    day = date(2024, 1, 1)
    return sources.read(path, role=role, source_id="s", columns=columns, as_of=day)


@pytest.mark.parametrize(
    ("title", "cells", "field", "first"),
    [
        ("Range (NM)", ("6", "7"), "range_m", 11_112),
        ("range nautical miles", ("6", "7"), "range_m", 11_112),
        ("detection range in miles", ("7.5", "8"), "range_m", 12_070),
        ("rangeKm", ("12", "13"), "range_m", 12_000),
        ("alcance (km)", ("12", "13"), "range_m", 12_000),
        ("range", ("7.5 mi", "13 km"), "range_m", 12_070),
        ("height_feet", ("160", "80"), "height_m", 49),
        ("Height (yards)", ("50", "60"), "height_m", 46),
        ("altura (pies)", ("160", "80"), "height_m", 49),
        ("height", ("160'", "80 ft"), "height_m", 49),
    ],
)
def test_units_come_from_title_or_cell_and_are_said(tmp_path, title, cells, field, first):
    rows = f"A,31.5,-111.5,{cells[0]}\nB,31.6,-111.6,{cells[1]}\n"
    found = read(tmp_path, "t.csv", f"name,latitude,longitude,{title}\n{rows}")
    assert found.records[field].iloc[0] == pytest.approx(first, abs=1)
    assert "read in" in " ".join(found.warnings)


def test_a_column_of_lengths_that_is_not_read_is_named(tmp_path):
    found = read(tmp_path, "t.csv", "name,latitude,longitude,range leagues\nA,31.5,-111.5,3\n")
    assert '"range leagues" looks like a column of lengths' in " ".join(found.warnings)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_of_any_encoding_is_one_table(tmp_path, encoding, separator):
    text = (HEAD + ROWS).replace(",", separator)
    assert read(tmp_path, "t.csv", text.encode(encoding)).counts["kept"] == 2


@pytest.mark.parametrize("before", ["sep=,\n", "# made by hand\n", "Towers,,,,\n,,,,\n", "\n\n"])
def test_what_stands_above_the_titles_is_left_out(tmp_path, before):
    assert read(tmp_path, "t.csv", before + HEAD + ROWS).counts["kept"] == 2


@pytest.mark.parametrize(
    "cell", ["25-11-2015", "25.11.2015", "25 / 11 / 2015", "2015/11/25", "2015.11.25", "20151125",
             "25 nov 2015", "11/25/2015 10:30", "2015-11-25T10:00:00Z", "42333"],
)  # fmt: skip
def test_a_day_is_the_same_day_however_it_is_written(tmp_path, cell):
    found = read(tmp_path, "t.csv", f"name,latitude,longitude,installed\nA,31.5,-111.5,{cell}\n")
    assert str(found.records["active_from_earliest"].iloc[0])[:10] == "2015-11-25"


@pytest.mark.parametrize(
    ("role", "rows"),
    [
        ("towers", "Jane Doe,male,Tucson,heat\nJohn Roe,female,Yuma,cold\n"),
        ("deaths", "Jane Doe,male,Tucson,heat\nJohn Roe,female,Yuma,cold\n"),
        ("deaths", "Jane Doe,Jane Doe,x,heat\nJohn Roe,female,Yuma,cold\n"),
        ("deaths", "Jane Doe,31.52,-111.2\nJohn Roe,31.6,-111.3\n"),
        ("crosscheck", "Jane Doe;June 5 2012;Pima\nJohn Roe;June 6 2012;Yuma\n"),
        ("covariates", "Jane Doe;June 5 2012;Pima\nJohn Roe;June 6 2012;Yuma\n"),
        ("infrastructure", "Jane Doe;June 5 2012;Pima\nJohn Roe;June 6 2012;Yuma\n"),
    ],
)
def test_a_table_without_titles_never_shows_its_first_row(tmp_path, role, rows):
    for columns in (None, {"height_m": "h", "found_on": "d"}):
        with pytest.raises((LayoutError, InputProblems)) as caught:
            read(tmp_path, "t.csv", rows, role, columns)
        assert "Doe" not in str(caught.value)
        assert "Jane" not in str(caught.value)


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TITLES = ["name", "latitude", "longitude", "installed"]
TOWERS = [["A", 31.5, -111.5, date(2015, 9, 1)], ["B", 31.6, -111.6, date(2016, 1, 1)]]


@pytest.mark.parametrize(
    "sheets",
    [
        [[[None, *TITLES], *([None, *row] for row in TOWERS)]],
        [[[*TITLES[:2], None, *TITLES[2:]], *([*r[:2], None, *r[2:]] for r in TOWERS)]],
        [[[], [], TITLES, [], TOWERS[0], [], [], TOWERS[1], []]],
        [[["Towers, 2020"], [], TITLES, *TOWERS]],
        [[["read me"], ["the towers stand on the next sheet"]], [TITLES, *TOWERS]],
        [[], [TITLES, *TOWERS]],
    ],
)
def test_a_workbook_is_read_with_its_blank_columns_rows_and_sheets(tmp_path, sheets):
    assert read(tmp_path, "t.xlsx", workbook(*sheets)).counts["kept"] == 2


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (PIN.format("a", POINT) + PIN.format("b", "<address>here</address>"), (2, 1)),
        (PIN.format("a", POINT) + PIN.format("a", POINT.replace("31.5", "31.6")), (2, 2)),
        (PIN.format("a", POINT) * 2, (2, 1)),
        (PIN.format("", POINT) + PIN.format("", POINT.replace("31.5", "31.6")), (2, 2)),
        (PIN.format("a", f"<MultiGeometry>{POINT}</MultiGeometry>"), (1, 1)),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_pins_are_read_or_counted_aside(tmp_path, content, counts, encoding):
    text = KML.format(encoding, content).encode(encoding)
    found = read(tmp_path, "t.kml", text)
    assert (found.counts["read"], found.counts["kept"]) == counts
    assert found.counts["quarantined"] == counts[0] - counts[1]


def test_signs_as_they_are_typeset_are_read(tmp_path):
    rows = "A,31.5\u00b0,\u2212111.5\nB,31.6,-111.6\n"
    found = read(tmp_path, "t.csv", "name,latitude,longitude\n" + rows)
    assert found.records.geometry.x.tolist() == [-111.5, -111.6]


def test_persons_without_end_and_years_beyond_all_cost_their_row_alone(tmp_path):
    rows = "".join(f"2012-01-{n:02d},31.{n},-111.{n},1\n" for n in range(1, 9))
    odd = "2012-02-01,31.1,-111.1,inf\n1677-01-01,31.2,-111.2,1\n2263-01-01,31.2,-111.2,1\n"
    head = "found_on,latitude,longitude,persons\n"
    found = read(tmp_path, "t.csv", head + rows + odd, "deaths")
    assert (found.counts["kept"], found.counts["quarantined"]) == (8, 3)
