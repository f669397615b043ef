from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import textwrap

import pytest

from flows.fetch import local
from flows.fetch.vault import Vault
from geo.errors import EvidenceError
from geo.records import SNAPSHOTS

ABOUT = {
    "publisher": "P", "title": "T", "licence": "L", "citation": "C", "url": "https://example.org/x",
    "retrieved_at": "2026-11-01T00:00:00+00:00", "note": "",
}  # fmt: skip


def test_bytes_stand_under_their_hash_closed_to_others(vault, tmp_path):
    path = tmp_path / "a file (1).csv"
    path.write_bytes(b"a,b\n1,2\n")
    snapshot = vault.put_file("source", path, ABOUT)
    kept = vault.open(snapshot)
    assert kept.read_bytes() == path.read_bytes()
    assert snapshot.sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert snapshot.sha256 in str(kept)
    for found in vault.root.rglob("*"):
        wanted = 0o700 if found.is_dir() else 0o400
        assert stat.S_IMODE(found.stat().st_mode) == wanted, found
    assert stat.S_IMODE(vault.root.stat().st_mode) == 0o700
    assert not list((vault.root / "incoming").iterdir())
    row = {**snapshot.facts(), "role": "deaths", "reader": "r", "row_id": "1", "parents": ""}
    SNAPSHOTS.conform([row])


def test_a_copy_of_a_file_tells_the_same_facts_as_the_file(tmp_path):
    told = []
    for day, name in enumerate(("mine", "theirs")):
        path = tmp_path / name / "deaths.csv"
        path.parent.mkdir()
        path.write_text("a\n1\n")
        os.utime(path, (day * 86_400.0,) * 2)
        told.append(local.put(Vault(tmp_path / f"{name}-vault"), "deaths", path, {}).facts())
    assert told[0] == told[1]
    assert told[0]["retrieved_at"] is None
    row = {**told[0], "role": "deaths", "reader": "r", "row_id": "1", "parents": ""}
    SNAPSHOTS.conform([row])


def test_the_same_bytes_again_are_the_same_snapshot_and_a_return_is_a_new_one(vault):
    def put(content, hour):
        about = {**ABOUT, "retrieved_at": f"2026-11-01T{hour:02d}:00:00+00:00"}
        return vault.put_bytes("source", content, about, "x.csv")

    first = put(b"one", 1)
    assert put(b"one", 2) == first, "unchanged bytes keep the time at which they were first seen"
    put(b"two", 3)
    back = put(b"one", 4)
    assert vault.latest("source") == (back,)
    assert [s.retrieved_at[11:13] for s in vault.history("source")] == ["01", "03", "04"]


def test_altered_and_lost_bytes_are_found_at_use_and_healed_by_the_true_ones(vault):
    snapshot = vault.put_bytes("source", b"true bytes", ABOUT, "x.csv")
    path = vault.path(snapshot)
    path.chmod(0o600)
    path.write_bytes(b"true bytez")
    with pytest.raises(EvidenceError, match="altered or damaged"):
        Vault(vault.root).open(snapshot)
    vault.put_bytes("source", b"true bytes", ABOUT, "x.csv")
    assert Vault(vault.root).open(snapshot).read_bytes() == b"true bytes"
    path.unlink()
    with pytest.raises(EvidenceError, match="no longer in the vault"):
        vault.open(snapshot)


def test_a_checked_file_that_changes_later_is_noticed_too(vault):
    snapshot = vault.put_bytes("source", b"true bytes", ABOUT, "x.csv")
    path = vault.open(snapshot)
    path.chmod(0o600)
    path.write_bytes(b"false")
    with pytest.raises(EvidenceError, match="altered"):
        vault.open(snapshot)


def test_names_cannot_leave_the_vault(vault):
    for name in ("../../evil", "/etc/passwd", "..", "a/b", ""):
        snapshot = vault.put_bytes("../source", b"x" + name.encode(), ABOUT, name)
        assert vault.root in vault.open(snapshot).resolve().parents
    assert {p.name for p in vault.root.iterdir()} <= {"incoming", "objects", "sources", "locks"}


@pytest.mark.slow
def test_two_processes_store_the_same_thing_at_once(vault, tmp_path):
    source = tmp_path / "big.bin"
    source.write_bytes(b"0123456789abcdef" * 200_000)
    script = textwrap.dedent(
        f"""
        from pathlib import Path
        from flows.fetch.vault import Vault
        for n in range(5):
            about = dict(retrieved_at=f"2026-11-01T00:00:0{{n}}+00:00")
            s = Vault(Path({str(vault.root)!r})).put_file("source", Path({str(source)!r}), about)
        Vault(Path({str(vault.root)!r})).open(s)
        """
    )
    running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [p.wait(60) for p in running] == [0, 0]
    assert len(list((vault.root / "objects").iterdir())) == 1
    assert vault.open(vault.latest("source")[0]).read_bytes() == source.read_bytes()
    assert not list((vault.root / "incoming").iterdir())
