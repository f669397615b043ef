"""Words of the answer and of the central figure, in both languages.

One word for each thing: hardness (dureza) is what is tested; hardship (dificultad) is what a walk
demands; a corridor is covered (cubierto) by towers or programme zones.
"""

from __future__ import annotations

from typing import Any

WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "harder": "harder",
        "easier": "easier",
        "happened": {
            "view": "towers came to see the earlier routes",
            "range": "the earlier routes came within range of towers (range, not viewshed)",
            "zones": "programme zones, not towers, came to cover the earlier routes",
        },
        "by": {"view": "towers", "range": "towers", "zones": "programme zones"},
        "titles": {
            "shift": "As {what}, recorded deaths shifted to {side} ground, more than elsewhere",
            "unstable": (
                "A shift of recorded deaths to {side} ground as {what} did not hold in every check"
            ),
            "null": ("No difference could be shown between corridors where {what} and the others"),
            "cannot tell": (
                "These records cannot tell whether deaths shifted to harder ground as {what}"
            ),
            "described": "Where people were found dead, the ground {became}",
            "untold": "Too few records to compare the ground before and after",
        },
        "became": {
            "harder": "became harder by {points} points",
            "easier": "became easier by {points} points",
            "neither": "became neither harder nor easier",
        },
        "corridors": "It became harder in {grew} of {all} corridors.",
        "shown": (
            "Mean hardness of the ground where people were found dead, {before} (ring) and {end} "
            "(arrowhead)."
        ),
        "change": "{points} points of hardness on average where {by} covered the earlier routes",
        "anyway": "; {points} where they hardly did.",
        "alone": "; no corridor was left uncovered to compare with.",
        "hundred": (
            "Of 100 people found dead in {end} where the earlier routes came to be covered, {here} "
            "lay on the hardest two fifths of the ground; {otherwise} would have, had those "
            "corridors changed since {before} like the others (difference {value}, 95\u00a0% "
            "interval {low} to {high} over corridors)."
        ),
        "other_way": (
            "The count of a hundred points the other way than the registered test, which weighs "
            "how much of each corridor's earlier routes was covered, year by year"
        ),
        "none_within": "; its interval includes no difference",
        "thin": (
            "Not drawn: none of {corridors} corridors holds 20 records both before towers and at "
            "the end."
        ),
        "nowhere": "No corridor can be compared before towers and at the end.",
        "pooled": "The test counts all corridors and years together.",
        "why": "Nothing can be said about why: {lack}.",
        "lacks": {
            "estimate": "the headline could not be estimated",
            "towers": "no towers or zones of known date were given",
            "exposed": "no corridor was much exposed to towers or zones of known date",
        },
        "sure": "How sure:",
        "unsure": "How sure: not known; no test could be made.",
        "chance": (
            "{many} in {of} random exchanges of which corridor was covered when show as large a "
            "change (p = {p})"
        ),
        "chance_none": (
            "fewer than 1 in {of} random exchanges of which corridor was covered when show as "
            "large a change (p = {p})"
        ),
        "ratio": "ratio of rate ratios {ratio}, 95\u00a0% interval {low} to {high}, {where}",
        "least": "the smallest ratio these records could have shown is {least}{where}",
        "at_reached": "at the coverage reached",
        "per_dose": "per unit dose",
        "level": "Claim level {level} of L0 to L3",
        "rows": {
            "view": ("EARLIER ROUTES SEEN", "seen"),
            "range": ("EARLIER ROUTES IN RANGE", "in range"),
            "zones": ("EARLIER ROUTES INSIDE ZONES", "inside"),
        },
        "hardly": "HARDLY {bar}: what happened anyway",
        "land_not_routes": "towers see the land, not the routes",
        "row": (
            "{corridor}: hardness {before} before, {end} at the end (95\u00a0% interval {low} to "
            "{high}), change {change}; {share}\u00a0% of the earlier routes covered."
        ),
        "axis": ("easier", "hardness of ground", "harder"),
        "scale": "0 to 100 within its corridor (50: half of it is harder)",
        "interval": "Pale bar: 95\u00a0% range of the later mean.",
        "tick": "Black tick: had it changed as the grey rows did on average.",
        "left_out": (
            "{n} corridor left out: fewer than 20 records in one of the windows.",
            "{n} corridors left out: fewer than 20 records in one of the windows.",
        ),
        "found_only": "Only people who were found are counted.",
        "synthetic": "SYNTHETIC records.",
        "run": "As of {as_of}, run {run}.",
        "corrections": "Corrections:",
    },
    "es": {
        "harder": "más duro",
        "easier": "menos duro",
        "happened": {
            "view": "las torres llegaron a ver las rutas anteriores",
            "range": (
                "las rutas anteriores quedaron al alcance de torres (alcance, no cuenca visual)"
            ),
            "zones": "zonas de programa, no torres, llegaron a cubrir las rutas anteriores",
        },
        "by": {"view": "las torres", "range": "las torres", "zones": "las zonas de programa"},
        "titles": {
            "shift": (
                "Donde {what}, las muertes registradas se desplazaron a terreno {side}, más que "
                "en otros corredores"
            ),
            "unstable": (
                "Un desplazamiento de las muertes registradas a terreno {side} donde {what} no se "
                "mantuvo en todas las comprobaciones"
            ),
            "null": (
                "No pudo mostrarse ninguna diferencia entre los corredores donde {what} y los demás"
            ),
            "cannot tell": (
                "Estos registros no permiten saber si las muertes se desplazaron a terreno más "
                "duro donde {what}"
            ),
            "described": "Donde se halló a personas muertas, el terreno {became}",
            "untold": "Hay muy pocos registros para comparar el terreno de antes y el de después",
        },
        "became": {
            "harder": "pasó a ser {points} puntos más duro",
            "easier": "pasó a ser {points} puntos menos duro",
            "neither": "no pasó a ser ni más ni menos duro",
        },
        "corridors": "Pasó a ser más duro en {grew} de {all} corredores.",
        "shown": (
            "Dureza media del terreno donde se halló a personas muertas, {before} (anillo) y {end} "
            "(punta de flecha)."
        ),
        "change": "{points} puntos de dureza de media donde {by} cubrieron las rutas anteriores",
        "anyway": "; {points} donde apenas las cubrieron.",
        "alone": "; no quedó ningún corredor sin cubrir con que comparar.",
        "hundred": (
            "De cada 100 personas halladas muertas en {end} donde se cubrieron las rutas "
            "anteriores, {here} yacían en los dos quintos más duros del terreno; habrían sido "
            "{otherwise} si esos corredores hubieran cambiado desde {before} como los demás "
            "(diferencia {value}, intervalo del 95\u00a0% de {low} a {high} entre corredores)."
        ),
        "other_way": (
            "El recuento de cada cien apunta en sentido contrario al de la prueba registrada, que "
            "pondera año por año cuánto se cubrió de las rutas anteriores de cada corredor"
        ),
        "none_within": "; su intervalo incluye que no haya diferencia",
        "thin": (
            "No se dibuja: ninguno de los {corridors} corredores reúne 20 registros antes de las "
            "torres y otros 20 al final."
        ),
        "nowhere": "Ningún corredor puede compararse antes de las torres y al final.",
        "pooled": "La prueba cuenta juntos todos los corredores y años.",
        "why": "Nada puede decirse de por qué: {lack}.",
        "lacks": {
            "estimate": "el resultado principal no pudo estimarse",
            "towers": "no se aportaron torres ni zonas de fecha conocida",
            "exposed": "ningún corredor estuvo muy expuesto a torres o zonas de fecha conocida",
        },
        "sure": "Con qué seguridad:",
        "unsure": "Con qué seguridad: no se sabe; no pudo hacerse ninguna prueba.",
        "chance": (
            "{many} de cada {of} intercambios al azar de qué corredor se cubrió y cuándo muestran "
            "un cambio igual de grande (p = {p})"
        ),
        "chance_none": (
            "menos de 1 de cada {of} intercambios al azar de qué corredor se cubrió y cuándo "
            "muestran un cambio igual de grande (p = {p})"
        ),
        "ratio": (
            "razón de razones de tasas {ratio}, intervalo del 95\u00a0% de {low} a {high}, {where}"
        ),
        "least": "la menor razón que estos registros podrían haber mostrado es {least}{where}",
        "at_reached": "con la cobertura alcanzada",
        "per_dose": "por unidad de dosis",
        "level": "Nivel de afirmación {level}, de L0 a L3",
        "rows": {
            "view": ("RUTAS ANTERIORES VISTAS", "vistas"),
            "range": ("RUTAS ANTERIORES AL ALCANCE", "al alcance"),
            "zones": ("RUTAS ANTERIORES DENTRO DE ZONAS", "dentro"),
        },
        "hardly": "APENAS {bar}: lo que ocurrió igual",
        "land_not_routes": "las torres ven el terreno, no las rutas",
        "row": (
            "{corridor}: dureza {before} antes, {end} al final (intervalo del 95\u00a0% de {low} a "
            "{high}), cambio {change}; {share}\u00a0% de las rutas anteriores cubiertas."
        ),
        "axis": ("menos duro", "dureza del terreno", "más duro"),
        "scale": "de 0 a 100 dentro de su corredor (50: la mitad es más dura)",
        "interval": "Barra pálida: intervalo del 95\u00a0% de la media final.",
        "tick": "Trazo negro: si hubiera cambiado como las filas grises de media.",
        "left_out": (
            "Se omite {n} corredor: menos de 20 registros en una de las ventanas.",
            "Se omiten {n} corredores: menos de 20 registros en una de las ventanas.",
        ),
        "found_only": "Solo se cuenta a quienes fueron hallados.",
        "synthetic": "Registros SINTÉTICOS.",
        "run": "A fecha de {as_of}, ejecución {run}.",
        "corrections": "Correcciones:",
    },
}
"""Display: language = every string; braces are filled by `answer` and the figure."""
