"""What is found when a bundle is incomplete, altered, or shows too much; what a map refuses."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from made_up_findings import findings
from provoking import Case

from geo import evidence
from geo.errors import Problem
from geo.evidence import Findings, verify, write_bundle, write_restricted
from geo.evidence.custody.chain import check_chain, check_manifest, manifest
from geo.evidence.custody.crate import crate_bytes
from geo.evidence.documents.memo.blocks import REPORT
from geo.evidence.documents.memo.typeset import source
from geo.evidence.tables.surfaces import surfaces
from geo.grid import grid_from_bounds, wrap
from maps import MapInputs, leaflet, write

Damage = Callable[[Path], object]


@cache
def found() -> Findings:
    return findings()


@cache
def whole() -> Path:
    """A bundle that nobody has touched, written once."""
    folder = Path(tempfile.mkdtemp()) / "run"
    return write_bundle(folder, found(), {"maps/funnel.html": "<!DOCTYPE html><title>SYNTHETIC"})


@cache
def tree() -> Path:
    vault = Path(tempfile.mkdtemp())
    names = "".join(f"{i:05d},Ana Maria Tester {i:04d}\n" for i in range(9))
    for digest in found().table("snapshots")["sha256"]:
        (vault / digest).write_text("key,who\n" + names)
    return write_restricted(Path(tempfile.mkdtemp()) / "run", found(), vault)


def seal(folder: Path) -> None:
    """Write crate and manifest anew, as someone would who wants to hide a change."""
    (folder / "ro-crate-metadata.json").write_bytes(crate_bytes(folder, found()))
    (folder / "SHA256SUMS").write_bytes(manifest(folder))


def verified(damage: Damage, sealed: bool, folder: Path) -> list[Problem]:
    copy = shutil.copytree(whole(), folder / "run")
    damage(copy)
    if sealed:
        seal(copy)
    return verify(copy)


def altered(file: str, where: str, what: str, damage: Damage, *, sealed: bool = True) -> Case:
    return Case(f"geo/evidence/{file}.py", where, what, partial(verified, damage, sealed))


def put(name: str, content: str | bytes) -> Damage:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda folder: (folder / name).write_bytes(data)


def gone(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def cells(table: str, column: str, value: str, *, first: bool = False) -> Damage:
    """Overwrite a column of a table, in CSV and Parquet alike."""

    def change(folder: Path) -> None:
        path = folder / "tables" / f"{table}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.loc[[0] if first else frame.index, column] = value
        frame.to_csv(path, index=False, lineterminator="\n")

    return change


def surface(name: str, like: str) -> Damage:
    return lambda folder: shutil.copy(folder / "rasters" / like, folder / "rasters" / name)


def finer(folder: Path) -> None:
    with rasterio.open(folder / "rasters" / "hardship.tif") as raster:
        profile = raster.profile | {"driver": "GTiff"}
        profile["transform"] = raster.transform @ raster.transform.scale(0.5)
        values = raster.read()
    with rasterio.open(folder / "rasters" / "relief.tif", "w", **profile) as out:
        out.write(values)


def layer(change_to: str) -> Damage:
    def change(folder: Path) -> None:
        with sqlite3.connect(folder / "tables" / "evidence.gpkg") as db:
            db.execute(f"UPDATE gpkg_geometry_columns SET {change_to}")  # noqa: S608 - ours

    return change


def crate_with(other_hash: bool) -> Damage:
    def change(folder: Path) -> None:
        path = folder / "ro-crate-metadata.json"
        crate = json.loads(path.read_text())
        memo = next(e for e in crate["@graph"] if e["@id"] == "memo/report.pdf")
        if other_hash:
            memo["sha256"] = "0" * 64
        else:
            crate["@graph"].remove(memo)
        path.write_text(json.dumps(crate))

    return change


def broken_chain(folder: Path) -> None:
    path = folder / "custody.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[2:]]) + "\n")


RASTER, DEATHS = "rasters/{}.tif", "tables/deaths_by_cell_block.csv"
CHAIN = "geo/evidence/custody/chain.py"
CASES = [
    Case(CHAIN, "custody.jsonl", "empty", lambda _: list(check_chain(b""))),
    altered("custody/chain", "custody.jsonl, row 1", "not a custody entry", put("custody.jsonl", "x\n")),
    altered("custody/chain", "custody.jsonl, row 2", "chain breaks", broken_chain),
    Case(CHAIN, "SHA256SUMS", "missing", lambda f: list(check_manifest(f))),
    altered("custody/chain", "SHA256SUMS, row 1", "no entry", put("SHA256SUMS", "x\n"), sealed=False),
    altered("custody/chain", "custody.jsonl", "is missing", gone("custody.jsonl"), sealed=False),
    altered("custody/chain", "memo/notes.txt", "added", put("memo/notes.txt", "x"), sealed=False),
    altered("custody/chain", "index.html", "changed", put("index.html", "x"), sealed=False),
    altered("checks/verify", "study.toml", "cannot be read", gone("study.toml")),
    altered("checks/verify", "tables/towers.csv", "missing", gone("tables/towers.csv")),
    altered("checks/verify", DEATHS, "contract", cells(Path(DEATHS).stem, "deaths_class", "3")),
    altered("checks/verify", "tables/towers.parquet", "cannot", gone("tables/towers.parquet")),
    altered("checks/verify", "tables/towers.parquet", "differs", cells("towers", "height_m", "31.0")),
    altered("checks/verify", "custody.jsonl", "log is missing", gone("custody.jsonl")),
    altered("checks/verify", "ro-crate", "cannot be read", put("ro-crate-metadata.json", "x"),
            sealed=False),
    altered("checks/verify", "ro-crate", "memo/report.pdf is not described", crate_with(False),
            sealed=False),
    altered("checks/verify", "ro-crate", "another hash", crate_with(True), sealed=False),
    altered("checks/verify", "tables/counts.csv", "stands in", cells("counts", "row_id", "cnt-1")),
    altered("checks/safeguards", "routes.geojson", "no public bundle", put("routes.geojson", "{}")),
    altered("checks/safeguards", "data_status", "SYNTHETIC", cells("towers", "data_status", "recorded")),
    altered("checks/safeguards", DEATHS, "no H3 cell", cells(Path(DEATHS).stem, "cell_id", "x", first=True)),
    altered("checks/safeguards", DEATHS, "none of the public calendar",
            cells(Path(DEATHS).stem, "first_year", "2001", first=True)),
    altered("checks/safeguards", "counts", "nearest 10", cells("counts", "records", "3")),
    altered("checks/safeguards", "hardship_by_block", "group under",
            cells("hardship_by_block", "records_class", "0-4")),
    altered("checks/safeguards", "deaths_by_year", "exact count", cells("deaths_by_year", "deaths", "7")),
    altered("checks/safeguards", RASTER.format("slope"), "never published",
            surface("slope.tif", "hardship.tif")),
    altered("checks/safeguards", RASTER.format("in_view_share_recent"), "not closed",
            surface("in_view_share_recent.tif", "in_view_share_after.tif")),
    altered("checks/safeguards", RASTER.format("hardship_after"), "no period",
            surface("hardship_after.tif", "hardship.tif")),
    altered("checks/safeguards", RASTER.format("relief"), "no GeoTIFF", put("rasters/relief.tif", "x")),
    altered("checks/safeguards", RASTER.format("relief"), "under 1000 m", finer),
    altered("checks/safeguards", "evidence.gpkg", "no GeoPackage", put("tables/evidence.gpkg", "x")),
    altered("checks/safeguards", "evidence.gpkg", "layer people is never",
            layer("table_name = 'people' WHERE table_name = 'towers'")),
    altered("checks/safeguards", "evidence.gpkg", "holds points",
            layer("geometry_type_name = 'POINT' WHERE table_name = 'deaths_by_cell_block'")),
]  # fmt: skip


def page(text: str, folder: Path) -> list[Problem]:
    copy = shutil.copytree(whole(), folder / "run")
    (copy / "maps" / "a.html").write_text(text)
    seal(copy)
    return verify(copy, tree())


def place() -> str:
    first = found().table("deaths").iloc[0].geometry
    return f"{first.y:.6f}, {first.x:.6f}"


def other_tree(folder: Path, *, share: bool = False) -> Path:
    deaths = found().table("deaths").iloc[1:]
    if not share:
        deaths = deaths.assign(death_id="x-" + deaths["death_id"])
    other = replace(found(), tables=found().tables | {"deaths": deaths}, case_keys={})
    return write_restricted(folder / "other", other)


def loose_tree(folder: Path) -> list[Problem]:
    copy = shutil.copytree(tree(), folder / "open")
    copy.chmod(0o755)
    (copy / "records.csv").chmod(0o600)
    (copy / "records.csv").write_text((copy / "records.csv").read_text() + "\n")
    return verify(whole(), copy)


def no_tables(folder: Path) -> Path:
    copy = shutil.copytree(whole(), folder / "run")
    shutil.rmtree(copy / "tables")
    return copy


def not_empty(folder: Path) -> object:
    (folder / "thesis.txt").write_text("")
    return write_bundle(folder, found(), {})


def bundle(file: str, where: str, what: str, act: Callable[[Path], object]) -> Case:
    return Case(f"geo/evidence/{file}.py", where, what, act)


FINE = wrap(np.zeros((4, 4)), grid_from_bounds((0, 0, 400, 400), "EPSG:32612", 100), "relief", "1")


def with_raster(name: str) -> Findings:
    return replace(found(), rasters={name: FINE.rename(name)})


CASES += [
    bundle("checks/leaks", "maps/a.html", "restricted strings", partial(page, "Ana Maria Tester 0004")),
    bundle("checks/leaks", "maps/a.html", "exact places", lambda f: page(place(), f)),
    bundle("checks/verify", "other", "no records.csv",
           lambda f: ((f / "other").mkdir(), verify(whole(), f / "other"))[1]),
    bundle("checks/verify", "restricted records.csv", "hash", loose_tree),
    bundle("checks/verify", "restricted records.csv", "changed", loose_tree),
    bundle("checks/verify", "open", "others may read", loose_tree),
    bundle("checks/verify", "run", "no bundle", lambda f: verify(f / "run")),
    bundle("bundle", "thesis", "no bundle", lambda f: not_empty(f / "thesis")
           if (f / "thesis").mkdir() is None else None),
    bundle("bundle", "'../a.html'", "may not be written",
           lambda f: write_bundle(f / "run", found(), {"../a.html": ""})),
    bundle("checks/row_comparison", "run", "cannot be compared",
           lambda f: evidence.diff(no_tables(f), whole())),
    bundle("checks/explain", "run", "no table", lambda f: evidence.explain(no_tables(f), "a")),
    bundle("checks/explain", "'cnt-'", "identifier", lambda _: evidence.explain(whole(), "cnt-")),
    bundle("checks/explain", "nothing", "no restricted tree",
           lambda f: evidence.explain(whole(), "a", f / "nothing")),
    bundle("checks/revisions", "other", "no restricted tree",
           lambda f: evidence.open_trees(tree(), f / "other")),
    bundle("checks/revisions", "restricted trees", "no record",
           lambda f: evidence.open_trees(tree(), other_tree(f))),
    bundle("custody/restricted", "run", "inside the public bundle",
           lambda _: write_restricted(whole() / "x", found())),
    bundle("tables/findings", "hats", "does not declare", lambda f: write_bundle(
        f / "run", replace(found(), tables={"hats": pd.DataFrame()}), {})),
    bundle("tables/findings", "raster slope", "too fine",
           lambda f: write_bundle(f / "run", with_raster("slope"), {})),
    bundle("tables/surfaces", "raster relief", "under", lambda _: list(surfaces(with_raster("relief")))),
    bundle("documents/memo/typeset", "str", "no block", lambda _: source(found(), REPORT, ["words"])),
]  # fmt: skip


def mapped(**more: object) -> MapInputs:
    one = found()
    return MapInputs(one.study, one.run_id, "1", one.study.as_of, **more)


def coarse_cells() -> pd.DataFrame:
    return pd.DataFrame({"area_km2": [1.0], "block": ["2000-04"], "last_year": [2004]})


def other_leaflet(_folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(leaflet.SHA256, "leaflet.js", "0")
        return leaflet._read("leaflet.js")


FAR = FINE.expand_dims(period=["recent"])
CASES += [
    Case("maps/inputs.py", "table deaths", "not a public",
         lambda _: mapped(tables={"deaths": pd.DataFrame()})),
    Case("maps/inputs.py", "deaths_by_cell_block", "privacy floor",
         lambda _: mapped(tables={"deaths_by_cell_block": coarse_cells()})),
    Case("maps/inputs.py", "raster slope", "published", lambda _: mapped(rasters={"slope": FINE})),
    Case("maps/inputs.py", "raster hardship", "privacy floor",
         lambda _: mapped(rasters={"hardship": FINE})),
    Case("maps/inputs.py", "period recent", "not closed",
         lambda _: mapped(rasters={"in_view_share": FAR})),
    Case("maps/leaflet.py", "leaflet.js", "not the file", other_leaflet),
    Case("maps/write.py", "https://example.org", "the address",
         lambda _: write._refuse_addresses("see https://example.org/a")),
]  # fmt: skip
