"""The site builds without a broken link, its samples run, and its references are complete."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generate import (
    cli_page,
    messages,
    messages_page,
    parameters_page,
    study_page,
    tables_page,
)
from flows.cli.app import app
from geo.records import TABLES
from geo.study import Study, parse

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
COMMAND = re.compile(r"^(?:\.venv/bin/)?funnel (\w+)(.*)$", re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT / "docs"))


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=name)
def test_worked_examples_run(page, tmp_path):
    room = {"folder": tmp_path}
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), room)  # noqa: S102 - our own pages


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda p: p.name)
def test_commands_shown_have_the_options_that_the_command_line_has(page):
    for block in blocks(page, "console"):
        for command, rest in COMMAND.findall(block):
            words = shlex.split(rest, comments=True)
            app.parse_args([command, *words], exit_on_error=False, print_error=False)


def test_studies_shown_are_valid():
    samples = [block for page in PAGES for block in blocks(page, "toml")]
    assert samples
    for text in samples:
        parse(text, "page", lambda n: (ROOT / "data" / "studies" / f"{n}.toml").read_text("utf-8"))


def test_references_name_every_command_key_table_and_constant():
    commands = cli_page()
    assert all(f"funnel {c}" in commands for c in ("run", "check", "new", "explain", "verify"))
    keys, tables = study_page(), tables_page()
    assert all(f"`{key}`" in keys for key in Study.model_fields)
    for table in TABLES.values():
        assert f"## {table.name}\n" in tables
        assert all(f"`{column}`" in tables for column in table.names)
    assert "Looney" in parameters_page()


@pytest.mark.slow
def test_messages_are_read_from_the_code_that_says_them():
    code = (
        "def f(x):\n"
        "    remedy = 'Give another'\n"
        "    raise InputProblems([Problem('a', f'{x} is wrong', remedy)])\n"
        "def g():\n"
        "    raise GridError('cells are not square; resample')\n"
    )
    assert list(messages(code)) == [
        ("… is wrong", "Give another"),
        ("cells are not square", "resample"),
    ]
    assert "there is no such study" in messages_page()


def test_every_module_of_a_room_states_what_it_does():
    bare = [
        str(p.relative_to(ROOT))
        for p in (ROOT / "geo").rglob("*.py")
        if not ast.get_docstring(ast.parse(p.read_text("utf-8")))
    ]
    assert not bare


def test_files_that_the_map_names_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Where modules went")[0]
    named = re.findall(r"`((?:geo|flows|data|maps)/[\w/.]+\.(?:py|yaml))`", text)
    assert len(named) > 30
    assert not [n for n in named if not (ROOT / n).is_file()]


@pytest.mark.slow
def test_the_site_builds_offline_without_a_broken_link(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(tmp_path / "s")],
        cwd=ROOT, capture_output=True, text=True, timeout=1_800, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "s").rglob("index.html"))
    assert len(pages) >= len(PAGES)
    library = (tmp_path / "s" / "api" / "locomotion" / "index.html").read_text("utf-8")
    assert "<math" in library
    assert "$$" not in library
    assert '#geo.locomotion.slope_cost.time_per_metre"><code>' in library
    method = (tmp_path / "s" / "method" / "index.html").read_text("utf-8")
    assert method.count(".svg") == 6
    loads = re.compile(r'<(?:script|link rel="stylesheet"|img)[^>]+(?:src|href)="https?://')
    assert not [p for p in pages if loads.search(p.read_text("utf-8"))]


def test_the_readme_is_short_its_links_lead_somewhere_and_its_figures_stand_in_the_tables():
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 120
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert len(links) > 10
    assert not [link for link in links if not (ROOT / link).exists()]
    worlds = (ROOT / "validation/results/2026-11-28-full-only-plan-2-worlds.md").read_text("utf-8")
    for gate, said in {"rising-1": "14 %", "search-0.6-1": "6 %", "search-1-1": "19 %"}.items():
        row = next(r for r in worlds.splitlines() if r.startswith(f"| {gate} | supported |"))
        share = float(row.split("|")[5])
        assert f"{share:.0%}".replace("%", " %") == said
        assert said in text.partition("## Try it")[0]
    catalogue = (ROOT / "data" / "catalogue.toml").read_text("utf-8")
    shown = re.findall(r"'(https://(?:humaneborders|www2|raw\S+usmx84)[^']+)'", text)
    assert len(shown) == 3
    for address in shown:
        assert f'"{address}"' in catalogue
