"""`funnel run` and `funnel check`."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rich.markup import escape

from flows.core.executor import executor
from flows.core.settings import Home, cores, home, now
from flows.core.stage import RunSpec
from flows.core.stopping import stops_at_once
from flows.core.store import StepStore, locked
from flows.workflow import plan_text as plans
from flows.workflow.bundles import counted
from flows.workflow.plan_text import Forecast
from flows.workflow.prepare import Options, prepare
from flows.workflow.progress import Reporter, console
from flows.workflow.runner import Planned, bundle, execute_all, log_run, plan
from geo.errors import FunnelError


@dataclass(frozen=True)
class RunOptions:
    """Everything `funnel run` can be told; see the command's help."""

    restricted: bool = False
    offline: bool = False
    plain: bool = False
    plan: bool = False
    workers: int | None = None
    dask: str | None = None
    out: Path | None = None
    language: str | None = None
    quiet: bool = False
    as_json: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)
    credits: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None


def run_study(named: str, options: RunOptions) -> int:
    """Run a study, or answer from the store what is already done; one Ctrl-C stops it."""
    with stops_at_once():
        return _run(named, options)


def _run(named: str, options: RunOptions) -> int:
    place = home(options.out)
    say: Callable[[str], None] = console.print
    if options.quiet or options.as_json:
        say = _silent
    started = now().isoformat(timespec="seconds")
    reporter = Reporter(quiet=options.quiet or options.as_json)
    with reporter.running():
        question = prepare(
            named,
            place,
            _overrides(options),
            reporter.plain("Getting the sources"),
        )
    _show_plan(question, place, options)
    if options.plan:
        return 0
    with locked(
        place.locks / f"{question.run_id}.lock",
        lambda: say("another run of the same question is under way; waiting for its result"),
    ):
        if not _finished(question, place, checked=options.restricted):
            for line in _examine(question):
                say(escape(line))
            _work(question, place, options, reporter)
            log_run(place, question, started, platform.node())
        if options.restricted:
            from flows.workflow.restricted import write_restricted_tree  # noqa: PLC0415

            say(f"restricted tree: {write_restricted_tree(question, place)}")
    _show_result(question, place, options)
    return 0


def _overrides(options: RunOptions) -> Options:
    return Options(options.offline, options.files, options.credits, options.language, options.as_of)


def check_study(
    named: str,
    files: Mapping[str, Path],
    credits_: Mapping[str, str],
    *,
    offline: bool,
    as_of: date | None = None,
) -> int:
    """List every problem of a study and its inputs."""
    options = Options(offline=offline, files=files, credits=credits_, as_of=as_of)
    question = prepare(named, home(), options, lambda _d, _t, _l: None)
    grid = question.study.grid
    if grid.reason:
        console.print(f"grid {grid.resolution_m:,g} m: {grid.reason}")
    for line in [*_examine(question), *plans.set_aside(question)]:
        console.print(line, markup=False)
    for gap in question.missing:
        console.print(f"not there: {gap.missing} ({gap.what}). {gap.how}", markup=False)
    console.print(f"{question.study.name}: no problem found in {len(question.inputs)} inputs")
    return 0


def _examine(question: RunSpec) -> list[str]:
    from flows.workflow.checks import examine, scores  # noqa: PLC0415 - loads every reader

    return [*examine(question), *scores(question)]


def _silent(_text: str) -> None:
    pass


def _work(question: RunSpec, place: Home, options: RunOptions, reporter: Reporter) -> None:
    from flows.workflow.journal import journal  # noqa: PLC0415 - only a run that works writes one

    workers = options.workers or cores()
    with (
        journal(question, place, workers) as log,
        reporter.running(),
        executor(workers, options.dask) as pool,
    ):
        reports = log.watch(question, reporter.for_stage)
        if not options.plain:
            from flows.orchestration.session import PrefectNotReadyError, with_prefect  # noqa: PLC0415

            try:
                with_prefect(question, place, pool, workers, reports)
            except PrefectNotReadyError as error:
                console.print(f"{error}; running the same steps without it")
            else:
                return
        execute_all(question, place, pool, workers, reports)


