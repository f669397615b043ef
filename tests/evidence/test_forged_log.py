"""Whatever is made up in a custody log or a crate, and rechained and resealed, is found."""

from __future__ import annotations

import json

import pytest
from resealed import rewritten, said, seal

from geo.evidence.checks.custody_log import custody_log
from geo.evidence.checks.stated import stated
from geo.evidence.custody.chain import manifest


@pytest.mark.parametrize("how", ["reorder", "remove", "edit", "empty"])
def test_an_altered_custody_log_is_found_even_when_resealed(copy, found, how):
    path = copy / "custody.jsonl"
    lines = path.read_text().splitlines()
    if how == "reorder":
        lines[2], lines[3] = lines[3], lines[2]
    elif how == "remove":
        del lines[4]
    elif how == "edit":
        entry = json.loads(lines[2]) | {"retrieved_at": "2020-01-01T00:00:00Z"}
        lines[2] = json.dumps(entry, sort_keys=True)
    else:
        lines = []
    path.write_text("\n".join(lines) + "\n")
    what = said(seal(copy, found))["custody.jsonl"]
    assert "chain breaks" in what or "empty" in what or "not a custody entry" in what


def test_a_crate_that_hides_a_file_is_found(copy):
    path = copy / "ro-crate-metadata.json"
    crate = json.loads(path.read_text())
    crate["@graph"] = [e for e in crate["@graph"] if e["@id"] != "memo/report.pdf"]
    path.write_text(json.dumps(crate))
    (copy / "SHA256SUMS").write_bytes(manifest(copy))
    assert "memo/report.pdf is not described" in said(copy)["ro-crate-metadata.json"]


@pytest.mark.parametrize(
    ("event", "key", "value", "said_of_it"),
    [
        ("code", "version", "f" * 64, "make run"),
        ("bundle", "run_id", "f" * 12, "make run"),
        ("code", "environment_sha256", "f" * 64, "not the environment"),
        ("step", "code", "f" * 64, "another fingerprint"),
        ("step", "fingerprint", "f" * 64, "another fingerprint"),
        ("step", "settings", ["seed"], "another fingerprint"),
        ("step", "environment", "f" * 64, "states an environment"),
        ("snapshot", "sha256", "f" * 64, "other sources"),
        ("bundle", "format", 1, "entries of format 2"),
    ],
)
def test_a_rechained_log_that_claims_something_else_is_found(
    copy, found, event, key, value, said_of_it
):
    def change(entry):
        if entry["event"] == event:
            entry[key] = value

    problems = list(stated(rewritten(copy, found, change)))
    assert any(said_of_it in p.what for p in problems), problems


@pytest.mark.parametrize(
    ("event", "change", "said_of_it"),
    [
        ("study", {"name": "other"}, "the log says other"),
        ("study", {"as_of": "2030-01-01"}, "the log says 2030-01-01"),
        ("study", {"data_status": "recorded"}, "the log says recorded"),
        ("study", {"fingerprint": "f" * 64}, "names another study"),
        ("snapshot", {"retrieved_at": "2020-01-01T00:00:00Z"}, "the custody log 2020-01-01"),
        ("snapshot", {"publisher": "Somebody", "licence": "CC0"}, "the custody log"),
        ("counted", {"records": "5-14"}, "the custody log 5-14"),
        ("counted", None, "such entries"),
        ("step", None, "has rows made by step"),
    ],
)
def test_a_rechained_log_that_is_not_true_of_the_bundle_is_found(
    copy, found, event, change, said_of_it
):
    def forge(entry):
        if entry["event"] == event:
            entry.clear() if change is None else entry.update(change)

    problems = list(custody_log(rewritten(copy, found, forge)))
    assert any(said_of_it in p.what for p in problems), problems


def test_a_step_cut_off_the_end_of_the_log_is_missed(copy, found):
    def forge(entry):
        if entry["event"] == "step" and entry["name"] not in ("ingest", "terrain"):
            entry.clear()

    problems = list(custody_log(rewritten(copy, found, forge)))
    assert any("leads to no other" in p.what for p in problems), problems


@pytest.mark.parametrize(
    ("entity", "key", "value"),
    [
        ("#funnel", "softwareVersion", "f" * 64),
        ("./", "name", "Another study: evidence bundle"),
        ("./", "datePublished", "2030-01-01"),
        ("#sha256-", "publisher", "Somebody"),
    ],
)
def test_a_crate_that_tells_another_story_is_found(copy, entity, key, value):
    path = copy / "ro-crate-metadata.json"
    crate = json.loads(path.read_text("utf-8"))
    next(e for e in crate["@graph"] if e["@id"].startswith(entity))[key] = value
    path.write_text(json.dumps(crate), "utf-8")
    assert [p.field for p in custody_log(copy)] == [key]
