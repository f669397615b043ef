"""What the command line and its steps refuse before and during work."""

from __future__ import annotations

import platform
import socket
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from provoking import Act, Case

from flows.cli import evidence as commands_evidence
from flows.cli import new
from flows.cli.history import show_history
from flows.core import cluster
from flows.core.executor import executor
from flows.core.settings import Targets
from flows.fetch import resolve
from flows.fetch.vault import Vault
from flows.orchestration import form, serve
from flows.stages import ground, movement, terrain, vintages
from flows.workflow import (
    bundles,
    checks,
    crossing_check,
    deposit,
    prepare,
    rerun,
    runner,
    studies,
)
from flows.workflow.checks import examine
from geo import grid, study
from geo.records import CORRIDORS, LINES, PLACES
from geo.synthetic.landscape import plan, strip

BUILTIN = studies.builtin()
TINY = BUILTIN["tiny"]


def case(file: str, where: str, what: str, act: Act) -> Case:
    return Case(f"{file}.py", where, what, act)


def tiny(**changes: object) -> study.Study:
    return study.parse(TINY, "tiny", BUILTIN.__getitem__).model_copy(update=changes)


SOURCE = '[[sources]]\nid = "{}"\nrole = "{}"\n'
PERIOD = '[[periods]]\nid = "{}"\nlabel = "A"\nstart = {}\nend = {}\n'


def periods(*given: tuple[str, str, str]) -> Act:
    text = "".join(PERIOD.format(*p) for p in given)
    return key(f'name = "mine"\n{text}')


def key(text: str) -> Act:
    return lambda _: study.parse(f'extends = "tiny"\n{text}', "mine.toml", BUILTIN.__getitem__)


def made_up(**changes: object) -> study.Study:
    one = tiny()
    return one.model_copy(update={"synthetic": one.synthetic.model_copy(update=changes)})


CASES = [
    case("geo/study/toml_file", "mine.toml", "not valid TOML", lambda _: study.parse("a =", "mine.toml")),
    case("geo/study/toml_file", "extends", "in a circle", lambda _: study.parse(
         'extends = "a"', "mine.toml", lambda _n: 'extends = "a"')),
    case("geo/study/toml_file", "mine.toml", "looked up", lambda _: study.parse('extends="a"', "mine.toml")),
    case("geo/study/toml_file", "mine.toml, seed", "required", lambda _: study.parse("", "mine.toml")),
    case("geo/study/toml_file", "mine.toml, sed", "not permitted", key("sed = 4")),
    case("geo/study/toml_file", "mine.toml, crs", "not projected", key('crs = "EPSG:4326"')),
    case("geo/scale", "mine.toml: crs", "no EPSG code", key('crs = "+proj=utm +zone=12"')),
    case("geo/scale", "mine.toml: crs", "the ground by up to", key('crs = "EPSG:3857"')),
    case("geo/study/model", "bounds_lonlat", "swapped", key("bounds_lonlat = [1, 2, 0, 3]")),
    case("geo/study/model", "pre_tower", "after it starts", key("pre_tower = [2002-01-01, 2001-01-01]")),
    case("geo/study/sections", "movement.avoidance", "hold 0", key("[movement]\navoidance = [1.0]")),
    case("geo/study/sections", "privacy", "floor", key("[privacy]\ndeath_cell_m = 10")),
    case("geo/study/sections", "privacy", "at most 11000", key("[privacy]\ndeath_cell_m = 20000")),
    case("geo/study/model", "mine.toml: source", "for the role vintage", key(
         SOURCE.format("a", "deaths") + 'vintage_of = "a"')),
    case("geo/study/model", "mine.toml: source", "needs vintage_of: a or b", key(
         "".join(map(SOURCE.format, "abc", ("deaths", "deaths", "vintage"))))),
    case("geo/study/model", "mine.toml: source", "names no deaths (a)", key(
         SOURCE.format("a", "deaths") + SOURCE.format("b", "vintage") + 'vintage_of = "c"')),
    case("geo/study/sections", "periods", "not after", periods(("a", "2002-01-01", "2001-01-01"))),
    case("geo/study/model", "periods", "order", periods(
         ("b", "2003-01-01", "2004-01-01"), ("a", "2001-01-01", "2002-01-01"))),
    case("geo/study/model", "periods a and b", "overlap", periods(
         ("a", "2001-01-01", "2003-01-01"), ("b", "2002-01-01", "2004-01-01"))),
    case("geo/study/model", "periods", "same id", periods(
         ("a", "2001-01-01", "2002-01-01"), ("a", "2002-01-01", "2003-01-01"))),
    case("geo/synthetic/landscape", "study tiny", "no [synthetic]",
         lambda _: plan(tiny(synthetic=None))),
    case("geo/synthetic/landscape", "synthetic.treated", "more than",
         lambda _: plan(made_up(treated=99))),
    case("geo/synthetic/landscape", "study tiny", "does not fit",
         lambda _: strip(made_up(width_km=9_000.0))),
]  # fmt: skip


