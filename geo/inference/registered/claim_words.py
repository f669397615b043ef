"""The sentence of a claim at each level, and what bars the next one, in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.inference.estimation.outcomes import Outcome
from geo.inference.registered.gates import GATES, Cap, barring, enumerated, listed
from geo.inference.registered.headline import Headline
from geo.inference.registered.headline_words import sentence as associated
from geo.inference.registered.phrases import PHRASES, Language, in_language
from geo.inference.registered.reached import cannot_tell, numbers

SUPPORT = ("sign_as_recorded", "sign_gps_only")
LANGUAGES: tuple[Language, ...] = ("en", "es")
"""Definition: languages of a claim's sentences, in their order."""
LEVEL_2 = barring("L2")
LEVEL_3 = barring("L3")


def claim_sentence(
    headline: Headline,
    gates: Mapping[str, bool | None],
    level: str,
    held: Sequence[str],
    language: Language,
    *,
    supported: bool,
) -> str:
    """Word a claim at its level."""
    row, own, say = headline.estimate, headline.reached, PHRASES[language]
    if gates["informative"] is False:
        return cannot_tell(row, own, coverage=headline.coverage, language=language)
    if level == "L0":
        return str(say["described"])
    if level in ("L2", "L3"):
        coverage = in_language(headline.coverage, language)
        said = numbers(row, own, power=False, language=language)
        if level == "L3":
            return str(say["causal"].format(numbers=said, coverage=coverage))
        names = [in_language(h, language) for h in held]
        also = say["held"].format(held=enumerated(names, say["and"])) if held else ""
        none = "" if held else say["none_held"]
        found = say["consistent"].format(numbers=said, held=also, coverage=coverage)
        return f"{found}{none}{_barred(gates, LEVEL_3, language)}"
    return _associated(headline, gates, language, supported=supported)


def _associated(
    headline: Headline,
    gates: Mapping[str, bool | None],
    language: Language,
    *,
    supported: bool,
) -> str:
    """Word level L1."""
    row, own, say = headline.estimate, headline.reached, PHRASES[language]
    if supported and row.estimate is not None and row.estimate < 1.0:
        said = numbers(row, own, power=False, language=language)
        grown = in_language(headline.coverage, language)
        return str(say["against"].format(numbers=said, coverage=grown))
    text = row.sentence
    if language != "en":
        bounds = headline.permutation_bounds
        text = associated(row, bounds, own, headline.coverage, language)
    if gates["more_than_fewer_in_view"] is False:
        return f"{text} {say['rescue']}"
    if row.significant and not supported:
        which = say["and"].join(
            say["signs"][g] + say["sign_states"][gates[g] is not None]
            for g in SUPPORT
            if not gates[g]
        )
        return f"{text}{say['unstable'].format(which=which)}"
    return text + _barred(gates, LEVEL_2, language) if supported else text


def _barred(gates: Mapping[str, bool | None], names: Sequence[str], language: Language) -> str:
    """Name the gates that bar the next level: those that failed, and those not run."""
    say = PHRASES[language]
    said = [
        state.format(what=listed(found, language))
        for state, found in zip(
            say["states"],
            ([n for n in names if gates[n] is False], [n for n in names if gates[n] is None]),
            strict=True,
        )
        if found
    ]
    return str(say["barred"].format(what="; ".join(said))) if said else ""


def capped(limits: Sequence[Cap], language: Language) -> str:
    """Say what holds the claim down."""
    say = PHRASES[language]["capped"]
    return "".join(
        say.format(level=c.level, reason=in_language(c.reason, language)) for c in limits
    )


def missing_gates(outcomes: Mapping[str, Outcome], level: str) -> tuple[str, ...]:
    """Return the gates that bar the next level, each with why."""
    ask = {
        "L0": (*barring("support"), *LEVEL_2),
        "L1": (*barring("support"), *LEVEL_2),
        "L2": LEVEL_3,
        "L3": (),
    }[level]
    out = []
    for name in ask:
        passed, why = outcomes[name]
        if not passed:
            state = "failed" if passed is False else "not run" + (f" ({why})" if why else "")
            out.append(f"{GATES[name].asks}: {state}")
    return tuple(out)
