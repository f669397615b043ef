"""Five steps through the page: each a link, a state of the map and a few sentences.

Sentences come from the finding and the tables. A study may add a note of its own to a step, with
its source. What the route model says is told only where the model is validated for the study.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.study import Period
from maps import changes, view
from maps.inputs import MapInputs
from maps.words import words


@dataclass(frozen=True)
class Step:
    """A step: its id in the address, title, sentences, and what the map shows."""

    id: str
    title: str
    sentences: tuple[str, ...]
    note: str
    source: str
    period: int
    surface: str
    off: tuple[str, ...]


def steps(inputs: MapInputs, facts: list[view.PeriodFacts], shown: set[str]) -> list[Step]:
    """Return the five steps: before, the first towers, the change, the model, the limits.

    Parameters
    ----------
    inputs
        Published tables and rasters.
    facts
        What every block of years shows.
    shown
        Surfaces that the page can show.
    """
    say, last = words(inputs.language)["story"], len(inputs.blocks) - 1
    stood = [n for n, f in enumerate(facts) if any(f.towers) or any(f.zones)]
    first = stood[0] if stood else last
    early = _before(inputs, first if stood else None)
    hardness = "hardness_rank" if "hardness_rank" in shown else ""
    validated = inputs.route_validated and "route_density" in shown
    routes = "route_density" if validated else ""
    told = {
        "before": (_at(inputs, facts, early), early, "", ("towers",)),
        "first": (_first(inputs, facts, first, stood=bool(stood)), first, "", ()),
        "change": (_change(inputs), last, hardness, ()),
        "model": (_model(inputs, validated=validated), _routes_until(inputs), routes, ("deaths",)),
        "unknown": (_unknown(inputs), last, "", ()),
    }
    zoned = bool(len(inputs.table("zones"))) and not len(inputs.table("towers"))
    titles = say["titles"] | (say["titles_zones"] if zoned else {})
    notes = {note.step: note for note in inputs.study.story}
    return [
        Step(
            id=name, title=titles[name], sentences=tuple(s for s in sentences if s),
            note=notes[name].text if name in notes else "",
            source=notes[name].source if name in notes else "",
            period=period, surface=surface, off=("corridors", "sites", *off),
        )
        for name, (sentences, period, surface, off) in told.items()
    ]  # fmt: skip


def _before(inputs: MapInputs, first: int | None) -> int:
    """Return the last block of years before anything stood, else the first block."""
    if first:
        return first - 1
    start = inputs.study.pre_tower[1]
    ended = [n for n, block in enumerate(inputs.blocks) if block.end <= start]
    return ended[-1] if ended and first is None else 0


def _at(inputs: MapInputs, facts: list[view.PeriodFacts], number: int) -> tuple[str, ...]:
    if not facts:
        return ()
    say, block = words(inputs.language), inputs.blocks[number]
    return (say["story"]["years"].format(years=block.label), facts[number].sentence(say))


def _first(
    inputs: MapInputs, facts: list[view.PeriodFacts], number: int, *, stood: bool
) -> tuple[str, ...]:
    say = words(inputs.language)["story"]
    if not stood:
        return (say["none"],)
    reasons = [p.label for p in inputs.study.periods if _meets(p, inputs.blocks[number])]
    named = say["periods"].format(periods="; ".join(reasons)) if reasons else ""
    return (*_at(inputs, facts, number), named)


def _meets(period: Period, block: Period) -> bool:
    return period.start < block.end and block.start < period.end


def _change(inputs: MapInputs) -> tuple[str, ...]:
    said = view.answer(inputs)
    return (f"{said.title}.", said.change, said.sure)


def _model(inputs: MapInputs, *, validated: bool) -> tuple[str, ...]:
    say = words(inputs.language)["story"]
    if "route_density" not in inputs.rasters:
        return (say["no_model"],)
    if not validated:
        return (say["unproved"],)
    made = changes.route_changes(inputs)
    numbers = [f"{term}: {value}." for term, value in made[-1]["numbers"]] if made else []
    return (say["model"], *numbers)


def _routes_until(inputs: MapInputs) -> int:
    """Return the last block of years whose period has a modelled surface."""
    density = inputs.rasters.get("route_density")
    known = set() if density is None else {str(v) for v in density["period"].values}
    under = [inputs.period_in(block) for block in inputs.blocks]
    have = [n for n, period in enumerate(under) if period is not None and period.id in known]
    return have[-1] if have else len(inputs.blocks) - 1


def _unknown(inputs: MapInputs) -> tuple[str, ...]:
    say = words(inputs.language)
    against = view.objections(inputs)[:1]
    strongest = [say["story"]["against"].format(why=why, text=text) for why, text in against]
    return (*say["story"]["unknown"], *strongest)
