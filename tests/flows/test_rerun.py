"""The last word: a run computed again from its restricted tree, by the command line."""

from __future__ import annotations

import pytest


@pytest.mark.attack
def test_a_run_is_computed_again_and_compared_byte_by_byte(tiny):
    (tree,) = (tiny.out.parent / "restricted" / "tiny").iterdir()
    bundle = str(tiny.bundle("tiny"))
    done = tiny("verify", bundle, "--restricted", str(tree), "--rerun")
    assert "byte by byte" in done.stdout
