from __future__ import annotations

import shutil

import pytest
from made_up_findings import findings

from geo.evidence import public_tables, write_bundle, write_restricted


@pytest.fixture(scope="session")
def found():
    return findings()


@pytest.fixture(scope="session")
def tables(found):
    return public_tables(found)


@pytest.fixture(scope="session")
def bundle(found, tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    pages = {"maps/funnel.html": "<!DOCTYPE html><title>SYNTHETIC</title>", "maps/funnel.png": b""}
    return write_bundle(folder, found, pages, tables)


@pytest.fixture(scope="session")
def closed_tree(found, tmp_path_factory):
    vault = tmp_path_factory.mktemp("vault")
    for digest in found.table("snapshots")["sha256"]:
        (vault / digest).write_bytes(digest.encode())
    return write_restricted(tmp_path_factory.mktemp("restricted") / "run", found, vault)


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copytree(bundle, tmp_path / "copy")
