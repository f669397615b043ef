"""Words of the front page and of the sheet it is written on, in both languages.

What a publisher wrote, and messages of the program about inputs that are lacking, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from geo.inference.registered.phrases import Language
from geo.parameters import load

_SHARE = load("visibility")["range_share"]
_CELL = f"{load('visibility')['viewshed_cell_m'].value:g}"
LANGUAGES: Mapping[Language, str] = MappingProxyType({"en": "English", "es": "Español"})
"""Display: language = its own name."""

_EN: dict[str, Any] = {
    "level": "Claim level {level} of L0 to L3: {meaning}.",
    "map": "Map",
    "poster": "Preview of the map",
    "open_map": "Open the map",
    "kit": "Pictures for newsrooms",
    "kit_note": (
        "Each may be printed with its credit line; the text beside it is for readers who cannot "
        "see it. Charts of the map page can be taken there as SVG, PNG and CSV."
    ),
    "kit_columns": ("Picture", "Files", "Text for who cannot see it"),
    "kit_central": "Infrastructure against hardship",
    "kit_map": "Map, first and last years, {shape}",
    "kit_window": "Map, {years}",
    "kit_window_alt": (
        "Map of recorded deaths in cells, in classes, {years}, with the "
        "towers and programme zones that surely stood then."
    ),
    "strongest": "The strongest arguments against it",
    "no_argument": "No analysis of this run speaks against it.",
    "more": "{n} more are listed below, none left out.",
    "would_change": "What would change the answer: {what}.",
    "everything": "Everything that speaks against it",
    "lacks": "What was not run or could not be computed",
    "missing": "Missing: {missing}.",
    "states": ("{asks}: failed", "{asks}: not run{why}"),
    "limits": "Limits",
    "documents": "Read it whole",
    "memo": {
        "brief": "Brief of two pages",
        "report": "report",
        "annex": "annex with every analysis, checklists and constants",
    },
    "memo_note": "",
    "sources": "Sources",
    "licence": "Licence: {licence}.",
    "retrieved": "Retrieved {day}; {hashes}.",
    "given": "A local file; {hashes}.",
    "hash": "SHA-256 {sha}",
    "hashes": "{n} files, the SHA-256 of each in the table of sources",
    "cite": "Cite this number",
    "cited": (
        "Study {study}, run {run}{row}, as of {as_of}. {command} follows it to the source rows."
    ),
    "row": ", row {row}",
    "tables": "Tables",
    "tables_all": (
        "All tables in one file: {xlsx}, {gpkg}; what each column means: {package}.{status}"
    ),
    "workbook": "workbook (XLSX)",
    "package": "data package",
    "status": " All are {status}.",
    "columns": ("Table", "Rows", "Files"),
    "check": "Check it",
    "checked": (
        "{sums} says whether a file was changed; {verify} checks the contracts and safeguards too; "
        "{explain} traces a row to its sources. {study}, {environment}, {custody}, {crate}."
    ),
    "files": ("The study", "the environment", "custody log", "RO-Crate"),
    "back": "Back to the finding",
    "head": "Study {study} · as of {as_of} · run {run}",
    "made_up": (
        "SYNTHETIC. The land and the records behind this page are made up. They say nothing about "
        "people or places."
    ),
    "made_up_on_real_land": (
        "SYNTHETIC. The land behind this page is real; the records are made up, with a known "
        "effect, to test the method. They say nothing about people."
    ),
    "recoveries": (
        "The data are recorded recoveries: a lower bound of deaths, placed where people were found."
    ),
    "correction": (
        "To ask for a correction, or for a record to be withheld, {link}; families and communities "
        "come first. Records withheld on request so far: {n}."
    ),
    "write": "write to the project",
    "licences": "Tables and text: CC BY 4.0. Sources keep their own licences.",
    "data_status": "{status}",
}
_ES: dict[str, Any] = {
    "level": "Nivel de afirmación {level}, de L0 a L3: {meaning}.",
    "map": "Mapa",
    "poster": "Vista previa del mapa",
    "open_map": "Abrir el mapa",
    "kit": "Imágenes para redacciones",
    "kit_note": (
        "Cada una puede publicarse con su línea de crédito; el texto al lado es para quien no "
        "puede verla. Los gráficos de la página del mapa pueden llevarse allí como SVG, PNG y CSV."
    ),
    "kit_columns": ("Imagen", "Archivos", "Texto para quien no puede verla"),
    "kit_central": "Infraestructura frente a dureza del terreno",
    "kit_map": "Mapa, primeros y últimos años, {shape}",
    "kit_window": "Mapa, {years}",
    "kit_window_alt": (
        "Mapa de muertes registradas en celdas, en clases, {years}, con las "
        "torres y zonas de programas que sin duda estaban entonces."
    ),
    "strongest": "Los argumentos más fuertes en contra",
    "no_argument": "Ningún análisis de esta ejecución habla en contra.",
    "more": "Hay {n} más en la lista de abajo, sin omitir ninguno.",
    "would_change": "Qué cambiaría la respuesta: {what}.",
    "everything": "Todo lo que habla en contra",
    "lacks": "Lo que no se ejecutó o no pudo calcularse",
    "missing": "Falta: {missing}.",
    "states": ("{asks}: no se cumple", "{asks}: no se ejecutó"),
    "limits": "Límites",
    "documents": "Leerlo entero",
    "memo": {
        "brief": "Resumen de dos páginas",
        "report": "informe",
        "annex": "anexo con todos los análisis, listas de comprobación y constantes",
    },
    "memo_note": " Estos documentos están en inglés.",
    "sources": "Fuentes",
    "licence": "Licencia: {licence}.",
    "retrieved": "Consultado el {day}; {hashes}.",
    "given": "Archivo local; {hashes}.",
    "hash": "SHA-256 {sha}",
    "hashes": "{n} ficheros; el SHA-256 de cada uno está en la tabla de fuentes",
    "cite": "Citar este número",
    "cited": (
        "Estudio {study}, ejecución {run}{row}, a fecha de {as_of}. {command} lo sigue hasta las "
        "filas de las fuentes."
    ),
    "row": ", fila {row}",
    "tables": "Tablas",
    "tables_all": (
        "Todas las tablas en un fichero: {xlsx}, {gpkg}; qué significa cada columna: "
        "{package}.{status} Sus columnas llevan nombres en inglés."
    ),
    "workbook": "libro de cálculo (XLSX)",
    "package": "paquete de datos",
    "status": " Todas son {status}.",
    "columns": ("Tabla", "Filas", "Ficheros"),
    "check": "Comprobarlo",
    "checked": (
        "{sums} dice si se cambió un fichero; {verify} comprueba además los contratos y las "
        "salvaguardas; {explain} sigue una fila hasta sus fuentes. {study}, {environment}, "
        "{custody}, {crate}."
    ),
    "files": ("El estudio", "el entorno", "registro de custodia", "RO-Crate"),
    "back": "Volver al resultado",
    "head": "Estudio {study} · a fecha de {as_of} · ejecución {run}",
    "made_up": (
        "SINTÉTICO. El terreno y los registros de esta página son inventados. No dicen nada de "
        "personas ni de lugares."
    ),
    "made_up_on_real_land": (
        "SINTÉTICO. El terreno de esta página es real; los registros son inventados, con un efecto "
        "conocido, para probar el método. No dicen nada de personas."
    ),
    "recoveries": (
        "Los datos son recuperaciones registradas: un mínimo de las muertes, situadas donde se "
        "halló a las personas."
    ),
    "correction": (
        "Para pedir una corrección, o que un registro se retire, {link}; las familias y las "
        "comunidades van primero. Registros retirados a petición hasta ahora: {n}."
    ),
    "write": "escriba al proyecto",
    "licences": "Tablas y texto: CC BY 4.0. Las fuentes conservan sus licencias.",
    "data_status": "sintéticas",
}
FRONT: Mapping[str, Mapping[str, Any]] = MappingProxyType({"en": _EN, "es": _ES})
"""Display: language = every string of the front page."""

LEVELS_ES = MappingProxyType(
    {
        "L0": "descriptivo: dónde se localizaron las recuperaciones registradas",
        "L1": "asociación: qué acompañó a una mayor cobertura",
        "L2": "compatible con un desplazamiento",
        "L3": "lectura causal bajo los supuestos enunciados",
    }
)
LIMITS_ES = (
    (
        "Los datos son recuperaciones registradas: un mínimo de las muertes. Donde poca gente "
        "busca, poca gente es hallada."
    ),
    (
        "Los lugares son aquellos donde se halló a las personas, no donde caminaron ni murieron; "
        "las fechas son las de la notificación, salvo que una tabla diga otra cosa."
    ),
    (
        "La precisión de los lugares y el esfuerzo de búsqueda cambiaron con el tiempo; ambos "
        "pueden parecer un desplazamiento de las muertes."
    ),
    (
        "Las torres se situaron donde se esperaban cruces; una torre cerca de una muerte no es una "
        "causa."
    ),
    (
        "El movimiento modelado ilustra un coste, no registra rutas; solo se muestra de periodos "
        "cerrados hace 24 meses y nunca a menos de 1 km."
    ),
)
EVIDENCE_AGAINST_ES = (
    "registros posteriores, o de otra fuente, en los que el gradiente no se mueva",
    "fechas o torres de placebo que den un efecto del mismo tamaño",
    (
        "una búsqueda o recuperación que se hubiera inclinado a terreno más duro con la cobertura "
        "por encima del límite"
    ),
    "fechas de torres que resulten erróneas por más de lo que admiten sus intervalos",
)
RANGE_NOTE_ES = (
    f"Alcance, no cuenca visual: las celdas del terreno son más anchas que {_CELL} m, demasiado "
    "gruesas para trazar visuales, de modo que lo que veía una torre es el disco de su alcance "
    f"reducido al {_SHARE.value:.0%} (del {_SHARE.low:.0%} al "
    f"{_SHARE.high:.0%} en los sorteos), la parte que dan las cifras de un fabricante. No "
    "se sabe qué terreno del alcance estaba a la vista, los análisis que lo preguntan no se "
    "ejecutan y la afirmación no pasa de L1."
)
ZONES_NOTE_ES = (
    "Zonas de programa, no torres: la exposición es la parte del movimiento modelado antes de las "
    "torres que queda dentro de los tramos de frontera donde actuaba un programa, con límites de "
    "tramo, profundidad y fechas; solo por terreno consta entre las demás exposiciones. No se sabe "
    "qué podía verse desde dónde, los análisis que lo preguntan no se ejecutan y la afirmación no "
    "pasa de L1."
)
OLDER_ES = (
    " Cámaras anteriores a las torres del estudio vigilaban ya {names}: son punto de partida y no "
    "dosis, y un análisis pregunta sin esos corredores."
)
TABLES_ES: Mapping[str, str] = MappingProxyType(
    {
        "calibration": "Qué hizo la regla de decisión con registros inventados de verdad conocida",
        "corridor_basis": "De dónde salen los corredores y con qué certeza se conocen",
        "corridors": "Corredores del estudio",
        "counts": "Flujo de registros: cuántos se leyeron, apartaron, excluyeron y usaron",
        "covariates": "Qué más cambió, por corredor y año",
        "coverage_by_corridor_year": (
            "Parte del terreno y del movimiento modelado a la vista o en zonas, por corredor y año"
        ),
        "crossing_basis": "Dónde empiezan y terminan los cruces modelados, y qué se dejó fuera",
        "deaths_by_cell_block": "Muertes registradas por celda y bloque de años",
        "deaths_by_corridor_block": (
            "Muertes registradas por corredor y bloque de años, sumadas de las clases de celdas "
            "enteras"
        ),
        "deaths_by_year": "Muertes registradas por año natural, todos los registros de la fuente",
        "estimates": "Estimaciones y pruebas",
        "exposures_by_corridor_block": (
            "Entorno de los lugares registrados por corredor y bloque de años"
        ),
        "funnel_measures": "Medidas del movimiento modelado por periodo",
        "hardness_by_corridor": (
            "Dureza de los lugares registrados por corredor, antes de las torres y al final"
        ),
        "hardness_fifths": (
            "Muertes registradas por quintos del terreno de su corredor, por cobertura y bloque de "
            "años"
        ),
        "hardship_by_block": ("Dificultad y entorno de los lugares registrados por bloque de años"),
        "parameters": "Constantes con sus fuentes",
        "sites": "Instalaciones que no son torres",
        "skipped": "Lo que no pudo calcularse, y qué falta",
        "snapshots": "Fuentes, tal como estaban al consultarlas",
        "tower_dating": (
            "Torres según lo que las fecha: su propia fuente, una regla del estudio o nada"
        ),
        "towers": "Torres de vigilancia con sus fechas",
        "zones": (
            "Zonas de programa: dónde actuaba un programa y cuándo, para un estudio sin lugares de "
            "torres"
        ),
    }
)
"""Display: table = its title in Spanish."""
