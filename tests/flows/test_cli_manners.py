"""Manners of the command line: help with examples, answers for programs, colour, typos, codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from flows.cli.app import app

COMMANDS = sorted(n for n in app if not n.startswith("-"))
ANSWERING = (["studies"], ["sources"], ["doctor"], ["verify", "latest"], ["run", "tiny"])


@pytest.fixture(scope="module")
def funnel(make_funnel):
    return make_funnel("manners")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example_that_the_command_line_takes(funnel, command):
    page = " ".join(re.sub(r"[│╭╮╰╯─]", " ", funnel(command, "--help").stdout).split())
    words = re.search(rf"Example:\s+(funnel {command}[^.>]*(?:\.\w+[^.>]*)*)", page)
    assert words, "no example"
    given = words[1].replace('"', "'").split("'")
    tokens = [t for n, part in enumerate(given) for t in ([part] if n % 2 else part.split())]
    app.parse_args(tokens[1:], exit_on_error=False, print_error=False)


def test_help_comes_without_the_science(tiny):
    script = (
        "import sys; from flows.cli.app import app; app(['--help'], result_action='return_value'); "
        "heavy = {'numpy', 'prefect', 'rasterio', 'distributed', 'folium'}; "
        "sys.exit(len(heavy & {m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=tiny.environment(), cwd=tiny.folder,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


@pytest.mark.parametrize("words", ANSWERING, ids=" ".join)
def test_answers_are_one_json_value_on_standard_output(tiny, words):
    done = tiny(*words, "--json", code=None)
    assert done.returncode in (0, 2), done.stderr
    assert json.loads(done.stdout)


def test_quiet_says_nothing_and_no_colour_leaves_a_terminal(tiny):
    done = tiny("run", "tiny", "--quiet")
    assert done.stdout == done.stderr == ""
    for env in ({"NO_COLOR": "1"}, {}):
        said = tiny("sources", **env).stdout + tiny("run", "tiny", **env).stdout
        assert "\x1b[" not in said


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["rnu", "tiny"], 2, 'Did you mean "run"?'),
        (["run", "tny"], 2, "Did you mean tiny?"),
        (["run", "tiny", "--plam"], 2, "Did you mean --plan?"),
        (["explain", "tiny", "headlin"], 2, "did you mean headline"),
        (["run", "tiny", "--dask", "tcp://127.0.0.1:9"], 0, ""),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_typos_get_a_suggestion_and_codes_are_stable(tiny, words, code, says):
    """A finished run answers with 0 whatever it would have been computed with."""
    done = tiny(*words, code=code)
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_of_which_only_the_beginning_is_mistyped_is_found(tiny):
    run = tiny.bundle("tiny").name
    wrong = ("b" if run[0] != "b" else "c") + run[1:]
    said = tiny("verify", wrong, code=2).stderr
    assert f"Did you mean {run}?" in said