def question(**more: object) -> SimpleNamespace:
    return SimpleNamespace(study=tiny(sources=()), inputs=(), of=lambda _role: (), **more)


def in_folder(act: Callable[[Path], object]) -> Act:
    """Act with the folder as the current one and as home."""

    def acted(folder: Path) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("FUNNEL_HOME", str(folder / "home"))
            return act(folder)

    return acted


def no_border(_folder: Path) -> object:
    tables = {LINES.name: LINES.empty(), PLACES.name: PLACES.empty()}
    step = SimpleNamespace(done={"ingest": None, "terrain": None}, study=tiny())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(movement, "read_table", lambda _done, name: tables[name])
        patch.setattr(movement, "_elevation", lambda _step: study.study_grid(tiny()))
        patch.setattr(movement, "grid_of", lambda grid: grid)
        return movement.ends(step)


def taken(_folder: Path) -> object:
    with socket.socket() as server:
        server.bind((serve.HOST, 0))
        server.listen()
        with serve._server(server.getsockname()[1]):
            return None


def two_runs(folder: Path, named: str) -> object:
    for run in ("abc1", "abc2"):
        (folder / "runs" / "tiny" / run).mkdir(parents=True)
        (folder / "runs" / "tiny" / run / "SHA256SUMS").write_text("")
    return bundles.find(named, folder / "runs")


def one_run(folder: Path, **more: object) -> object:
    (folder / "SHA256SUMS").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands_evidence.evidence, "verify", lambda *_given: [])
        patch.setattr(commands_evidence.evidence, "foreign", lambda _folder: "")
        return commands_evidence.verify_bundle(str(folder), rerun=True, **more)


def other_tree(folder: Path) -> object:
    (folder / "tables").mkdir()
    source = tiny().sources[0]
    row = {"source_id": [source.id], "role": [source.role], "sha256": ["f" * 64]}
    pd.DataFrame(row).to_parquet(folder / "tables" / "snapshots.parquet")
    return rerun._inputs(tiny(), folder, folder)


def future(folder: Path) -> object:
    path = folder / "mine.toml"
    path.write_text('extends = "tiny"\nname = "mine"\nas_of = 2999-01-01\n')
    return studies.locate(str(path))


def parent(folder: Path) -> object:
    (folder / "mine.toml").write_text('extends = "sampel"\nname = "mine"\n')
    return studies.locate(str(folder / "mine.toml"))


def vaulted(folder: Path, *, gone: bool) -> object:
    vault = Vault(folder / "vault")
    snapshot = vault.put_bytes("deaths", b"a", {"retrieved_at": "2020-01-01T00:00:00"}, "a.csv")
    path = vault.path(snapshot)
    path.chmod(0o600)
    path.unlink() if gone else path.write_text("b")
    return Vault(folder / "vault").open(snapshot)


def not_there(folder: Path) -> object:
    source = study.Source(id="my-deaths", role="deaths", file="deaths.csv")
    return resolve(
        tiny(sources=(source,), synthetic=None), Vault(folder / "vault"), offline=True,
        local_data=None, study_folder=folder, clock=None, progress=lambda *_given: None,
    )  # fmt: skip


