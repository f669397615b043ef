"""`funnel verify`, `explain` and `diff` as a user meets them."""

from __future__ import annotations

import json
import shutil

import pytest

from flows.cli.evidence import diff_bundles, explain_row, verify_bundle
from geo.errors import EvidenceError


def test_verify_says_what_holds_and_what_does_not(bundle, closed_tree, tmp_path, capsys):
    assert verify_bundle(str(bundle), restricted=closed_tree) == 0
    assert "safeguards hold" in capsys.readouterr().out
    copy = shutil.copytree(bundle, tmp_path / "copy")
    (copy / "index.html").write_text("changed")
    assert verify_bundle(str(copy)) == 2
    assert "index.html: the file was changed after the run" in capsys.readouterr().out


def test_a_bundle_of_another_format_is_never_called_whole(bundle, tmp_path, capsys):
    from geo.evidence.custody.chain import chain, manifest

    copy = shutil.copytree(bundle, tmp_path / "copy")
    log = copy / "custody.jsonl"
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    for entry in entries:
        del entry["n"], entry["previous"]
        entry.update({"format": 99} if entry["event"] == "bundle" else {})
    log.write_bytes(chain(entries))
    (copy / "SHA256SUMS").write_bytes(manifest(copy))
    assert verify_bundle(str(copy)) == 2
    said = capsys.readouterr().out
    assert "format 99" in said
    assert "hold" not in said.splitlines()[-1]
    with pytest.raises(EvidenceError, match="format 99"):
        verify_bundle(str(copy), restricted=copy, rerun=True)


def test_a_rerun_says_which_comparison_it_made(bundle, closed_tree, capsys):
    again = {"again": lambda _folder, _restricted: bundle}
    assert verify_bundle(str(bundle), restricted=closed_tree, rerun=True, **again) == 0
    assert "byte by byte" in capsys.readouterr().out
    with pytest.raises(EvidenceError, match="restricted"):
        verify_bundle(str(bundle), rerun=True)


def test_explain_and_diff_print_for_people_and_programs(bundle, tables, capsys):
    row = tables["estimates"]["row_id"].iloc[0]
    assert explain_row(str(bundle), row) == 0
    assert "Made of" in capsys.readouterr().out
    assert explain_row(str(bundle), row, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["id"] == row
    assert diff_bundles(str(bundle), str(bundle)) == 0
    assert "the same" in capsys.readouterr().out
