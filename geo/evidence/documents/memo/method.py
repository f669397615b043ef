"""The memo's chapter on methods: steps, equations, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from geo.evidence.documents.memo.blocks import (
    Block,
    Equation,
    FigureBlock,
    Grid,
    Heading,
    Symbols,
    Text,
)
from geo.evidence.documents.methods import STEPS
from geo.evidence.documents.results import exposure_note
from geo.evidence.tables.findings import Findings
from geo.sources import sentence

MODELS = {
    "lcda_graded": "the Load Carriage Decision Aid on slopes",
    "lcda_backpacking": "the Load Carriage Decision Aid with a pack",
    "pandolf_santee": "Pandolf's equation with Santee's for downhill",
    "irmischer_clarke_off_path": "Irmischer and Clarke's function off paths",
    "tobler_off_path": "Tobler's function off paths",
    "sullivan": "the function of Sullivan and others",
}
"""Display: model of metabolic rate or speed = its name; the reference of each is in the annex."""
ORDER = ("hardship_by_block", "funnel_measures", "estimates", "deaths_by_cell_block")
"""Tables whose steps together are all the steps there are."""
COST = Equation(
    "C(x) = min_(pi : s -> x) sum_((i,j) in pi) c(theta_(i j)) f_(i j) l_(i j)",
    "The accumulated cost at x is the smallest sum, over paths from a source, of cost per metre "
    "at the signed slope times friction times length of each step.",
)
SEEN = Equation(
    "c'_(i j) = c_(i j) (1 + a dot p_(i j))",
    "The cost of a step with avoidance is its cost times one plus the avoidance parameter times "
    "the probability of being seen.",
)
SPREAD = Equation(
    'E(x) = C_"forward" (x) + C_"reverse" (x) - min C, quad rho(x) prop exp(-E(x) \\/ theta)',
    "The excess cost of passing through x is forward plus reverse cost less the minimum; route "
    "density within a band of progress is proportional to the exponential of minus excess over "
    "theta.",
)
DOSE = Equation(
    "D_(c t) = (sum_(x in c) rho_0 (x) v_t (x)) / (sum_(x in c) rho_0 (x))",
    "The dose of a corridor in a year is the share of its pre-tower route density that is in view.",
)
PRIMARY = Equation(
    "EE[Y_(c q t)] = exp(alpha_(c q) + delta_(c t) + kappa_(q t) + beta D_(c t) H_q)",
    "The expected number of recorded deaths by corridor, hardness bin and year is the exponential "
    "of place effects, corridor-year effects, bin-year effects, and beta times dose times "
    "hardness.",
)
SCORE = Equation(
    "T = (sum_c u_c) / sqrt(sum_c u_c^2), quad u_c = sum_(q,t) tilde(x)_(c q t) (y_(c q t) - "
    "hat(mu)^0_(c q t))",
    "The test statistic is the sum of the corridors' scores over the root of the sum of their "
    "squares; a score is the residualised dose-hardness product times the residual under no "
    "effect.",
)


def _symbols(*each: tuple[str, str, str]) -> Symbols:
    typst, html, spoken = zip(*each, strict=True)
    return Symbols(", ".join(typst), ", ".join(html), ", ".join(spoken))


MARKS = {"tilde": "\u0303", "hat": "\u0302", "prime": "\u2032"}
"""Display: accent in typst = the character after the letter in HTML."""


def _accented(accent: str, letter: str, low: str = "", greek: str = "") -> tuple[str, str, str]:
    """Return a symbol with an accent, in the three forms of `_named`."""
    below, html, spoken = _named(letter, low, greek)
    over = below.replace(letter, f"{letter}'" if accent == "prime" else f"{accent}({letter})", 1)
    html = html.replace("</i>", f"{MARKS[accent]}</i>", 1)
    return over, html, f"{letter} {accent} {spoken.removeprefix(letter).strip()}".strip()


def _named(letter: str, low: str = "", greek: str = "") -> tuple[str, str, str]:
    """Return a symbol, with what stands below it: in typst, in HTML, spoken."""
    below = f"_({' '.join(low)})" if low else ""
    sub = f"<sub>{low}</sub>" if low else ""
    return f"{letter}{below}", f"<i>{greek or letter}</i>{sub}", f"{letter} {' '.join(low)}".strip()


SYMBOLS = (
    (
        _symbols(_named("x"), _named("s"), _named("pi", greek="\u03c0")),
        "a cell of the land; where a walk starts; a path of steps between them",
        "",
    ),
    (
        _symbols(_named("theta", "ij", "\u03b8"), _named("l", "ij"), _named("f", "ij")),
        "signed slope, length and friction of the step from i to j",
        "1, m, 1",
    ),
    (
        _symbols(_named("c"), _accented("prime", "c", "ij"), _named("C")),
        (
            "cost of walking a metre at a slope; the same of a step that may be seen; the least "
            "accumulated cost of reaching x, forward from the border or in reverse from a "
            "destination"
        ),
        "J per m, J per m, J",
    ),
    (
        _symbols(_named("a"), _named("p", "ij")),
        "avoidance, a parameter; probability that a step is seen",
        "1",
    ),
    (
        _symbols(_named("E"), _named("theta", greek="\u03b8"), _named("rho", greek="\u03c1")),
        "excess cost of passing through x; its spread; density of movement",
        "J, J, 1",
    ),
    (
        _symbols(_named("c"), _named("q"), _named("t")),
        "as indices: a corridor, a bin of hardness within it, a year",
        "",
    ),
    (
        _symbols(_named("v", "t"), _named("D", "ct")),
        "share of year t in which a cell is exposed; dose of corridor c in t",
        "1",
    ),
    (
        _symbols(_named("H", "q")),
        "hardness of bin q: rank of energy per km times time to a road, standardised",
        "1",
    ),
    (
        _symbols(
            _named("Y", "cqt"), _named("y", "cqt"), _accented("hat", "mu", "cqt", "\u03bc")
        ),
        "recorded deaths, to be drawn and as counted; what the fit without an effect expects",
        "records",
    ),
    (
        _symbols(
            _named("alpha", greek="\u03b1"), _named("delta", greek="\u03b4"),
            _named("kappa", greek="\u03ba"),
        ),
        "effects of place, corridor-year and bin-year, conditioned out",
        "",
    ),
    (
        _symbols(_named("beta", greek="\u03b2")),
        "what is estimated; its exponential is the ratio of rate ratios per unit dose",
        "1",
    ),
    (
        _symbols(_accented("tilde", "x", "cqt")),
        "dose times hardness, with the effects of place, corridor-year and bin-year taken out",
        "1",
    ),
    (_symbols(_named("u", "c"), _named("T")), "score of a corridor; the test statistic", "1"),
)  # fmt: skip
"""Display: every symbol of the equations."""


def steps(
    findings: Findings, tables: Mapping[str, pd.DataFrame], pictures: Mapping[str, FigureBlock]
) -> Iterator[Block]:
    """Yield the steps from source to table, each with its reference."""
    del findings, tables, pictures
    yield Heading("Annex B: steps from the sources to the tables")
    seen: dict[tuple[str, str], tuple[str, str, str]] = {}
    for table in ORDER:
        for s in STEPS[table]:
            seen.setdefault((s.name, s.does), (s.name, s.does, s.reference))
    yield Grid(
        "Steps from the publishers' files to the tables.",
        ("Step", "What it does", "Reference"),
        list(seen.values()),
        (1, 3, 3),
    )


def method(
    findings: Findings, tables: Mapping[str, pd.DataFrame], pictures: Mapping[str, FigureBlock]
) -> Iterator[Block]:
    """Yield what is measured, the equations, and every symbol in them."""
    yield Heading("What is measured, and how")
    yield Grid(
        "Symbols. Constants and their sources stand in the annex.",
        ("Symbol", "What it is", "Unit"),
        SYMBOLS,
        (1.4, 5, 1.2),
    )
    yield Heading("Cost of walking", 2)
    movement = findings.study.movement
    yield Text(
        f"Metabolic rate follows {MODELS[movement.metabolic]}, speed {MODELS[movement.speed]}, "
        f"over moves to {movement.neighbours} neighbours; "
        "uphill and downhill are told apart by the sign of slope. Cost accumulates from the "
        "border as"
    )
    yield COST
    yield Heading("Modelled movement", 2)
    crossings = tables["crossing_basis"]
    if len(crossings):
        yield Text(
            f"{' '.join(crossings['sentence'])} Origins and destinations never share ground."
        )
    avoidance = ", ".join(f"{a:g}" for a in movement.avoidance)
    yield Text(
        "Avoidance is a parameter with a range, never fitted, and movement without avoidance "
        f"always stands beside it (values used: {avoidance})."
    )
    yield SEEN
    yield Text(
        "A single least-cost line is unstable and nobody walks it knowingly; weight is spread over "
        f"all ground by its excess cost, with a spread of {movement.theta:g} of the least cost."
    )
    yield SPREAD
    yield Heading("Dose, test and interval", 2)
    yield DOSE
    exposed = exposure_note(tables)
    if exposed:
        yield Text(exposed)
    if len(tables["tower_dating"]):
        yield Text(
            f"Towers that stand or stood: {sentence(tables['tower_dating'])}. A rule of the "
            "study gives an interval that a document states for a programme and an area; its start "
            "is drawn within it in every imputation, and an undated tower is in no dose."
        )
    yield Text(
        "The registered primary analysis compares, within corridors, harder with easier ground "
        "as coverage grows, against the concurrent change elsewhere:"
    )
    yield PRIMARY
    yield Text(
        "Place effects, corridor-year totals and border-wide drift are conditioned out, so that "
        "\u03b2 rests on differences in the timing of coverage alone. Its exponential is a ratio "
        "of rate ratios. The p value is that of the studentised score under re-assignment of dose "
        "paths to corridors within what was feasible:"
    )
    yield SCORE
    yield Text(
        "Intervals are those of the leave-one-cluster-out (CRV3) variance with Satterthwaite "
        "degrees of freedom that depend on dose and null weights only. Places, death dates and "
        "tower dates are imputed jointly within their bounds and pooled by Rubin's rules."
    )
    for stem in ("coverage-through-time",):
        if stem in pictures:
            yield pictures[stem]
