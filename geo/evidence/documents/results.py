"""What the tables say, in sentences: every number is read from a row, none is computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo.evidence.documents import front_words as spanish
from geo.evidence.documents.front_words import FRONT
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.told import told_in_numbers, withheld
from geo.inference import GATES
from geo.inference.estimation.outcomes import read
from geo.inference.estimation.rows import ratio_words
from geo.inference.registered.adverse import HEADLINE, WHY, adverse, unpowered
from geo.inference.registered.analyses import registered
from geo.inference.registered.gates import asked
from geo.inference.registered.headline import NOT_QUOTED
from geo.inference.registered.phrases import Language
from geo.inference.registered.spanish import ANALYSES as ANALYSES_ES
from geo.inference.robustness.variants import watched_before
from geo.parameters import load

OBJECTIONS = 3
"""Display: adverse analyses that brief, front page and map page show unfolded."""
_ID = re.compile(r"\b(?:[RS]\d+|parts|headline|between)\.[a-z0-9_.]*[a-z0-9]")
"""Ids of analyses in a text."""
_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
"""A dot that is none of a number."""
_FAMILY = re.compile(r" \([RS]\d+\)")
"""Families of analyses in brackets."""
UNTOLD = "These records cannot tell ({low} to {high}), and no ratio is quoted."
"""Display: what is said in place of a sentence with a ratio that is not quoted."""
_SHARE = load("visibility")["range_share"]
RANGE_NOTE = (
    "Range, not viewshed: the land's cells are wider than "
    f"{load('visibility')['viewshed_cell_m'].value:g} m, too coarse for lines of sight, so what a "
    f"tower saw is its range disc thinned to {_SHARE.value:.0%} ({_SHARE.low:.0%} to "
    f"{_SHARE.high:.0%} in the draws), the share that a maker's own figures give. Which ground in "
    "range was in view is not known, analyses that ask it are not run, and the claim stops at L1."
)
"""What stands wherever exposure is by range."""
LEVELS = {
    "L0": "descriptive: where recorded recoveries were located",
    "L1": "association: what greater coverage was accompanied by",
    "L2": "consistent with displacement",
    "L3": "causal interpretation under stated assumptions",
}
LIMITS = (
    (
        "The data are recorded recoveries: a lower bound of deaths. Where few people look, few are "
        "found."
    ),
    (
        "Places are where people were found, not where they walked or died; dates are dates of the "
        "report unless a table says otherwise."
    ),
    "Location precision and search effort changed over time; both can look like a shift of deaths.",
    "Towers were sited where crossings were expected; a tower near a death is not a cause.",
    (
        "Modelled movement is an illustration of cost, not a record of routes; shown only for "
        "periods closed for 24 months and never finer than 1 km."
    ),
)


def levels(language: Language) -> Mapping[str, str]:
    """Return what the levels of the claim ladder mean."""
    return LEVELS if language == "en" else spanish.LEVELS_ES


def limits(language: Language) -> tuple[str, ...]:
    """Return what every reading of the records is limited by."""
    return LIMITS if language == "en" else spanish.LIMITS_ES


def evidence_against(language: Language) -> tuple[str, ...]:
    """Return what would change the answer."""
    return EVIDENCE_AGAINST if language == "en" else spanish.EVIDENCE_AGAINST_ES


def named(analysis: str, language: Language = "en") -> str:
    """Return what an analysis is, in words: ids stand in the tables.

    Examples
    --------
    >>> from geo.evidence.documents.results import named
    >>> named("R6.cells_5_km"), named("R4.gps")
    ('hardness on coarser cells: 5 km', 'records placed by GPS only')
    """
    own = registered(analysis)
    if own is None:
        return analysis.replace(".", " ").replace("_", " ")
    asks = own.asks if language == "en" else ANALYSES_ES[own.name]
    if "*" not in own.name:
        return asks
    tail = _DOT.sub(" ", analysis[len(own.name.partition("*")[0]) :].replace("_", " ")).strip()
    return f"{asks}: {tail}" if tail else asks


def heading(analysis: str, language: Language = "en") -> str:
    """Return what an analysis is, as a line begins with it."""
    text = named(analysis, language)
    return text[:1].upper() + text[1:]


def strongest(
    tables: Mapping[str, pd.DataFrame], language: Language = "en"
) -> list[tuple[str, str]]:
    """Return (what was asked and why it is adverse, its sentence), the strongest first."""
    found = speaking_against(tables, language)
    return [(f"{name}: {why}", text) for name, why, text in found]


def speaking_against(
    tables: Mapping[str, pd.DataFrame], language: Language = "en"
) -> list[tuple[str, str, str]]:
    """Return (what was asked, why it is adverse, its sentence), the strongest first.

    Those with the power to speak stand before those without, a check that fails before an
    analysis that differs, one whose sign alone differs after both, small p values before large.
    """
    rows = list(each(tables["estimates"]))
    own = next((r for r in rows if r.analysis == HEADLINE), None)
    found = []
    for number, row in enumerate(rows):
        why = adverse(row, own)
        if row.analysis == HEADLINE:  # its gates are listed where this list stands, as gates
            why = [w for w in why if not w.startswith("fails a check")]
        if not why:
            continue
        weak = any(w.startswith("unpowered") for w in why)
        p = float(row.p) if pd.notna(row.p) else 1.0
        fails = not any(w.startswith(("fails a check", "finds something")) for w in why)
        key = (weak, fails, by_sign("; ".join(why)), p, number)
        text = "" if row.analysis == HEADLINE else _told(row, own, language)
        if language != "en":
            why = _same(why, adverse(row, own, language), adverse(row, own))
        name = heading(row.analysis, language)
        found.append((key, name, "; ".join(why), text))
    found.sort(key=lambda f: f[0])
    return [f[1:] for f in found]


def by_sign(why: str) -> bool:
    """Whether an analysis is adverse by nothing but its sign; reasons in English."""
    return [r for r in why.split("; ") if not r.startswith("unpowered")] == [WHY["en"]["sign"]]


def _same(kept: list[str], told: list[str], english: list[str]) -> list[str]:
    """Return the reasons that were kept, as another language tells them."""
    return [text for text, reason in zip(told, english, strict=True) if reason in kept]


def _told(row: Any, own: Any | None, language: Language) -> str:
    """Return a row's sentence, or its numbers in Spanish; no ratio that the records cannot tell."""
    if language != "en":
        return told_in_numbers(row, own, language)
    if withheld(row, own) and NOT_QUOTED not in str(row.sentence) and pd.notna(row.low):
        return UNTOLD.format(low=ratio_words(row.low), high=ratio_words(row.high))
    return worded(str(row.sentence))


