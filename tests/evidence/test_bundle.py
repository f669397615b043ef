"""The bundle: whole, the same bytes every time, and readable by other people's programs."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
from dataclasses import replace

import pytest
from made_up_findings import without

from geo.errors import EvidenceError
from geo.evidence import write_bundle, write_restricted
from geo.records import CLASS_LABELS


def test_sha256sum_accepts_the_manifest(bundle):
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=bundle, check=True)


def test_two_folders_hold_the_same_bytes_whatever_the_restricted_side_holds(
    bundle, found, tmp_path
):
    """The other folder holds an earlier run, of which its log alone may stay."""
    pages = {n: (bundle / n).read_bytes() for n in ("maps/funnel.html", "maps/funnel.png")}
    run_log, left = (tmp_path / "elsewhere" / name for name in ("run-log", "tables"))
    for folder in (run_log, left):
        folder.mkdir(parents=True)
    (run_log / "times.jsonl").write_text("{}\n")
    (left / "left-over.csv").write_text("x\n")
    (left.parent / "study.toml").write_bytes((bundle / "study.toml").read_bytes())
    again = write_bundle(left.parent, replace(found, case_keys={}), pages)
    assert (again / "SHA256SUMS").read_bytes() == (bundle / "SHA256SUMS").read_bytes()
    assert (run_log / "times.jsonl").exists()
    assert not (left / "left-over.csv").exists()


def test_a_bundle_of_almost_nothing_is_written_all_the_same(found, tmp_path):
    bare = without(found, *found.tables, *found.rasters)
    folder = write_bundle(tmp_path / "bare", bare, {})
    assert (folder / "memo" / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_of_something_else_is_left_alone(found, tmp_path):
    (tmp_path / "thesis.txt").write_text("do not delete")
    with pytest.raises(EvidenceError, match="no bundle"):
        write_bundle(tmp_path, found, {})
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("name", ["../out.html", "/out.html", "tables/x.csv"])
def test_a_page_cannot_leave_its_place(found, tmp_path, name):
    with pytest.raises(EvidenceError, match="may not be written"):
        write_bundle(tmp_path, found, {name: ""})


def test_made_up_records_say_so_everywhere(bundle, tables):
    import zipfile

    for name in tables:
        lines = (bundle / "tables" / f"{name}.csv").read_text().splitlines()
        assert lines[0].startswith("data_status,")
        assert all(line.startswith("SYNTHETIC,") for line in lines[1:2])
    for page in (
        "index.html",
        "memo/brief.html",
        "memo/report.html",
        "memo/annex.html",
        "study.toml",
    ):
        assert "SYNTHETIC" in (bundle / page).read_text().replace("[synthetic]", "SYNTHETIC")
    for figure in (bundle / "figures").glob("*.svg"):
        made_up = "Registros SINTÉTICOS." if ".es." in figure.name else "SYNTHETIC records."
        assert made_up in figure.read_text("utf-8")
    book = zipfile.ZipFile(bundle / "tables" / "evidence.xlsx")
    assert "SYNTHETIC" in book.read("xl/sharedStrings.xml").decode()
    text = subprocess.run(
        ["pdftotext", bundle / "memo" / "report.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert text.count("SYNTHETIC") >= text.count("\f")


def test_the_geopackage_opens_with_its_styles(bundle, tables):
    import pyogrio
    from defusedxml.ElementTree import fromstring

    path = bundle / "tables" / "evidence.gpkg"
    layers = {name for name, _ in pyogrio.list_layers(path)}
    assert set(tables) <= layers
    cells = pyogrio.read_dataframe(path, layer="deaths_by_cell_block")
    assert cells.crs == "EPSG:4326"
    assert len(cells) == len(tables["deaths_by_cell_block"])
    with sqlite3.connect(path) as db:
        styles = db.execute("SELECT f_table_name, styleQML, styleSLD FROM layer_styles").fetchall()
        stamps = {r[0] for r in db.execute("SELECT last_change FROM gpkg_contents")}
    assert {"deaths_by_cell_block", "towers"} <= {s[0] for s in styles}
    for _, qml, sld in styles:
        style = fromstring(qml, forbid_dtd=False)
        assert style.tag == "qgis"
        if style.find("renderer-v2").get("attr") == "deaths_class":  # as the page draws them
            assert tuple(c.get("value") for c in style.iter("category")) == CLASS_LABELS
        fromstring(sld)
    assert stamps == {"2026-01-01T00:00:00.000Z"}
    blocks = sorted(tables["deaths_by_cell_block"]["block"].unique())
    views = {f"{kind}_{b.replace('-', '_')}" for kind in ("deaths", "towers") for b in blocks}
    assert views <= layers
    assert views <= {s[0] for s in styles}
    for block in blocks:
        shown = pyogrio.read_dataframe(path, layer=f"deaths_{block.replace('-', '_')}")
        assert set(shown["block"]) == {block}
        assert len(shown) == (cells["block"] == block).sum()
        assert shown.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    stood = [len(pyogrio.read_dataframe(path, layer=f"towers_{b.replace('-', '_')}"))
             for b in blocks]  # fmt: skip
    assert stood == sorted(stood)
    assert 0 < stood[-1] <= len(tables["towers"])


def test_the_restricted_tree_is_closed_and_apart(closed_tree, bundle, found, tmp_path):
    assert stat.S_IMODE(closed_tree.stat().st_mode) == 0o700
    files = [p for p in closed_tree.rglob("*") if p.is_file()]
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=closed_tree, check=True)
    with pytest.raises(EvidenceError, match="inside the public bundle"):
        write_restricted(bundle / "closed", found)
    rows = (closed_tree / "records.csv").read_text().splitlines()
    assert len(rows) == len(found.table("deaths")) + 1


def test_the_chain_of_custody_ends_with_the_hash_of_the_restricted_side(bundle):
    last = json.loads((bundle / "custody.jsonl").read_text().splitlines()[-1])
    assert last["event"] == "restricted"
    assert set(last) == {"n", "previous", "event", "file", "sha256", "made_public"}