def no_line(_folder: Path) -> object:
    return crossing_check.examine_crossings(question(), CORRIDORS.empty())[0]


def no_weather(folder: Path) -> object:
    (folder / "weather.csv").write_text("a;b\n")
    return checks._weather(
        SimpleNamespace(path=folder / "weather.csv", source_id="w", label="weather.csv"), None
    )


def ground_of() -> ground.StudyGround:
    box = study.study_grid(tiny())
    slope = grid.wrap(np.zeros(tuple(box.shape)), box, "slope", "rad")
    nobody = gpd.GeoDataFrame(geometry=[], crs=4326)
    return ground.StudyGround(
        nobody, slope, slope, slope, slope, None, None, None, None, 5, seen=None
    )


def known_as(key: str) -> pd.DataFrame:
    return pd.DataFrame({"death_id": [key], "source_row": [1]})


def other_versions() -> object:
    class Connected:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def get_versions(self, *, check: bool) -> dict[str, object]:
            packages = {name: metadata.version(name) for name in cluster.CARRYING}
            return {
                "scheduler": {"host": {"python": platform.python_version()}, "packages": packages}
            }

        def run(
            self, versions: Callable[[], dict[str, str]], *, on_error: str
        ) -> dict[str, object]:
            told = {**versions(), "numpy": "1.0"}
            return {"tcp://a": told, "tcp://b": told, "tcp://c": ModuleNotFoundError("flows")}

        def close(self) -> None:
            pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "Checked", Connected)
        return cluster.connected("tcp://scheduler:8786")


def not_a_bundle(folder: Path) -> object:
    (folder / "mine").mkdir()
    (folder / "mine" / "photograph.jpg").write_text("")
    planned = SimpleNamespace(stage=SimpleNamespace(name=runner.PUBLISH))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "bundle", lambda _home, _question: folder / "mine")
        with runner._output(planned, None, None):
            return None


def scaffold(*given: object, answers: tuple[str, ...] = ()) -> Act:
    said = iter(answers)
    ask = (lambda _question: next(said)) if answers else None
    words = (*given, *(None,) * (5 - len(given)))
    return in_folder(lambda _: new.scaffold(*words, 30.0, ask))