def _finished(question: RunSpec, place: Home, *, checked: bool) -> bool:
    """Say whether there is nothing to do; with `checked`, whether the store is what it was too."""
    folder, store = bundle(place, question), StepStore(place.store)
    return (folder / "SHA256SUMS").is_file() and all(
        p.done and not (checked and store.damage(p.stage.name, p.fingerprint))
        for p in plan(question, store)
    )


def _show_plan(question: RunSpec, place: Home, options: RunOptions) -> None:
    """Say what will be done, for how long and with how much memory; as JSON if so asked."""
    planned = plan(question, StepStore(place.store))
    costs = _forecast(question, place, planned, options.workers or cores())
    if options.as_json and options.plan:
        print(json.dumps(plans.as_json(question, planned, costs), indent=1))  # noqa: T201
    elif not (options.quiet or options.as_json):
        for line in plans.as_lines(question, planned, costs, options.workers or cores()):
            console.print(line)
        if question.of("towers") and not all(p.done for p in planned):
            from flows.workflow.checks import towers_in_words  # noqa: PLC0415 - loads readers

            for line in towers_in_words(question):
                console.print(f"  {line}", markup=False)
        if any(p.done is False for p in planned):
            _show_design(question)


def _show_design(question: RunSpec) -> None:
    """Say which corridors there will be, and how deep a crossing is."""
    from flows.workflow.crossing_check import depth_in_words  # noqa: PLC0415 - loads every reader
    from flows.workflow.foreseen import Foreseen  # noqa: PLC0415 - loads every reader

    try:
        foreseen = Foreseen(question)
        console.print(foreseen.corridors, markup=False)
        for line in depth_in_words(question, foreseen.polygons):
            console.print(line, markup=False)
    except (FunnelError, OSError):
        return  # the check that follows says what is wrong


def _forecast(
    question: RunSpec, place: Home, planned: tuple[Planned, ...], workers: int
) -> tuple[Forecast, ...] | None:
    """Return what the steps to do will take; None where an input cannot even be measured."""
    if all(p.done for p in planned):
        return ()
    from flows.workflow.forecast import forecast  # noqa: PLC0415 - loads the science

    try:
        return forecast(question, planned, StepStore(place.store), workers)
    except (FunnelError, OSError):
        return None  # the check that follows says which input, and everything else


def _show_result(question: RunSpec, place: Home, options: RunOptions) -> None:
    folder = bundle(place, question)
    headline = json.loads((folder / "headline.json").read_text("utf-8"))
    result = {
        "run_id": question.run_id,
        "study": question.study.name,
        "headline": headline.get("sentence", ""),
        "claim_level": headline.get("claim_level", ""),
        "bundle": str(folder),
        "map": str(folder / "maps" / "funnel.html"),
        "tables": str(folder / "tables"),
        "sources": counted(folder),
        "skipped": [gap.what for gap in question.missing],
    }
    if options.as_json:
        print(json.dumps(result, indent=1))  # noqa: T201
    elif not options.quiet:
        print(  # noqa: T201
            f"\n{result['headline']}\n\n{_counted_lines(result['sources'])}"
            f"map     {result['map']}\ntables  {result['tables']}\n"
            f"index   {folder / 'index.html'}"
        )


def _counted_lines(sources: Mapping[str, Mapping[str, int]]) -> str:
    """Return one line a source: what became of its rows."""
    return "".join(
        f"{name}: {steps.get('read', 0):,} rows read, {steps.get('used', 0):,} used, "
        f"{steps.get('excluded', 0):,} excluded, {steps.get('quarantined', 0):,} quarantined\n"
        for name, steps in sources.items()
    ) + ("\n" if sources else "")
