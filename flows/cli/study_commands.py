"""Commands about a study: write, check, register, run and schedule it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import Parameter

File = Annotated[Path | None, Parameter(help="Use this file in place of the study's source")]
Value = TypeVar("Value")
Credit = Annotated[str | None, Parameter(help="How that file is named in tables and pages")]
OWN = ("deaths", "towers", "elevation", "landcover")
"""Roles in which a file of the user's may stand in place of the study's source."""


def run(
    study: str = "sample",
    /,
    *,
    restricted: bool = False,
    offline: bool = False,
    plain: bool = False,
    plan: bool = False,
    workers: int | None = None,
    dask: str | None = None,
    out: Path | None = None,
    lang: Literal["en", "es"] | None = None,
    as_of: date | None = None,
    quiet: bool = False,
    json: bool = False,
    deaths: File = None,
    towers: File = None,
    elevation: File = None,
    landcover: File = None,
    deaths_credit: Credit = None,
    towers_credit: Credit = None,
    elevation_credit: Credit = None,
    landcover_credit: Credit = None,
) -> int:
    """Run a study: the main job.

    Prints a plan, shows progress, and ends with the headline sentence, where the map is and
    where the tables are. Example: `funnel run arizona --offline`.

    Parameters
    ----------
    study
        A built-in name (`funnel studies`) or the path of a study file.
    restricted
        Also write the restricted tree: one row per record, beside the public bundles.
    offline
        Never open a socket; use what the vault and local folders hold.
    plain
        Run the same steps without Prefect.
    plan
        Say what would run, and stop.
    workers
        Threads, or processes of a local cluster; by default one per core.
    dask
        Address of a running Dask scheduler, or "local" for a cluster of processes of this run.
    out
        Folder of the bundles, by default ./runs.
    lang
        Language of the pages.
    as_of
        Day on which the study stands, in place of its own; never later than today.
    quiet
        Print nothing but errors.
    json
        Print the result as JSON.
    deaths, towers, elevation, landcover
        A file of yours in place of the study's source; it enters the run's fingerprint, and stands
        everywhere as supplied by the user.
    deaths_credit, towers_credit, elevation_credit, landcover_credit
        The name under which that file is credited.
    """
    from flows.cli.run import RunOptions, run_study  # noqa: PLC0415

    files = _by_role(deaths, towers, elevation, landcover)
    names = _by_role(deaths_credit, towers_credit, elevation_credit, landcover_credit)
    return run_study(
        study,
        RunOptions(
            restricted=restricted,
            offline=offline,
            plain=plain,
            plan=plan,
            workers=workers,
            dask=dask,
            out=out,
            language=lang,
            as_of=as_of,
            quiet=quiet,
            as_json=json,
            files=files,
            credits=names,
        ),
    )


def check(
    study: str = "sample",
    /,
    *,
    offline: bool = False,
    as_of: date | None = None,
    deaths: File = None,
    towers: File = None,
    elevation: File = None,
    landcover: File = None,
    deaths_credit: Credit = None,
    towers_credit: Credit = None,
    elevation_credit: Credit = None,
    landcover_credit: Credit = None,
) -> int:
    """Find every problem of a study and its inputs at once, before any work.

    Example: `funnel check evros.toml --elevation relief.tif --offline`.

    Parameters
    ----------
    study
        A built-in name or the path of a study file.
    offline
        Never open a socket.
    as_of
        Day on which the study stands, in place of its own.
    deaths, towers, elevation, landcover
        A file of yours in place of the study's source.
    deaths_credit, towers_credit, elevation_credit, landcover_credit
        The name under which that file is credited.
    """
    from flows.cli.run import check_study  # noqa: PLC0415

    files = _by_role(deaths, towers, elevation, landcover)
    names = _by_role(deaths_credit, towers_credit, elevation_credit, landcover_credit)
    return check_study(study, files, names, offline=offline, as_of=as_of)


def _by_role(*given: Value | None) -> dict[str, Value]:
    """Return what was given in place of each of `OWN`, those left out apart."""
    return {role: value for role, value in zip(OWN, given, strict=True) if value is not None}


def studies(*, json: bool = False) -> int:
    """List the built-in studies.

    Example: `funnel studies`.

    Parameters
    ----------
    json
        Print JSON.
    """
    from flows.workflow.studies import builtin, locate  # noqa: PLC0415

    titles = {name: locate(name).study.title for name in builtin()}
    say(as_json(titles) if json else "\n".join(f"{n:10} {title}" for n, title in titles.items()))
    return 0


def new(
    name: str,
    /,
    *,
    area: Annotated[tuple[float, float, float, float] | None, Parameter(negative=())] = None,
    from_: Annotated[date | None, Parameter(name="--from")] = None,
    to: date | None = None,
    periods: Annotated[
        tuple[date, ...] | None, Parameter(consume_multiple=True, negative=())
    ] = None,
    resolution: float = 30.0,
) -> int:
    """Write a commented study file for an area of yours.

    Asks for what is not given when on a terminal. Example:
    `funnel new evros --area 26 40.6 27 41.8 --from 2014-01-01 --periods 2018-01-01`.

    Parameters
    ----------
    name
        Of the study, and of the file: NAME.toml in this folder.
    area
        West, south, east, north, degrees.
    from_
        First day of the first period; by default 2014-01-01, where the worldwide series begins.
    to
        Day after the last period; by default two years ago, so that all may be published.
    periods
        First day of each later period; the first of them is that of the first tower of any kind.
    resolution
        Side of the cells, metres.
    """
    from flows.cli.new import scaffold, terminal  # noqa: PLC0415

    path = scaffold(name, area, from_, to, periods, resolution, terminal())
    say(f"written: {path}\nnext: read it, then `funnel check {path}`")
    return 0


def preregister(study: str, /, *, out: Path | None = None) -> int:
    """Write hypotheses, estimand, units, gates and the study's hash into a file to deposit.

    Example: `funnel preregister arizona --out plan.md`.

    Parameters
    ----------
    study
        A built-in name or the path of a study file.
    out
        The file; by default preregistration-<study>.md here.
    """
    from flows.cli.data import write_preregistration  # noqa: PLC0415

    return write_preregistration(study, out)


def serve(
    study: str = "arizona",
    /,
    *,
    cron: str = "0 6 1 1,4,7,10 *",
    timezone: str = "America/Phoenix",
    port: int = 4200,
    offline: bool = False,
    notify: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = (),
    late: float = 600.0,
) -> int:
    """Run a study by schedule: Prefect's server, schedule and worker, on this machine.

    Everything stays on the loopback interface and telemetry is off. For a team, see prefect.yaml.
    Example: `funnel serve arizona --cron "0 6 1 1,4,7,10 *"`.

    Parameters
    ----------
    study
        A built-in name or the path of a study file.
    cron
        When to run; by default at six in the morning on the first day of each quarter.
    timezone
        Time zone of the schedule.
    port
        Port of the server.
    offline
        Never open a socket to a publisher. Without it, each run asks them again for what is new.
    notify
        Who is told of a run that failed or is late, and of an answer that changed: webhooks
        (https://..., JSON as Slack takes it), e-mail (mailto://user:password@host?to=...), files.
    late
        Seconds that a run may wait for its start before it is called late.
    """
    from flows.orchestration.serve import Schedule, serve_study  # noqa: PLC0415

    when = Schedule(cron, timezone, notify, late)
    return serve_study(study, when, port, {"offline": offline, "refresh": not offline})


def as_json(answer: object) -> str:
    """Return an answer for programs."""
    from json import dumps  # noqa: PLC0415 - commands have an option of the module's name

    return dumps(answer, indent=1, ensure_ascii=False)


def say(text: str) -> None:
    """Print a line for the user."""
    print(text)  # noqa: T201 - the command line speaks
