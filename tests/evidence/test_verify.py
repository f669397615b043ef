"""Whatever is done to a bundle after the run is found and named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace

import pandas as pd
import pytest
from resealed import rewritten, said, seal

from geo.errors import EvidenceError
from geo.evidence import foreign, verify, write_bundle, write_restricted
from geo.evidence.checks.copies import finding
from geo.evidence.checks.stated import stated


def test_a_whole_bundle_has_no_problem(bundle, closed_tree):
    assert list(stated(bundle)) == []
    assert verify(bundle) == []
    assert verify(bundle, closed_tree) == []


def test_a_changed_byte_is_named(copy):
    path = copy / "figures" / "deaths-by-year.svg"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    assert "changed" in said(copy)["figures/deaths-by-year.svg"]


def test_a_missing_and_an_added_file_are_named(copy):
    (copy / "tables" / "towers.parquet").unlink()
    (copy / "memo" / "notes.txt").write_text("x")
    (copy / "run-log").mkdir()
    (copy / "run-log" / "times.jsonl").write_text("{}")
    found = verify(copy)
    assert {(p.where, p.what) for p in found} >= {
        ("tables/towers.parquet", "the file is missing"),
        ("memo/notes.txt", "the file was added after the run"),
    }
    assert not [p for p in found if "run-log" in p.where]


def edit(folder, name, change):
    path = folder / "tables" / f"{name}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(frame)
    frame.to_csv(path, index=False, lineterminator="\n")


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("deaths_by_cell_block", lambda f: f.loc.__setitem__((0, "cell_id"), "x"), "no H3 cell"),
        (
            "deaths_by_cell_block",
            lambda f: f.loc.__setitem__((0, "first_year"), "2001"),
            "calendar",
        ),
        ("counts", lambda f: f.__setitem__("records", "3"), "nearest 10"),
        ("deaths_by_cell_block", lambda f: f.__setitem__("deaths_class", "3"), "contract"),
        ("deaths_by_cell_block", lambda f: f.insert(1, "sex", "male"), "contract"),
        ("deaths_by_year", lambda f: f.__setitem__("deaths", "7"), "exact count"),
        ("hardship_by_block", lambda f: f.__setitem__("records_class", "0-4"), "group under 5"),
        ("towers", lambda f: f.__setitem__("data_status", "recorded"), "SYNTHETIC"),
        ("counts", lambda f: f.__setitem__("row_id", "cnt-1"), "stands in counts too"),
    ],
)
def test_a_breach_of_contract_or_floor_is_found_even_when_resealed(copy, found, name, change, says):
    edit(copy, name, change)
    problems = verify(seal(copy, found))
    assert any(says in p.what for p in problems if p.where == f"tables/{name}.csv"), problems


def test_fine_unclosed_or_unknown_surfaces_are_refused(copy, found):
    import rasterio

    folder = copy / "rasters"
    shutil.copy(folder / "in_view_share_after.tif", folder / "in_view_share_recent.tif")
    shutil.copy(folder / "hardship.tif", folder / "slope.tif")
    with rasterio.open(folder / "hardship.tif") as source:
        profile = source.profile | {"driver": "GTiff"}
        profile["transform"] = source.transform * source.transform.scale(0.5)
        values = source.read()
    with rasterio.open(folder / "relief.tif", "w", **profile) as target:
        target.write(values)
    (copy / "routes.geojson").write_text("{}")
    what = said(seal(copy, found))
    assert "not closed" in what["rasters/in_view_share_recent.tif"]
    assert "never published" in what["rasters/slope.tif"]
    assert "under 1000 m" in what["rasters/relief.tif"]
    assert "no public bundle holds" in what["routes.geojson"]


def test_points_of_deaths_are_refused(copy, found):
    with sqlite3.connect(copy / "tables" / "evidence.gpkg") as db:
        db.execute(
            "UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT' "
            "WHERE table_name = 'deaths_by_cell_block'"
        )
    assert "holds points" in said(seal(copy, found))["tables/evidence.gpkg"]


def test_a_view_that_shows_other_rows_than_it_says_is_found(copy, found):
    with sqlite3.connect(copy / "tables" / "evidence.gpkg") as db:
        db.execute('DROP VIEW "deaths_2000_04"')
        db.execute('CREATE VIEW "deaths_2000_04" AS SELECT * FROM deaths_by_cell_block LIMIT 1')
    assert "shows other rows" in said(seal(copy, found))["tables/evidence.gpkg"]


def test_no_restricted_string_or_place_gets_past(found, tmp_path):
    vault = tmp_path / "vault"
    vault.mkdir()
    digest = found.table("snapshots")["sha256"].iloc[0]
    names = "".join(f"{i:05d},Ana Maria Tester {i:04d}\n" for i in range(300))
    (vault / digest).write_text("key,who\n" + names)
    tree = write_restricted(tmp_path / "restricted", found, vault)
    first = found.table("deaths").iloc[0]
    key = found.case_keys[first["death_id"]]
    place = f"{first.geometry.y:.6f}, {first.geometry.x:.6f}"
    pages = {
        "maps/name.html": "<p>Ana Maria Tester 0042</p>",
        "maps/key.html": f"<p>case {key}</p>",
        "maps/id.html": f'<p data-id="{first["death_id"]}"></p>',
        "maps/place.html": f"<p>{place}</p>",
        "maps/clean.html": "<p>Ana Maria crossed at 31.5000, -111.5000</p>",
    }
    what = said(write_bundle(tmp_path / "run", found, pages), tree)
    assert "restricted strings" in what["maps/name.html"]
    assert "restricted strings" in what["maps/key.html"]
    assert "restricted strings" in what["maps/id.html"]
    assert "exact places" in what["maps/place.html"]
    assert set(what) == {f"maps/{n}.html" for n in ("name", "key", "id", "place")}


def test_the_restricted_tree_must_be_that_of_the_run(bundle, found, closed_tree, tmp_path):
    fewer = found.tables | {"deaths": found.table("deaths").iloc[1:]}
    other = write_restricted(tmp_path / "other", replace(found, tables=fewer))
    assert "not the table whose hash" in said(bundle, other)["restricted records.csv"]
    open_tree = shutil.copytree(closed_tree, tmp_path / "open")
    open_tree.chmod(0o755)
    assert "others may read" in said(bundle, open_tree)["open"]


def test_what_is_no_bundle_is_said(tmp_path):
    with pytest.raises(EvidenceError, match="no bundle"):
        verify(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"row_id": "est-0000000000000000", "sentence": "Towers moved nobody."},
        {"row_id": "another row"},
        {"claim_level": "L2"},
        {"plan": 1},
    ],
)
def test_another_finding_than_the_headlines_is_found(copy, tables, change):
    own = tables["estimates"]
    first = own[own["analysis"] == "headline"].iloc[0]
    other = own[own["analysis"] != "headline"].iloc[0]
    said = {
        "sentence": first["sentence"], "claim_level": first["claim_level"],
        "row_id": first["row_id"], "plan": 2, "sentence_es": first["sentence_es"],
    }  # fmt: skip

    def written(told):
        (copy / "headline.json").write_text(json.dumps(told), "utf-8")
        for name, key in (("index.html", "sentence"), ("index.es.html", "sentence_es")):
            page = copy / name
            page.write_text(f"{page.read_text('utf-8')}<p>{told[key]}</p>", "utf-8")
        (copy / "maps" / "funnel.html").write_text(f"<p>{told['sentence']}</p>", "utf-8")
        return [p.where for p in finding(copy, tables)]

    assert written(said) == []
    if "row_id" in change and "sentence" not in change:
        change = {"row_id": other["row_id"], "sentence": other["sentence"],
                  "claim_level": other["claim_level"]}  # fmt: skip
    assert written(said | change) == ["headline.json"]


def test_another_study_or_environment_is_another_run(copy, found):
    study = copy / "study.toml"
    study.write_text(study.read_text("utf-8").replace("seed = 7", "seed = 8"))
    environment = copy / "environment.txt"
    environment.write_text(environment.read_text().replace("numpy==2.4", "numpy==2.5"))
    what = " ".join(p.what for p in stated(seal(copy, found)))
    assert "make run" in what
    assert "not the environment" in what


def test_a_bundle_of_another_format_says_so_and_is_still_checked(copy, found):
    def older(entry):
        if entry["event"] == "bundle":
            entry.clear()
        elif entry["event"] == "step":
            kept = {k: entry[k] for k in ("event", "name", "fingerprint")}
            entry.clear()
            entry.update(kept)

    assert foreign(copy) == ""
    rewritten(copy, found, older)
    assert "format 1" in foreign(copy)
    assert any("the first format lacks" in p.what for p in verify(copy)), "a later one, cut back"
    for page in ("annex", "brief"):
        for path in (copy / "memo").glob(f"{page}.*"):
            path.unlink()
    seal(copy, found)
    assert verify(copy) == []
    figure = copy / "figures" / "deaths-by-year.svg"
    figure.write_text(figure.read_text("utf-8") + " ")
    assert [p.where for p in verify(copy)]