AREA = (26.0, 40.6, 27.0, 41.8)
YEARS = (date(2014, 1, 1), date(2020, 1, 1))
CASES += [
    case("flows/workflow/bundles", "abc3", "no run fits", partial(two_runs, named="abc3")),
    case("flows/workflow/bundles", "abc", "2 runs fit", partial(two_runs, named="abc")),
    case("flows/workflow/bundles", "latest", "no run fits", lambda f: bundles.find("latest", f)),
    case("flows/workflow/checks", "tiny, sources", "no elevation", lambda _: examine(question())),
    case("flows/workflow/checks", "weather.csv", "no known layout", no_weather),
    case("flows/workflow/crossing_check", "tiny", "no border line", no_line),
    case("flows/workflow/runner", "mine", "no bundle", not_a_bundle),
    case("flows/stages/ground", "road or town", "remoteness", lambda _: ground_of()._of_kind(
         "remoteness_only")),
    case("flows/stages/ground", "no weather", "role climate", lambda _: ground_of()._of_kind(
         "temperature")),
    case("flows/stages/ground", "catchments", "were computed",
         lambda _: ground_of()._catchments(None, None)),
    case("flows/stages/ground", "0.01 km", "not finer", lambda _: ground_of()._coarse(10.0)),
    case("flows/stages/vintages", "unknown to a", "same source", lambda _: vintages._changed(
         known_as("x"), known_as("y"), "a")),
    case("flows/core/cluster", "nonsense://1", "no Dask scheduler",
         lambda _: executor(1, "nonsense://1").__enter__()),
    case("flows/core/cluster", "--dask", "numpy 1.0 where", lambda _: other_versions()),
    case("flows/core/cluster", "--dask", "does not have this program", lambda _: other_versions()),
    case("flows/core/cluster", "--dask", "that joined later", lambda _: cluster._if_same(
         {**cluster.versions(), "numpy": "1.0"}, print)),
    case("flows/cli/evidence", "--rerun", "snapshots", one_run),
    case("flows/cli/evidence", "funnel verify", "again",
         lambda f: one_run(f, restricted=f)),
    case("flows/fetch/resolve", "deaths.csv", "deaths", not_there),
    case("flows/workflow/prepare", "--deaths", "no file", lambda f: prepare.resolved_study(
         "tiny", prepare.Options(files={"deaths": f / "nowhere.csv"}))),
    case("flows/workflow/rerun", "snapshot ffff", "restricted tree", other_tree),
    case("flows/orchestration/serve", "--timezone", "no time zone", lambda _: serve._check(
         serve.Schedule("0 6 1 1 *", "Mars"))),
    case("flows/orchestration/serve", "--cron", "no schedule", lambda _: serve._check(
         serve.Schedule("soon", "UTC"))),
    case("flows/orchestration/notices", "--notify", "no address", lambda _: serve._check(
         serve.Schedule("0 6 1 1 *", "UTC", ("ftp://example.org",)))),
    case("flows/orchestration/form", "towers", "no file", lambda f: form._here(
         "towers", "memory://none/t.csv", f / "t")),
    case("flows/orchestration/form", "towers", "no file of a block", lambda f: form._here(
         "towers", "block:nothing", f / "t")),
    case("flows/workflow/deposit", "FUNNEL_BUNDLES_TO", "cannot be opened", lambda _: deposit.check(
         Targets("nosuch://bucket"))),
    case("flows/workflow/deposit", "FUNNEL_SNAPSHOTS_TO", "names", lambda _: deposit.check(
         Targets("/srv/a", "/srv/a/raw"))),
    case("flows/cli/history", "nowhere", "no finished run", lambda f: show_history(
         "nowhere", out=f, as_json=True)),
    case("flows/orchestration/serve", "--port", "is taken", taken),
    case("flows/orchestration/serve", "port 4200", "did not come up",
         lambda _: serve._wait(4200, SimpleNamespace(poll=lambda: 1))),
    case("flows/stages/movement", "the study", "no border", no_border),
    case("flows/stages/movement", "terrain", "no elevation",
         lambda f: movement._elevation(SimpleNamespace(done={"terrain": f}))),
    case("flows/stages/terrain", "the study", "no elevation",
         lambda _: terrain.run(SimpleNamespace(question=question(), study=tiny()))),
    case("flows/workflow/studies", "sampel", "no such study", lambda _: studies.locate("sampel")),
    case("flows/workflow/studies", "sampel", "no such study", parent),
    case("flows/workflow/studies", "as_of", "in the future", future),
    case("flows/fetch/vault", "deaths", "no longer", partial(vaulted, gone=True)),
    case("flows/fetch/vault", "deaths", "altered", partial(vaulted, gone=False)),
    case("flows/cli/new", "--area", "needs an area", scaffold("mine")),
    case("flows/cli/study_template", "--area", "is not west", scaffold("mine", (9, 0, 0, 9), *YEARS, ())),
    case("flows/cli/study_template", "--periods", "order of time",
         scaffold("mine", AREA, *YEARS, (date(2030, 1, 1),))),
    case("flows/cli/new", "--to", "in the future", scaffold("mine", AREA, YEARS[0], date(2999, 1, 1))),
    case("flows/cli/new", "tiny", "built-in", scaffold("tiny", AREA)),
    case("flows/cli/new", "mine.toml", "there already", in_folder(
         lambda f: ((f / "mine.toml").write_text(""), scaffold("mine", AREA))[1](f))),
    case("flows/cli/new", "area", "is no area", scaffold("mine", answers=("here",))),
    case("flows/cli/new", "date", "is no date", scaffold("mine", AREA, answers=("soon",))),
]  # fmt: skip
