"""The command line `funnel`: each command is a short call into the rooms.

Heavy imports stand inside the commands, so that help, and a run that is already finished,
answer at once.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import App, CycloptsError, Parameter

from flows.core.os_errors import explained
from flows.core.stopping import INTERRUPTED, STOPPED
from geo.errors import FunnelError

app = App(
    name="funnel",
    help="Did border surveillance push people onto harder, deadlier ground? A retrospective test.",
    result_action="return_value",
)
BUG = 1
BAD_INPUT = 2
PIPE_CLOSED = 141
"""As the shell says of a program whose reader left: 128 and the number of SIGPIPE."""

File = Annotated[Path | None, Parameter(help="Use this file in place of the study's source")]
Value = TypeVar("Value")
Credit = Annotated[str | None, Parameter(help="How that file is named in tables and pages")]


def _version() -> str:
    try:
        return version("funnel-effect")
    except PackageNotFoundError:
        return "not installed"


app.version = _version
app.register_install_completion_command(add_to_startup=False)


@app.command
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

    given = {"deaths": deaths, "towers": towers, "elevation": elevation, "landcover": landcover}
    names = {
        "deaths": deaths_credit,
        "towers": towers_credit,
        "elevation": elevation_credit,
        "landcover": landcover_credit,
    }
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
            quiet=quiet,
            as_json=json,
            files=_stated(given),
            credits=_stated(names),
        ),
    )


@app.command
def check(
    study: str = "sample",
    /,
    *,
    offline: bool = False,
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
    deaths, towers, elevation, landcover
        A file of yours in place of the study's source.
    deaths_credit, towers_credit, elevation_credit, landcover_credit
        The name under which that file is credited.
    """
    from flows.cli.run import check_study  # noqa: PLC0415

    given = {"deaths": deaths, "towers": towers, "elevation": elevation, "landcover": landcover}
    names = {
        "deaths": deaths_credit,
        "towers": towers_credit,
        "elevation": elevation_credit,
        "landcover": landcover_credit,
    }
    return check_study(study, _stated(given), _stated(names), offline=offline)


