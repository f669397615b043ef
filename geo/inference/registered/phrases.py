"""The registered sentence in both languages: one template a phrase, filled from the same numbers.

Nothing is translated after it was said: each language fills its own templates with the numbers of
the rows, and writes them as its readers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

Language = Literal["en", "es"]

_EN: dict[str, Any] = {
    "ratio": "ratio of rate ratios {ratio} {where}",
    "interval": "95 % interval {between}",
    "between": "{low} to {high}",
    "tests": {"permutation": "permutation", "jackknife": "jackknife"},
    "inversion": ", by inversion {between}",
    "power": "smallest ratio this could find with 80 % power {mde}",
    "unit": "per unit dose",
    "per_dose": "{unit} {ratio}, {between}",
    "reached": "at the coverage reached ({dose})",
    "dose": "a dose of {dose}, {many}",
    "many": "the median of {count} covered corridors",
    "one": "in one corridor",
    "any_size": "any size",
    "unbounded": "unbounded",
    "cannot_tell": (
        "These records cannot tell whether recorded deaths moved to harder or to easier ground as "
        "{coverage} grew: {said}. A ratio is quoted only where these are at most {span} and "
        "{ratio}. This is evidence neither of a shift nor of its absence."
    ),
    "spans": (
        "{where} the 95 % interval spans a factor of {span} and the smallest ratio that would have "
        "been found with 80 % power is {mde}"
    ),
    "none": (
        "No change in the hardness of ground where deaths are recorded was established where "
        "{coverage} grew: {numbers}. This is not evidence that there was none."
    ),
    "shift": (
        "Greater {coverage} was accompanied by a shift of recorded deaths to {way} ground, beyond "
        "the concurrent change in less covered corridors: {numbers}."
    ),
    "ways": ("harder", "easier"),
    "refused": (
        "This cannot be estimated from these records: {reason}. Recorded recoveries can be "
        "described, not compared."
    ),
    "rescue": (
        "Recorded deaths fell where towers could see; whether people went elsewhere, were stopped "
        "or were rescued cannot be told from these records."
    ),
    "consistent": (
        "Recorded deaths moved to harder ground as {coverage} grew: {numbers}. This is what the "
        "funnel hypothesis predicts; the model holds border-wide drift and corridor volume{held}."
    ),
    "held": ", and the sign stays with {held} held",
    "none_held": " No covariate of this study could be held beside it.",
    "causal": (
        "If hardness gradients would otherwise have moved in parallel (assumptions A1-A5), "
        "{coverage} moved recorded deaths to harder ground: {numbers}."
    ),
    "against": (
        "Recorded deaths moved to easier ground as {coverage} grew: {numbers}. This is against the "
        "funnel hypothesis."
    ),
    "described": "Recorded recoveries can be described here, not compared.",
    "unstable": (
        " The decision rule registered beforehand also asks for the same sign as recorded and "
        "with GPS records only; {which}, so the result is not called supported."
    ),
    "signs": {
        "sign_as_recorded": "the sign with places and dates as recorded",
        "sign_gps_only": "the sign with records placed by GPS only",
    },
    "sign_states": (" was not checked", " changed"),
    "barred": " What bars a higher claim: {what}.",
    "states": ("failed: {what}", "not run: {what}"),
    "capped": " No claim above {level}: {reason}.",
    "no_system": " No record system of this study has corridors that can be compared.",
    "system": "{name} ({count} corridors)",
    "systems": (
        (
            " Record system compared, each with a baseline and drift of its own: {each}; all "
            "others are described only."
        ),
        (
            " Record systems compared, each with a baseline and drift of its own: {each}; all "
            "others are described only."
        ),
    ),
    "and": " and ",
}
_ES: dict[str, Any] = {
    "ratio": "razón de razones de tasas {ratio} {where}",
    "interval": "intervalo del 95 % de {between}",
    "between": "{low} a {high}",
    "tests": {"permutation": "por permutación,", "jackknife": "por jackknife,"},
    "inversion": "; por inversión, de {between}",
    "power": "la menor razón que podría hallarse con una potencia del 80 %, {mde}",
    "unit": "por unidad de dosis",
    "per_dose": "{unit}, {ratio}, de {between}",
    "reached": "con la cobertura alcanzada ({dose})",
    "dose": "una dosis de {dose}, {many}",
    "many": "la mediana de {count} corredores cubiertos",
    "one": "en un corredor",
    "any_size": "cualquier tamaño",
    "unbounded": "sin límite",
    "cannot_tell": (
        "Estos registros no permiten saber si las muertes registradas se desplazaron a terreno más "
        "duro o menos duro al crecer {coverage}: {said}. Una razón solo se cita donde esos valores "
        "no pasan de {span} y {ratio}. Esto no es prueba ni de un desplazamiento ni de su ausencia."
    ),
    "spans": (
        "{where}, el intervalo del 95 % abarca un factor de {span} y la menor razón que se habría "
        "hallado con una potencia del 80 % es {mde}"
    ),
    "none": (
        "No pudo establecerse ningún cambio en la dureza del terreno donde se registran muertes "
        "allí donde creció {coverage}: {numbers}. Esto no prueba que no lo hubiera."
    ),
    "shift": (
        "El aumento de {coverage} vino acompañado de un desplazamiento de las muertes registradas "
        "a terreno {way}, más allá del cambio simultáneo en los corredores menos cubiertos: "
        "{numbers}."
    ),
    "ways": ("más duro", "menos duro"),
    "refused": (
        "Esto no puede estimarse con estos registros: {reason}. Las recuperaciones registradas "
        "pueden describirse, no compararse."
    ),
    "rescue": (
        "Las muertes registradas disminuyeron donde las torres podían ver; con estos registros no "
        "puede saberse si las personas fueron por otro lugar, fueron detenidas o fueron rescatadas."
    ),
    "consistent": (
        "Las muertes registradas se desplazaron a terreno más duro al crecer {coverage}: "
        "{numbers}. Es lo que predice la hipótesis del embudo; el modelo descuenta la deriva común "
        "a toda la frontera y el volumen de cada corredor{held}."
    ),
    "held": ", y el signo se mantiene al descontar {held}",
    "none_held": " Ninguna covariable de este estudio pudo descontarse a la vez.",
    "causal": (
        "Si los gradientes de dureza se hubieran movido en paralelo en otro caso (supuestos A1-A5),"
        " {coverage} desplazó las muertes registradas a terreno más duro: {numbers}."
    ),
    "against": (
        "Las muertes registradas se desplazaron a terreno menos duro al crecer {coverage}: "
        "{numbers}. Esto va en contra de la hipótesis del embudo."
    ),
    "described": "Aquí las recuperaciones registradas pueden describirse, no compararse.",
    "unstable": (
        " La regla de decisión registrada de antemano pide además el mismo signo con lugares y "
        "fechas tal como constan y solo con registros de GPS; {which}, de modo que el resultado no "
        "se da por respaldado."
    ),
    "signs": {
        "sign_as_recorded": "el signo con lugares y fechas tal como constan",
        "sign_gps_only": "el signo solo con registros de GPS",
    },
    "sign_states": (" no se comprobó", " cambió"),
    "barred": " Lo que impide afirmar más: {what}.",
    "states": ("no se cumple: {what}", "no se ejecutó: {what}"),
    "capped": " No se afirma nada por encima de {level}: {reason}.",
    "no_system": (
        " Ningún sistema de registro de este estudio tiene corredores que puedan compararse."
    ),
    "system": "{name} ({count} corredores)",
    "systems": (
        (
            " Sistema de registro comparado, con nivel de partida y deriva propios: {each}; los "
            "demás solo se describen."
        ),
        (
            " Sistemas de registro comparados, cada uno con nivel de partida y deriva propios: "
            "{each}; los demás solo se describen."
        ),
    ),
    "and": " y ",
}
PHRASES: Mapping[str, Mapping[str, Any]] = MappingProxyType({"en": _EN, "es": _ES})
"""Display: language = every phrase of the registered sentence."""

SPANISH: Mapping[str, str] = MappingProxyType(
    {
        "tower coverage": "la cobertura de torres",
        "coverage by programme zones": "la cobertura de zonas de programa",
        "coverage by range of towers (not viewshed)": (
            "la cobertura por alcance de torres (no por cuenca visual)"
        ),
        "exposure is by programme zones, not towers: where a programme worked is known more "
        "coarsely than what it saw": (
            "la exposición es por zonas de programa, no por torres: se sabe dónde actuaba un "
            "programa con menos detalle que lo que veía"
        ),
        "exposure is by range, not viewshed: the land's cells are too coarse for lines of sight, "
        "so what a tower saw is its range thinned by a share": (
            "la exposición es por alcance, no por cuenca visual: las celdas del terreno son "
            "demasiado gruesas para trazar visuales, y lo que veía una torre se toma como parte de "
            "su alcance"
        ),
        "these records were seen while the design was made (exploratory), so p values and "
        "intervals do not have their nominal error rates": (
            "estos registros se habían visto al diseñar el análisis (exploratorio), de modo que ni "
            "los valores p ni los intervalos tienen sus tasas de error nominales"
        ),
        "no recorded death was read": "no se leyó ninguna muerte registrada",
        "no record has a place of a precision class that enters": (
            "ningún registro tiene un lugar con la precisión requerida"
        ),
        "no record with a place has a date": "ningún registro con lugar tiene fecha",
        "no placed and dated record is of the causes asked for": (
            "ningún registro con lugar y fecha es de las causas consideradas"
        ),
        "no record of these causes falls into the study years": (
            "ningún registro de esas causas cae en los años del estudio"
        ),
        "no record lies in a corridor": "ningún registro está en un corredor",
        "no corridor has enough records before its first dose": (
            "ningún corredor reúne registros suficientes antes de su primera dosis"
        ),
        "one corridor remains, with nothing to compare it with": (
            "queda un solo corredor, sin otro con que compararlo"
        ),
        "no tower (or programme zone) with a sourced date covers any corridor": (
            "ninguna torre ni zona de programa con fecha documentada cubre ningún corredor"
        ),
        "dose is the same in every corridor and year": (
            "la dosis es la misma en todos los corredores y años"
        ),
        "no record is left in the corridors and years compared": (
            "no queda ningún registro en los corredores y años que se comparan"
        ),
        "the fit did not settle; the table is too sparse for the model": (
            "el ajuste no convergió; hay muy pocos registros para el modelo"
        ),
        "without one of the clusters the coefficient is not identified: one cluster alone carries "
        "it": "sin uno de los grupos el coeficiente no se identifica: un solo grupo lo sostiene",
        "fence": "la valla",
        "agents": "los agentes",
        "checkpoint": "los puestos de control",
        "apprehensions": "las detenciones",
        "heat days": "los días de calor extremo",
        "corridor trends": "la tendencia de cada corredor",
        "neighbours dose": "la dosis de los corredores vecinos",
        "title 42": "el Título 42",
    }
)
"""Display: words that stand in a sentence's blanks, in Spanish; what is not here is quoted."""


def in_language(text: str, language: Language) -> str:
    """Return words of a sentence's blank in a language; those without a translation are quoted.

    Parameters
    ----------
    text
        In English.
    language
        Of the sentence.

    Examples
    --------
    >>> from geo.inference.registered.phrases import in_language
    >>> in_language("tower coverage", "es"), in_language("a new reason", "es")
    ('la cobertura de torres', '«a new reason»')
    """
    if language == "en":
        return text
    return SPANISH.get(text) or SPANISH.get(text.lower()) or f"«{text}»"


def written(text: str, language: Language) -> str:
    r"""Return a number, printed in English, as a language writes it.

    Examples
    --------
    >>> from geo.inference.registered.phrases import written
    >>> written("1,160.5", "es"), written("1,160.5", "en")
    ('1\u202f160,5', '1,160.5')
    """
    if language == "en":
        return text
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")
