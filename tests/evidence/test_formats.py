"""The bundle's formats, judged by programs that are not ours."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import datetime

import pandas as pd
import pytest

from geo.evidence.documents.memo.blocks import DOCUMENTS
from geo.evidence.formats.sheet_layout import layout
from geo.evidence.tables.published import file_contract


def crate_issues(folder):
    """Judge a crate by the profile Process Run Crate; the terms come from the package rocrate."""
    from importlib import resources

    import requests
    import rocrate
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    terms = requests.Response()
    terms.status_code = 200
    terms.headers["Content-Type"] = "application/ld+json"
    terms._content = resources.files(rocrate).joinpath("data/ro-crate.jsonld").read_bytes()
    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="process-run-crate-0.5",
        requirement_severity=models.Severity.REQUIRED,
        skip_availability_check=True,
        offline=True,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpRequester, "get", lambda *_, **__: terms, raising=False)
        return [i.message for i in services.validate(settings).get_issues()]


# rdflib warns of its own class inside the validator, which then calls that an error.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_crate_is_valid_by_the_profile_of_process_runs(bundle, tmp_path):
    assert crate_issues(bundle) == []
    broken = shutil.copytree(bundle, tmp_path / "broken")
    path = broken / "ro-crate-metadata.json"
    crate = json.loads(path.read_text())
    for entity in crate["@graph"]:
        entity.pop("instrument", None)
    path.write_text(json.dumps(crate))
    assert any("instrument" in message for message in crate_issues(broken))


def test_the_crate_opens_with_rocrate(bundle, found):
    from rocrate.rocrate import ROCrate

    crate = ROCrate(bundle)
    assert crate.root_dataset["identifier"] == found.run_id
    actions = [e for e in crate.get_entities() if e.type == "CreateAction"]
    assert len(actions) == 1
    assert actions[0]["instrument"]["name"] == "funnel-effect"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_data_package_is_valid_by_frictionless(bundle):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.Package(str(bundle / "tables" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]


def test_the_workbook_opens_with_openpyxl_and_runs_no_formula(bundle, tables, found):
    from openpyxl import load_workbook

    book = load_workbook(bundle / "tables" / "evidence.xlsx")
    assert book.sheetnames[0] == "Findings"
    assert book.sheetnames[-1] == "dictionary"
    held = {n: f for n, f in tables.items() if len(f)}
    assert {n[:31] for n in held} == set(book.sheetnames[1:-1])
    assert book.properties.created == datetime(2026, 1, 1)  # noqa: DTZ001
    for name, frame in held.items():
        sheet = book[name[:31]]
        assert sheet.freeze_panes == "C2"
        assert sheet.max_row == len(frame) + 1
        headers = [c.value for c in sheet[1]]
        assert headers[0] == "data_status"
        own = units(name)
        for header in headers:
            column, _, unit = header.partition(" [")
            assert unit.rstrip("]") == (own[column] if own[column] != "1" else "")
        assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    text = [c.value for row in book["towers"].iter_rows() for c in row]
    assert "'=HYPERLINK(0)" in text


def test_sheets_say_on_paper_what_they_are_and_which_are_for_the_screen(bundle, tables, found):
    from openpyxl import load_workbook

    book = load_workbook(bundle / "tables" / "evidence.xlsx")
    first = {c.value for row in book["Findings"].iter_rows() for c in row if c.value}
    marked = {t.split(" (")[0] for t in map(str, first) if "large, for the screen" in t}
    large = {n for n, f in published(bundle, tables) if layout(f, units(n)).large}
    assert marked == {file_contract(n).title.split(" (")[0] for n in large}
    assert large, "the made-up tables are small: nothing is tried"
    for sheet in book:
        assert sheet.print_area
        assert found.run_id in sheet.oddHeader.left.text
        assert sheet.title == "Findings" or sheet.print_title_rows == "$1:$1"
    empty = [file_contract(n).title for n, f in tables.items() if f.empty]
    assert empty
    assert "; ".join(empty) in first


def units(name):
    return {c.name: c.unit for c in file_contract(name).columns}


def published(bundle, tables):
    """Yield every table as its sheet holds it."""
    for name in tables:
        frame = pd.read_parquet(bundle / "tables" / f"{name}.parquet")
        if len(frame):
            yield name, frame


@pytest.mark.attack
def test_the_workbook_prints_on_under_30_pages_without_what_is_for_the_screen(
    bundle, tables, tmp_path
):
    office = shutil.which("libreoffice") or shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice prints the workbook; it is not installed")
    own = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    book = bundle / "tables" / "evidence.xlsx"
    todo = [office, "--headless", own, "--convert-to", "pdf", "--outdir", tmp_path, book]
    subprocess.run(todo, check=True, capture_output=True, timeout=300)
    printed = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "evidence.pdf", "-"], capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    sheets = re.findall(r"^ *(\w+) +Page +\d+ of \d+", printed, re.MULTILINE)
    assert {"Findings", "estimates", "dictionary"} <= set(sheets)
    large = {n[:31] for n, f in published(bundle, tables) if layout(f, units(n)).large}
    assert len([s for s in sheets if s not in large]) < 30
    assert sheets.count("Findings") == 1


@pytest.mark.parametrize("stem", [d.stem for d in DOCUMENTS])
def test_a_pdf_is_sound_tagged_and_says_what_it_is(bundle, stem):
    """By qpdf; of PDF/UA the mark, language, structure and text of figures, no whole judgement."""
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf judges the PDF; it is not installed")
    path = bundle / "memo" / f"{stem}.pdf"
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)
    plain = subprocess.run(
        ["qpdf", "--qdf", "--object-streams=disable", path, "-"], capture_output=True, check=True
    ).stdout
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", plain)
    assert re.search(rb"/Lang \(en\)", plain)
    assert b"/StructTreeRoot" in plain
    page = (bundle / "memo" / f"{stem}.html").read_text("utf-8")
    assert len(re.findall(rb"/S /Figure", plain)) == page.count("<figure>")
    assert len(re.findall(rb"/Alt ", plain)) >= page.count("<figure>")


def test_gdal_reads_the_surfaces_as_cloud_optimised(bundle):
    import rasterio

    for path in sorted((bundle / "rasters").glob("*.tif")):
        with rasterio.open(path) as source:
            assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert source.tags()["data_status"] == "SYNTHETIC"
            assert source.res == (1000, 1000)


def test_csv_and_contract_agree(bundle, tables):
    for name in tables:
        frame = pd.read_csv(bundle / "tables" / f"{name}.csv", dtype=str)
        assert tuple(frame.columns) == file_contract(name).names


def test_every_figure_speaks_to_those_who_cannot_see_it(bundle):
    from PIL import Image

    drawn = sorted((bundle / "figures").glob("*.svg"))
    pictures = [p for p in drawn if not p.stem.endswith(("-phone", ".es"))]
    assert len(pictures) == 7
    assert len(drawn) == 10, "the central one has a form for phones, and both one in Spanish"
    page = (bundle / "memo" / "report.html").read_text()
    assert page.count("<figure>") == len(pictures)
    assert 'alt=""' not in page
    for path in (p for p in drawn if "-phone" not in p.stem):
        assert re.search(r"<dc:description>[^<]{40,}", path.read_text()), path.name
        image = Image.open(path.with_suffix(".png"))
        assert len(image.text["Description"]) > 40


def test_pages_load_nothing_and_run_nothing(bundle):
    for name in ("index.html", *(f"memo/{d.stem}.html" for d in DOCUMENTS)):
        page = (bundle / name).read_text()
        assert "default-src 'none'" in page
        assert "<script" not in page
        assert not re.findall(r'(?:src|xlink:href)="(?!data:|#)', page)
        assert not re.findall(r"<link|@import|url\(", page)


def test_every_number_of_the_results_stands_in_a_table(bundle, tables):
    page = (bundle / "memo" / "annex.html").read_text()
    chapter = page.split("Annex A: all analyses</h2>")[1].split("Annex B")[0]
    text = re.sub(r"<img[^>]*>|<[^>]+>", " ", chapter)
    held = set()
    for name in ("estimates", "hardship_by_block", "hardness_by_corridor"):
        for column in tables[name].select_dtypes("number"):
            for value in tables[name][column].dropna():
                held |= {f"{value:g}", f"{value:.3g}", f"{value:,}"}
        for column in ("sentence", "reference_set", "analysis"):
            if column in tables[name]:
                held |= set(re.findall(r"\d[\d.]*\d|\d", " ".join(tables[name][column].dropna())))
    classed = r"(?<![\w.-])\d{1,3}-\d{1,3}(?![\w.-])"  # spans of years have four digits
    classes = set(re.findall(classed, text))
    assert len(classes) > 1
    assert classes <= set(tables["hardship_by_block"]["records_class"])
    text = re.sub(classed, " ", text)
    printed = set(re.findall(r"(?<![\w-])-?\d+(?:\.\d+)?(?![\w%])", text))
    fixed = {"95", "80", "20", "10", "19", "5", "9", "1", "4", "-4", "-9", "-19", "0", "2", "3"}
    years = {str(y) for y in range(2000, 2026)}  # of periods and blocks
    numbers = {str(n) for n in range(12)} | years | fixed
    assert printed - held - numbers - {f"-{y}" for y in years} == set()


def test_the_memo_is_set_on_pages_and_tagged_for_readers(bundle):
    pdf = bundle / "memo" / "annex.pdf"
    facts = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    assert int(re.search(r"Pages:\s+(\d+)", facts)[1]) >= 10
    assert re.search(r"Tagged:\s+yes", facts)
    assert re.search(r"CreationDate:\s+.*Jan\s+1.*2026", facts)
    text = subprocess.run(
        ["pdftotext", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    for chapter in (
        "The six numbers, resolved",
        "STROBE",
        "Berkeley",
        "902(14)",
        "perjury",
    ):
        assert chapter in text
    assert "lawyer" in text