def _stated(options: dict[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in options.items() if value is not None}


@app.command
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


@app.command
def sources(*, json: bool = False) -> int:
    """List the catalogue of public sources: publisher, licence, reader.

    Example: `funnel sources --json`.

    Parameters
    ----------
    json
        Print JSON.
    """
    from flows.cli.data import list_sources  # noqa: PLC0415

    return list_sources(as_json=json)


@app.command
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


@app.command
def fetch(study: str = "arizona", /, *, offline: bool = False) -> int:
    """Snapshot the sources of a study into the vault, and say what changed since last time.

    Example: `funnel fetch arizona`.

    Parameters
    ----------
    study
        A built-in name or the path of a study file.
    offline
        Only look at what is there already.
    """
    from flows.cli.data import fetch_study  # noqa: PLC0415

    return fetch_study(study, offline=offline)


@app.command(name="towers")
def describe_towers(
    file: Path,
    /,
    *,
    study: str | None = None,
    date_order: Literal["day", "month"] | None = None,
    out: Path | None = None,
) -> int:
    """Show how a file of towers is read, write it as a clean form, print the mapping to paste.

    Example: `funnel towers towers.xlsx --study arizona`.

    Parameters
    ----------
    file
        CSV, XLSX, JSON, GeoJSON, Esri JSON, a shapefile, GeoPackage, KML or KMZ.
    study
        Also say how many towers each dating rule of this study dates.
    date_order
        Whether the day or the month stands first in dates such as 03/04/2015.
    out
        The form; by default form.csv here, or the next free name.
    """
    from flows.cli.towers import describe_file  # noqa: PLC0415

    return describe_file(file, study, date_order, out)


@app.command
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


@app.command
def purge(*, yes: bool = False) -> int:
    """Empty the vault: remove every snapshot of what publishers published.

    Example: `funnel purge --yes`.

    Parameters
    ----------
    yes
        Do it; without this the command only says what it would remove.
    """
    from flows.cli.data import purge_vault  # noqa: PLC0415

    return purge_vault(yes=yes)


@app.command
def verify(
    run: str = "latest",
    /,
    *,
    restricted: Path | None = None,
    rerun: bool = False,
    signers: Path | None = None,
    authorities: Path | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Check a bundle: hashes, custody chain, contracts, safeguards, signature, time stamp.

    Example: `funnel verify latest --restricted restricted/sample/0123456789ab --rerun`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, or a study's name; the latest by default.
    restricted
        The restricted tree of the run.
    rerun
        Also compute the run again and compare; needs the restricted tree.
    signers
        Keys whose signature counts, in OpenSSH's format of allowed_signers.
    authorities
        Certificates of time-stamping authorities that count, PEM.
    json
        Print JSON.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.evidence import verify_bundle  # noqa: PLC0415
    from flows.workflow.rerun import rerun as again  # noqa: PLC0415

    return verify_bundle(
        run,
        restricted=restricted,
        rerun=rerun,
        signers=signers,
        authorities=authorities,
        as_json=json,
        out=out,
        again=again,
    )


@app.command
def sign(run: str = "latest", /, *, key: Path, out: Path | None = None) -> int:
    """Sign a bundle's SHA256SUMS with an OpenSSH key.

    Example: `funnel sign latest --key ~/.ssh/id_ed25519`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, or a study's name; the latest by default.
    key
        Private key; or the public one of a key that an agent or a device holds.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.seals import sign_bundle  # noqa: PLC0415

    return sign_bundle(run, key, out)


@app.command
def timestamp(
    run: str = "latest",
    /,
    *,
    authority: str | None = None,
    request: Path | None = None,
    token: Path | None = None,
    out: Path | None = None,
) -> int:
    """Have an authority certify that a bundle's SHA256SUMS was there on a day (RFC 3161).

    Example: `funnel timestamp latest --authority https://freetsa.org/tsr`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, or a study's name; the latest by default.
    authority
        Address of a time-stamping authority.
    request
        Write the request into this file, to carry it to an authority by hand.
    token
        An authority's answer to that request.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.seals import stamp_bundle  # noqa: PLC0415

    return stamp_bundle(run, authority=authority, request=request, token=token, out=out)


@app.command
def explain(
    run: str,
    id: str,  # noqa: A002 - the word a user types
    /,
    *,
    restricted: Path | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Trace one number or row back through every step to its source rows.

    Example: `funnel explain latest headline`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, a study's name for its latest, or "latest".
    id
        A row_id of any table, or the name of an analysis of `estimates`.
    restricted
        The restricted tree of the run, to see source rows.
    json
        Print JSON.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.evidence import explain_row  # noqa: PLC0415

    return explain_row(run, id, restricted=restricted, as_json=json, out=out)


@app.command
def diff(
    first: str,
    second: str,
    /,
    *,
    restricted: tuple[Path, Path] | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Say what changed between two runs.

    Example: `funnel diff 0123456789ab ba9876543210`.

    Parameters
    ----------
    first, second
        Bundles: folders or beginnings of ids.
    restricted
        Both restricted trees, to compare record by record.
    json
        Print JSON.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.evidence import diff_bundles  # noqa: PLC0415

    return diff_bundles(first, second, restricted=restricted, as_json=json, out=out)


@app.command
def embed(run: str = "latest", /, *, out: Path | None = None) -> int:
    """Print the iframe snippet of a run's map.

    Example: `funnel embed > snippet.html`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, a study's name for its latest, or "latest".
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.workflow.bundles import find  # noqa: PLC0415

    say((find(run, out) / "maps" / "snippet.html").read_text("utf-8").rstrip())
    return 0


@app.command
def serve(
    study: str = "arizona",
    /,
    *,
    cron: str = "0 6 1 1,4,7,10 *",
    timezone: str = "America/Phoenix",
    port: int = 4200,
    offline: bool = False,
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
        Never open a socket to a publisher.
    """
    from flows.orchestration.serve import serve_study  # noqa: PLC0415

    return serve_study(study, cron, timezone, port, offline=offline)


@app.command
def doctor(*, json: bool = False) -> int:
    """Check this installation: versions, GDAL, memory, disk, browser; say what to do.

    Leaves with 2 where something vital is not sound. Example: `funnel doctor`.

    Parameters
    ----------
    json
        Print JSON.
    """
    from flows.cli.doctor import report  # noqa: PLC0415

    return report(as_json=json)


def as_json(answer: object) -> str:
    """Return an answer for programs."""
    from json import dumps  # noqa: PLC0415 - commands have an option of the module's name

    return dumps(answer, indent=1, ensure_ascii=False)


def say(text: str) -> None:
    """Print a line for the user."""
    print(text)  # noqa: T201 - the command line speaks


def main(tokens: list[str] | None = None) -> None:
    """Run the command line and leave with a stable exit code.

    0 done; 1 our bug; 2 what the user can put right: input, a full disk, a folder that may not be
    written; 3 a source, or a scheduler, out of reach.
    """
    try:
        code = _code(tokens)
        sys.stdout.flush()  # here and not at exit, where nobody could catch what it raises
    except BrokenPipeError:
        # the reader has what it wanted, as `head` has; there is nobody left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    sys.exit(code)


def _code(tokens: list[str] | None) -> int:
    try:
        with explained("this command"):
            result = app(tokens, exit_on_error=False, print_error=True)
    except CycloptsError:
        return BAD_INPUT
    except FunnelError as error:
        print(str(error), file=sys.stderr)  # noqa: T201
        return error.exit_code
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
