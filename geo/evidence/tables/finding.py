"""The finding of a run: the one sentence that command line, pages, memo, workbook and map quote.

No other function picks one. A study with estimates has the sentence of its headline analysis; one
that only describes has the sentence of the component that the study registers (`finding`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.tables.counts import flow, said
from geo.inference.registered.phrases import Language, written
from geo.study import Study

NAMES = {
    "slope_deg": "Slope",
    "border_km": "Distance to the border",
    "road_km": "Distance to a road",
    "energy_mj": "Energy from the border",
    "hours": "Walking time from the border",
    "water_l": "Water lost from the border, summer day",
    "core_c": "Core temperature after a summer walk",
    "hardness": "Hardness rank",
    "seen": "Share of the year in view",
}
"""Component of hardship = name for readers."""
NAMES_ES = {
    "slope_deg": "Pendiente",
    "border_km": "Distancia a la frontera",
    "road_km": "Distancia a una carretera",
    "energy_mj": "Energía desde la frontera",
    "hours": "Tiempo a pie desde la frontera",
    "water_l": "Agua perdida desde la frontera, día de verano",
    "core_c": "Temperatura corporal tras una caminata de verano",
    "hardness": "Rango de dureza",
    "seen": "Parte del año a la vista",
}
"""The same in Spanish."""
SAID = {
    "en": {
        "lacking": (
            "The finding registered for this study, {name} of recorded places by block of years, "
            "cannot be computed from its inputs."
        ),
        "no_record": "No record was used in this run.",
        "source": "about {n} of {source}",
        "used": "Recorded recoveries used: {sources}.",
        "where": (
            "Recorded recoveries were located where the mean of {name} was {first} and {last}."
        ),
        "value": "{value} in {years}",
        "interval": "{value} (95 % interval {low} to {high})",
    },
    "es": {
        "lacking": (
            "El resultado registrado para este estudio, {name} de los lugares registrados por "
            "bloque de años, no puede calcularse con sus datos."
        ),
        "no_record": "En esta ejecución no se usó ningún registro.",
        "source": "unos {n} de {source}",
        "used": "Recuperaciones registradas que se usaron: {sources}.",
        "where": (
            "Las recuperaciones registradas se localizaron donde la media de {name} era de {first} "
            "y de {last}."
        ),
        "value": "{value} en {years}",
        "interval": "{value} (intervalo del 95 % de {low} a {high})",
    },
}
"""Display: language = sentences of a run that only describes."""
ANALYSIS = "headline"
"""Name under which the headline analysis is registered."""


@dataclass(frozen=True)
class Finding:
    """The finding.

    Attributes
    ----------
    sentence, level
        The one sentence, and its level on the claim ladder.
    row_id
        The row it stands on; empty where no table has one.
    """

    sentence: str
    level: str
    row_id: str


def headline(
    study: Study, tables: Mapping[str, pd.DataFrame], language: Language = "en"
) -> Finding:
    """Pick the finding of a run.

    Parameters
    ----------
    study
        The resolved study.
    tables
        Public tables by name: estimates, hardship_by_block, counts, snapshots; those absent count
        as empty.
    language
        Of the sentence; each language has its own, made from the same numbers.

    Returns
    -------
    Finding
        The headline analysis's sentence; without estimates, first and last block of years of the
        registered component; without that, how many records were used, or that none was.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> own = examples.findings()
    >>> evidence.headline(own.study, {}).level
    'L0'
    """
    estimates, say = _table(tables, "estimates"), SAID[language]
    named = estimates[estimates["analysis"] == ANALYSIS]
    if len(named):
        row = named.iloc[0]
        column = "sentence" if language == "en" else f"sentence_{language}"
        text = row[column] if pd.notna(row.get(column)) else row["sentence"]
        return Finding(str(text), str(row["claim_level"]), str(row["row_id"]))
    for component, text, row_id in described(tables, language):
        if component == study.finding:
            return Finding(text, "L0", row_id)
    lacking = say["lacking"].format(name=_named(study.finding, language))
    used = flow({n: _table(tables, n) for n in ("snapshots", "counts")})
    used = used[(used["step"] == "used") & used["records"].gt(0).fillna(value=False)]
    if used.empty:
        return Finding(f"{say['no_record']} {lacking}", "L0", "")
    sources = [
        say["source"].format(n=written(said(n), language), source=s)
        for s, n in zip(used["source_id"], used["records"], strict=True)
    ]
    text = f"{say['used'].format(sources=', '.join(sources))} {lacking}"
    return Finding(text, "L0", str(used.iloc[0].get("row_id", "")))


def described(
    tables: Mapping[str, pd.DataFrame], language: Language = "en"
) -> Iterator[tuple[str, str, str]]:
    """Yield (component, sentence, row id): first block of years beside last, level L0."""
    frame, say = _table(tables, "hardship_by_block"), SAID[language]
    means = frame[
        (frame["statistic"] == "mean") & (frame["group"] == "all") & frame["value"].notna()
    ]
    for component in NAMES:
        rows = means[means["component"] == component].sort_values("first_year")
        if len(rows) < 2:
            continue
        shown: list[dict[Any, Any]] = rows.iloc[[0, -1]].to_dict("records")
        unit = "" if rows["unit"].iloc[0] == "1" else f" {rows['unit'].iloc[0]}"
        first, last = (
            say["value"].format(value=_value(row, unit, language), years=years_of(row))
            for row in shown
        )
        text = say["where"].format(name=_named(component, language), first=first, last=last)
        yield component, text, str(shown[1].get("row_id", ""))


def _named(component: str, language: Language) -> str:
    return (NAMES if language == "en" else NAMES_ES)[component].lower()


def _value(row: Mapping[str, Any], unit: str, language: Language) -> str:
    value = f"{_plain(row['value'], language)}{unit}"
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return value
    low, high = (_plain(row[k], language) for k in ("low", "high"))
    return SAID[language]["interval"].format(value=value, low=low, high=high)


def _plain(value: float, language: Language) -> str:
    return written(f"{value:g}", language)


def years_of(row: Mapping[str, Any]) -> str:
    """First and last calendar year of a row of a block, as readers see them."""
    first, last = int(row["first_year"]), int(row["last_year"])
    return f"{first}" if first == last else f"{first}-{last}"


def _table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    found = tables.get(name)
    return records.TABLES[name].empty() if found is None else found
