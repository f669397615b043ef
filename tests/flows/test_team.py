"""What a team lives with: the form, history, notices of change, copies in a store, a backup."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import fsspec
import pandas as pd
import pytest
from stand_ins import WORD, post, s3, sftp

from flows.core.settings import Home, Targets
from flows.core.stage import Input
from flows.fetch.vault import Vault
from flows.orchestration import notices
from flows.orchestration.afterwards import Afterwards, _told_last
from flows.orchestration.form import Asked, options
from flows.workflow import deposit
from flows.workflow.history import changed, revisions, runs_of
from flows.workflow.prepare import resolved_study
from geo.errors import InputProblems, SourceUnreachableError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kept(tiny, tmp_path) -> Home:
    """A home whose vault and bundles a test may change."""
    home = Home(tmp_path / "home", tmp_path / "runs")
    shutil.copytree(tiny.home / "vault", home.vault)
    shutil.copytree(tiny.out / "tiny", home.out / "tiny")
    return home


def another(home: Home, run: str, at: str, **headline) -> Path:
    """A later run of the same study, whose headline row is changed."""
    (first,) = (p.parent for p in (home.out / "tiny").glob("*/SHA256SUMS") if p.parent.name != run)
    folder = home.out / "tiny" / run
    shutil.copytree(first, folder)
    told = json.loads((folder / "headline.json").read_text())
    told["claim_level"] = headline.pop("claim_level", told["claim_level"])
    (folder / "headline.json").write_text(json.dumps(told))
    path = folder / "tables" / "estimates.parquet"
    rows = pd.read_parquet(path)
    for column, value in headline.items():
        rows.loc[rows["analysis"] == "headline", column] = value
    rows.to_parquet(path)
    log = folder / "run-log" / "runs.jsonl"
    entry = json.loads(log.read_text().splitlines()[0])
    log.write_text(json.dumps({**entry, "ended_at": at}))
    return folder


def test_history_says_what_changed_and_a_notice_is_due_only_then(kept):
    first = runs_of("tiny", kept)
    assert len(first) == 1
    another(kept, "0" * 12, "2099-01-01T00:00:00+00:00", claim_level="L0", low=0.5)
    before, after = runs_of("tiny", kept)
    said = changed(before, after)
    assert any("L0" in s for s in said)
    assert any("spans one" in s for s in said)
    assert changed(before, before) == ()
    after_a_run = Afterwards(restricted=False, sign=None, revised=0.05)
    assert after_a_run.news(after.run_id, before, [before, after], kept) == said
    assert after_a_run.news(before.run_id, before, [before, after], kept) == ()
    assert after_a_run.news(before.run_id, None, [before], kept) == ()


def test_a_bundle_that_cannot_be_read_is_left_out_and_named(kept, capsys):
    folder = another(kept, "2" * 12, "2099-01-01T00:00:00+00:00")
    (folder / "tables" / "estimates.parquet").write_bytes(b"cut off")
    assert [r.run_id for r in runs_of("tiny", kept)] != []
    assert folder.name not in {r.run_id for r in runs_of("tiny", kept)}
    assert f"run {folder.name} is left out" in capsys.readouterr().err


def test_people_are_told_of_a_change_though_the_run_that_found_it_was_stopped_before(kept):
    before = runs_of("tiny", kept)
    asked = SimpleNamespace(study=SimpleNamespace(name="tiny"), run_id="3" * 12)
    assert _told_last(asked, kept, before) == before[-1]
    another(kept, asked.run_id, "2099-01-01T00:00:00+00:00")
    both = runs_of("tiny", kept)
    assert _told_last(asked, kept, both) is None, "nobody was told of anything, nor was asked to be"
    kept.told.mkdir()
    (kept.told / "tiny").write_text(before[-1].run_id)
    assert _told_last(asked, kept, both) == before[-1]


def test_history_counts_revised_records_in_shares_and_writes_page_figure_and_table(
    kept, tiny, tmp_path
):
    folder = another(kept, "1" * 12, "2099-01-01T00:00:00+00:00")
    shots = folder / "tables" / "snapshots.parquet"
    rows = pd.read_parquet(shots)
    deaths = rows.index[rows["role"] == "deaths"][0]
    vault = Vault(kept.vault)
    (there,) = (kept.vault / "objects" / rows.loc[deaths, "sha256"]).iterdir()
    lines = there.read_text("utf-8").splitlines(keepends=True)
    fewer = tmp_path / there.name
    fewer.write_text("".join(lines[:-100]), "utf-8")
    facts = {"retrieved_at": "2099-01-01T00:00:00+00:00"}
    put = vault.put_file(str(rows.loc[deaths, "source_id"]), fewer, facts)
    rows.loc[deaths, "sha256"] = put.sha256
    rows.to_parquet(shots)
    before, after = runs_of("tiny", kept)
    (found,) = revisions(before, after, kept)
    assert 90 <= found.share * found.before <= 100, "but for rows that were no records"
    told = Afterwards(restricted=False, sign=None, revised=0.05)
    assert told.news(after.run_id, before, [before, after], kept) == (found.sentence(),)
    deaf = Afterwards(restricted=False, sign=None, revised=0.5)
    assert deaf.news(after.run_id, before, [before, after], kept) == ()
    done = tiny("history", "tiny", "--out", str(kept.out), FUNNEL_HOME=str(kept.root))
    assert "first run" in done.stdout
    pages = kept.out / "history" / "tiny"
    page = (pages / "index.html").read_text("utf-8")
    assert found.sentence() in page
    assert "<svg" in page
    assert "src=" not in page, "one file, which asks nobody for anything"
    assert len(pd.read_csv(pages / "history.csv")) == 2
    none = tiny("history", "no-such-study", code=2)
    assert "no finished run" in none.stderr


def test_what_the_form_is_given_becomes_part_of_the_resolved_study(kept, tmp_path):
    (tmp_path / "towers.csv").write_text("lat,lon,programme\n14,-111,ift\n")
    with fsspec.open("memory://team/relief.tif", "wb") as stream:
        stream.write(b"II")
    asked = Asked(
        {"towers": str(tmp_path / "towers.csv"), "elevation": "memory://team/relief.tif"},
        credits={"towers": "Towers of Ana"},
        offline=True,
        language="es",
    )
    with options(asked, kept, print) as given:
        study = resolved_study("tiny", given).study
        assert given.files["elevation"].read_bytes() == b"II"
    assert not given.files["elevation"].exists(), "what was fetched is not kept beside the vault"
    towers, elevation = (next(s for s in study.sources if s.role == r) for r in given.files)
    assert (towers.id, towers.credit) == ("own-towers", "Towers of Ana")
    assert elevation.file.endswith("relief.tif")
    assert study.language == "es"
    for wrong in ("memory://team/none.csv", "block:nothing", "nosuch://x/y.csv"):
        with pytest.raises(InputProblems), options(Asked({"towers": wrong}), kept, print):
            pass


def test_a_store_of_the_team_holds_bundles_by_their_hash_and_never_beside_names(kept, tmp_path):
    (bundle,) = (kept.out / "tiny").iterdir()
    targets = Targets(bundles=str(tmp_path / "store"), shown_at="https://files.example.org/b")
    deposit.bundle(bundle, targets)
    name = hashlib.sha256((bundle / "SHA256SUMS").read_bytes()).hexdigest()
    there = tmp_path / "store" / "bundles" / name
    whole(bundle, lambda file: (there / file).read_bytes())
    assert deposit.shown(bundle, targets) == f"https://files.example.org/b/bundles/{name}"
    written = {p: p.stat().st_mtime_ns for p in there.rglob("*") if p.is_file()}
    deposit.bundle(bundle, targets)
    assert written == {p: p.stat().st_mtime_ns for p in there.rglob("*") if p.is_file()}
    beside = Targets(bundles=str(tmp_path / "store"), snapshots=str(tmp_path / "store" / "raw"))
    with pytest.raises(InputProblems, match="names"):
        deposit.check(beside)


def test_a_home_restored_from_a_backup_answers_at_once(tiny, make_funnel):
    restored = make_funnel("restored")
    for part in ("vault", "store"):
        shutil.copytree(tiny.home / part, restored.home / part)
    shutil.copytree(tiny.out, restored.out)
    done = restored("run", "tiny", "--offline", "--json")
    assert json.loads(done.stdout)["run_id"] == tiny.bundle("tiny").name
    assert restored.sums() == tiny.sums()
    log = (restored.bundle("tiny") / "run-log" / "runs.jsonl").read_text()
    assert log == (tiny.bundle("tiny") / "run-log" / "runs.jsonl").read_text(), "nothing was run"


@pytest.mark.attack
def test_an_s3_store_holds_bundles_and_snapshots_and_a_reader_finds_them_whole(kept):
    (bundle,) = (kept.out / "tiny").iterdir()
    targets = Targets("s3://public", "s3://private")
    with s3("public", "private"):
        deposit.check(targets)
        deposit.bundle(bundle, targets)
        store = fsspec.filesystem("s3")
        there = deposit.shown(bundle, targets)
        assert there.startswith("s3://public/bundles/")
        whole(bundle, lambda file: store.cat_file(f"{there}/{file}"))
        note = json.loads(store.cat_file(f"public/runs/tiny/{bundle.name}.json"))
        assert there.endswith(note["bundle"])
        given = next(p for p in (kept.vault / "objects").iterdir() if any(p.glob("deaths*")))
        (file,) = given.iterdir()
        one = Input(file, "deaths", "synthetic-deaths", {"sha256": given.name})
        deposit.snapshots(SimpleNamespace(inputs=(one,)), targets)
        assert store.cat_file(f"private/snapshots/{given.name}/{file.name}") == file.read_bytes()
        with pytest.raises(InputProblems, match="no bucket"):
            deposit.check(Targets("s3://nowhere"))
    with pytest.raises(SourceUnreachableError, match="Run the study again"):
        deposit.bundle(bundle, targets)


@pytest.mark.attack
def test_an_sftp_server_holds_bundles_where_its_key_is_known(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    there = tmp_path / "served"
    there.mkdir()
    (bundle,) = (kept.out / "tiny").iterdir()
    with sftp(there) as (port, key):
        targets = Targets(f"sftp://ana:{WORD}@127.0.0.1:{port}/")
        with pytest.raises(InputProblems, match="ssh-keyscan"):
            deposit.check(targets)
        (tmp_path / ".ssh").mkdir()
        known = f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"
        (tmp_path / ".ssh" / "known_hosts").write_text(known)
        deposit.check(targets)
        deposit.bundle(bundle, targets)
        (copy,) = (there / "bundles").iterdir()
        whole(bundle, lambda file: (copy / file).read_bytes())
        with pytest.raises(SourceUnreachableError, match="AuthenticationException"):
            deposit.check(Targets(f"sftp://ana:wrong@127.0.0.1:{port}/"))


def whole(bundle: Path, read) -> None:
    """Hold what a store gives back to the manifest of the bundle."""
    for line in (bundle / "SHA256SUMS").read_text().splitlines():
        digest, file = line.split(maxsplit=1)
        assert hashlib.sha256(read(file)).hexdigest() == digest, file


@pytest.mark.filterwarnings("ignore:'(imghdr|cgi|telnetlib|crypt)' is deprecated")  # Apprise
def test_an_address_of_e_mail_is_handed_on_as_it_is():
    with post() as (port, letters):
        address = f"mailto://127.0.0.1:{port}?from=funnel@example.org&to=team@example.org"
        notices.check([address])
        letter = partial(notices.mail(address).notify, subject="tiny: the run failed")
        with ThreadPoolExecutor(1) as pool:  # a browser's test may have left this thread a loop
            pool.submit(letter, "Nothing is lost").result()
    (letter,) = letters
    assert "To: team@example.org" in letter
    assert "tiny: the run failed" in letter
    with pytest.raises(InputProblems, match="no address"):
        notices.check(["notices.jsonl"])


OLDER = "5024fbb"
"""A version that was in use before this one."""


@pytest.mark.attack
def test_a_home_of_an_older_version_is_carried_on(tiny, make_funnel, tmp_path):
    older = make_funnel("older")
    tree = tmp_path / "tree"
    tree.mkdir()
    packed = subprocess.run(
        ["git", "archive", OLDER], cwd=ROOT, capture_output=True, check=False
    )  # fmt: skip
    if packed.returncode:
        pytest.skip(f"this checkout has no history down to {OLDER}")
    subprocess.run(["tar", "-x", "-C", str(tree)], input=packed.stdout, check=True)
    older("run", "tiny", "--plain", "--quiet", PYTHONPATH=str(tree))
    before = older.bundle("tiny")
    older("run", "tiny", "--plain", "--quiet", "--offline")
    now = next(p for p in (older.out / "tiny").iterdir() if p != before)
    assert (now / "SHA256SUMS").read_text() == tiny.sums()
    shutil.rmtree(older.home / "store")
    told = json.loads(older("history", "tiny", "--json").stdout)
    assert [r["run_id"] for r in told] == [before.name, now.name]