def silent(tables: Mapping[str, pd.DataFrame], language: Language = "en") -> list[str]:
    """Name, in words, the checks that stayed silent without the power to speak."""
    rows = list(each(tables["estimates"]))
    parted = (text.partition(": ") for text in unpowered(rows, language))
    return [f"{heading(name, language)}: {why}" for name, _, why in parted]


def worded(text: str) -> str:
    """Return a text with every analysis that it names by its id named in words."""

    def words(match: re.Match[str]) -> str:
        return named(match[0]) if registered(match[0]) else match[0]

    return _ID.sub(words, _FAMILY.sub("", text))


OLDER = (
    " Cameras older than the study's towers watched {names} before: they are baseline and no dose, "
    "and an analysis asks without these corridors."
)
ZONES_NOTE = (
    "Programme zones, not towers: exposure is the share of modelled movement before towers inside "
    "spans of border where a programme worked, with bounds on span, depth and dates; by land alone "
    "it stands among the other exposures. What could be seen from where is not known, analyses "
    "that ask it are not run, and the claim stops at L1."
)
EVIDENCE_AGAINST = (
    "records of a later vintage, or of another publisher, in which the gradient does not move",
    "placebo dates or placebo towers that give an effect of the same size",
    "search or recovery that tilted to harder ground with coverage by more than the bound",
    "tower dates that prove wrong by more than their stated intervals",
)


def exposure_note(tables: Mapping[str, pd.DataFrame], language: Language = "en") -> str:
    """Say what exposure was where it was not a view of towers; empty where it was, or is none."""
    coverage = tables["coverage_by_corridor_year"]
    english = language == "en"
    names = ", ".join(watched_before(coverage))
    older = (OLDER if english else spanish.OLDER_ES).format(names=names) if names else ""
    if (coverage["exposure"] == "range").any():
        return f"{RANGE_NOTE if english else spanish.RANGE_NOTE_ES}{older}"
    if not (coverage["exposure"] == "zones").any():
        return older.strip()
    return f"{ZONES_NOTE if english else spanish.ZONES_NOTE_ES}{older}"


def against(tables: Mapping[str, pd.DataFrame], language: Language = "en") -> list[str]:
    """Return everything that speaks against the headline or its hypothesis, the strongest first.

    Checks that stayed silent without the power to speak follow.
    """
    said = [f"{why}. {text}".strip() for why, text in strongest(tables, language)]
    return said + [f"{text}." for text in silent(tables, language)]


def not_run(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return what the headline's gates that were not run ask, and why they were not."""
    estimates = tables["estimates"]
    return [
        worded(f"{GATES[name].asks} ({why})" if why else GATES[name].asks)
        for text in estimates[estimates["analysis"] == HEADLINE]["gates"]
        for name, (passed, why) in read(text).items()
        if passed is None
    ]


def open_gates(tables: Mapping[str, pd.DataFrame], language: Language = "en") -> list[str]:
    """Return the headline's gates that did not pass, in words: failed, or not run and why."""
    estimates, (failed, unrun) = tables["estimates"], FRONT[language]["states"]
    said = []
    for text in estimates[estimates["analysis"] == HEADLINE]["gates"]:
        for name, (passed, why) in read(text).items():
            if not passed:
                reason = f" ({worded(why)})" if why else ""
                asks = asked(name, language)
                state = failed if passed is False else unrun
                said.append(worded(state.format(asks=asks, why=reason)))
    return said
