"""The command line `funnel`: each command is a short call into the rooms.

Heavy imports stand inside the commands, so that help, and a run that is already finished,
answer at once.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version

from cyclopts import App, CycloptsError

from flows.cli.bundle_commands import diff, embed, explain, history, sign, timestamp, verify
from flows.cli.source_commands import (
    describe_deaths,
    describe_towers,
    doctor,
    fetch,
    purge,
    sources,
)
from flows.cli.study_commands import check, new, preregister, run, serve, studies
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


def _version() -> str:
    try:
        return version("funnel-effect")
    except PackageNotFoundError:
        return "not installed"


app.version = _version
app.register_install_completion_command(add_to_startup=False)
for command in (
    *(run, check, studies, sources, new, fetch),
    *(preregister, purge),
    *(verify, sign, timestamp, explain, diff, embed, history),
    *(serve, doctor),
):
    app.command(command)
app.command(describe_towers, name="towers")
app.command(describe_deaths, name="deaths")


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
