"""Notices: a run failed, is late or died, or an answer changed, to people who watch no page.

The server itself sends them (Prefect's automations), so that they come when the worker is gone too.
An address is an incoming webhook (JSON with `text`, as Slack, Mattermost and Rocket.Chat take it),
e-mail in Apprise's form (`mailto://user:password@host?to=...`). A file gets a receiver of its own
(`flows.orchestration.inbox`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from prefect.automations import Automation, EventTrigger, Posture
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import AutomationCore
from pydantic import SecretStr

from flows.core.settings import notify
from flows.orchestration.afterwards import CHANGED
from flows.orchestration.limits import AT_ONCE, every_publisher
from geo.errors import InputProblems, Problem

TAG = "funnel"
"""Tag of every deployment whose runs are watched."""
LATE_S = 600.0
"""Operational: seconds that a run may wait for a worker before it is called late."""
SILENT_S = 120.0
"""Operational: seconds without a sign of life after which a run counts as dead; four signs."""
UNBEGUN_S = 900.0
"""Operational: seconds from a worker's taking a run until it counts as dead; images are fetched."""
WEB, MAIL = ("http://", "https://"), ("mailto://", "mailtos://")
ENDED = ("Completed", "Failed", "Crashed", "Cancelled", "TimedOut")
"""Names of Prefect's states in which a run ends."""
WHERE = (
    "Give https://... for a webhook or mailto://... for e-mail; for a file, `funnel serve --notify "
    "FILE`, or start `python -m flows.orchestration.inbox FILE` and give its address"
)
LIMITS = 200
"""Operational: limits that are read at once; publishers are far fewer."""


def install(addresses: Sequence[str], late_s: float = LATE_S) -> list[str]:
    """Make or renew the automations that send notices, and return their names.

    Parameters
    ----------
    addresses
        Webhooks and e-mail addresses; a file has been given a webhook of its own by now.
    late_s
        Seconds that a run may wait for a worker.

    Raises
    ------
    InputProblems
        With every address that is none.
    """
    check(addresses)
    blocks = [_block(n, address) for n, address in enumerate(addresses)]
    made = [_silent(), _unbegun()]
    if blocks:
        made += [_failed(blocks), _late(blocks, late_s), _changed(blocks)]
    with get_client(sync_client=True) as client:
        for automation in made:
            core = AutomationCore(**automation.model_dump(exclude={"id"}))
            for old in client.read_automations_by_name(automation.name):
                client.delete_automation(old.id)
            client.create_automation(core)
        there = {limit.name for limit in client.read_global_concurrency_limits(limit=LIMITS)}
        for name in every_publisher():
            if name not in there:  # one that was changed by hand stays as it is
                client.upsert_global_concurrency_limit_by_name(name, AT_ONCE)
    return [a.name for a in made]


def install_from_environment() -> dict[str, Any]:
    """Make the automations as `FUNNEL_NOTIFY` says: a step of `prefect deploy` in prefect.yaml."""
    return {"notices": install(notify())}


def check(addresses: Sequence[str]) -> None:
    """Refuse what is no address of a notice."""
    if problems := faults(addresses):
        raise InputProblems(problems)


def faults(addresses: Sequence[str]) -> list[Problem]:
    """Return what is wrong with addresses of notices."""
    wrong = [a for a in addresses if not a.startswith((*WEB, *MAIL))]
    return [Problem("--notify", f"{a!r} is no address for notices", WHERE) for a in wrong]


def mail(address: str) -> SlackWebhook:
    """Return the one block of Prefect's that hands any address of Apprise's on as it is."""
    return SlackWebhook(url=SecretStr(address))


def _block(number: int, address: str) -> str:
    """Save an address on the server, as a secret, and return the block's id."""
    name = f"{TAG}-notice-{number}"
    if address.startswith(MAIL):
        saved: Any = mail(address).save(name, overwrite=True)
    else:
        saved = CustomWebhookNotificationBlock(
            name=TAG,
            url="{{address}}",
            json_data={"text": "{{subject}}\n{{body}}"},
            secrets={"address": address},
        ).save(name, overwrite=True)
    return str(saved)


def _send(blocks: Sequence[str], subject: str, body: str) -> list[Any]:
    return [SendNotification(block_document_id=b, subject=subject, body=body) for b in blocks]


def _of_runs(**trigger: Any) -> EventTrigger:
    """Return a trigger on what happens to each run of a watched deployment."""
    return EventTrigger(
        match_related={"prefect.resource.id": f"prefect.tag.{TAG}"},
        for_each={"prefect.resource.id"},
        threshold=1,
        **trigger,
    )


def _events(*states: str) -> set[str]:
    return {f"prefect.flow-run.{s}" for s in states}


def _failed(blocks: Sequence[str]) -> Automation:
    return Automation(
        name=f"{TAG}: a run failed",
        description="Tells people that a run failed, and what to do.",
        trigger=_of_runs(
            expect=_events("Failed", "Crashed", "TimedOut"),
            posture=Posture.Reactive,
            within=timedelta(0),
        ),
        actions=_send(
            blocks,
            "{{ flow_run.parameters.study }}: the run failed",
            "{{ flow_run.state.message }}\n{{ flow_run|ui_url }}",
        ),
    )


def _late(blocks: Sequence[str], late_s: float) -> Automation:
    return Automation(
        name=f"{TAG}: a run is late",
        description="Tells people that a run is due and no worker has begun it.",
        trigger=_of_runs(
            after=_events("Late"),
            expect=_events("Pending", "Running", "Cancelling", *ENDED),
            posture=Posture.Proactive,
            within=timedelta(seconds=late_s),
        ),
        actions=_send(
            blocks,
            "{{ flow_run.parameters.study }}: the run is late",
            "It was due at {{ flow_run.expected_start_time }} and nothing has begun it. Does a "
            "worker run?\n{{ flow_run|ui_url }}",
        ),
    )


def _silent() -> Automation:
    # a run may die before its first sign of life: from Running on one is due
    return _dead(
        f"{TAG}: a run gives no sign of life",
        "Calls a run crashed whose process is gone, so that the next one may start.",
        _events("Running", "heartbeat"),
        _events("heartbeat", *ENDED),
        SILENT_S,
        "The process of this run gave no sign of life",
    )


def _unbegun() -> Automation:
    # its worker died between taking it and starting it: it would hold its place for ever
    return _dead(
        f"{TAG}: a run was taken and never begun",
        "Calls a run crashed whose worker is gone, so that the next one may start.",
        _events("Pending"),
        _events("Running", "Cancelling", "heartbeat", *ENDED),
        UNBEGUN_S,
        "A worker took this run and never began it",
    )


def _dead(
    name: str, description: str, after: set[str], expect: set[str], within_s: float, what: str
) -> Automation:
    return Automation(
        name=name,
        description=description,
        trigger=_of_runs(
            after=after,
            expect=expect,
            posture=Posture.Proactive,
            within=timedelta(seconds=within_s),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message=f"{what}. Nothing is lost: what is done stays in the store, and the next "
                "run continues there",
            )
        ],
    )


def _changed(blocks: Sequence[str]) -> Automation:
    return Automation(
        name=f"{TAG}: an answer changed",
        description="Tells people that a run answers otherwise than the one before it.",
        trigger=EventTrigger(
            expect={CHANGED},
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=_send(
            blocks,
            "{{ event.resource.name }}: the answer changed",
            "{{ event.payload.news }}\nRun {{ event.payload.run_id }}: {{ event.payload.address }}",
        ),
    )
