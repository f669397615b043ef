"""What the long table of worlds says, in short: false findings, worst first, and power."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geo.synthetic.worlds import WorldPlan
from validation.gates import Gate
from validation.report import Line

Found = Sequence[tuple[Gate, Sequence[Line]]]
SHARES = ("supported", "level_1", "level_2", "covered")
HEADS = ("panels", "supported", "level 1 or more", "level 2", "interval holds the truth")


def sections(found: Found) -> str:
    """Return the tables in Markdown; nothing where no world was asked for.

    Shares are per cent with their Wilson interval; a level is reached in a share of all panels.
    """
    rows = [(gate, {line.outcome: line for line in lines}) for gate, lines in found]
    worlds = [(g, of) for g, of in rows if isinstance(g.plan, WorldPlan) and not _held(g)]
    none = [(g, of) for g, of in worlds if g.plan.rate_ratio == 1.0]
    none.sort(key=lambda row: -_order(row[1]["supported"]))
    some = [(g, of) for g, of in worlds if g.plan.rate_ratio != 1.0]
    doses = [(g, of) for g, of in rows if isinstance(g.plan, WorldPlan) and _held(g)]
    parts = [
        _table(
            "Worlds without an effect, worst first",
            ("world", *HEADS, "mean error of the log ratio"),
            [(_name(g), *_shares(of), _error(of), g.note) for g, of in none],
        ),
        _table(
            "The same worlds with an effect",
            ("world", "ratio", *HEADS, "mean error of the log ratio"),
            [(_name(g), f"{g.plan.rate_ratio:g}", *_shares(of), _error(of), "") for g, of in some],
        ),
        _table(
            "Power by the dose that every covered corridor reaches",
            ("corridors", "dose", "ratio", *(HEADS[n] for n in (0, 1, 3, 4))),
            [
                (str(g.plan.corridors), f"{g.plan.reach[0]:g}", f"{g.plan.rate_ratio:g}",
                 *(s for n, s in enumerate(_shares(of)) if n != 2), "")
                for g, of in doses
            ],
        ),
    ]  # fmt: skip
    return "".join(parts)


def _held(gate: Gate) -> bool:
    """Whether every covered corridor ends at the same dose."""
    return isinstance(gate.plan, WorldPlan) and gate.plan.reach[0] == gate.plan.reach[1]


def _name(gate: Gate) -> str:
    return gate.name.rpartition("-")[0]


def _order(line: Line) -> float:
    return -1.0 if math.isnan(line.estimate) else line.estimate


def _shares(of: dict[str, Line]) -> tuple[str, ...]:
    return (str(of["supported"].n), *(_share(of.get(name)) for name in SHARES))


def _share(line: Line | None) -> str:
    if line is None or math.isnan(line.estimate):
        return ""
    return f"{100 * line.estimate:.1f} ({100 * line.low:.1f} to {100 * line.high:.1f})"


def _error(of: dict[str, Line]) -> str:
    line = of["log_error"]
    return "" if math.isnan(line.estimate) else f"{line.estimate:+.3f}"


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Set a table; what stands last in a row is said below it, once."""
    if not rows:
        return ""
    head = f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n"
    body = "".join(f"| {' | '.join(row[:-1])} |\n" for row in rows)
    notes = "".join(f"- {row[0]}: {row[-1]}\n" for row in rows if row[-1])
    return f"## {title}\n\n{head}{body}\n{notes}{chr(10) if notes else ''}"
