"""The words of offices for causes, intervals since death and how well a place is known."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from geo import records
from geo.sources import vocabulary
from geo.sources.cells import THOUSANDS
from geo.sources.columns import UNITS, unit_of

LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)\b")
BARE = re.compile(r"[<>~]?\s*(\d+(?:\.\d+)?)")
TIME = re.compile(r"(\d+(?:\.\d+)?)\s*\+?\s*(hour|hr|day|week|wk|month|mo|year|yr)s?\b")
DAYS = {
    "hour": 1 / 24, "hr": 1 / 24, "day": 1.0, "week": 7.0, "wk": 7.0, "month": 30.5, "mo": 30.5,
    "year": 365.0, "yr": 365.0,
}  # fmt: skip
"""Definition: days of the units in which an interval is written, months as a mean."""


def cause(values: pd.Series) -> pd.Series:
    """Return `cause_class` of free words: the listed terms first, then the registered patterns."""
    listed = vocabulary.cause(values)
    rest = vocabulary.tidy(values[listed == "unknown"])
    patterns = [(name, re.compile(p)) for name, p in vocabulary.listed("cause_patterns")]

    def one(text: str) -> str:
        return next((name for name, p in patterns if p.search(text)), "unknown")

    found = {text: one(text) for text in rest.unique()}
    return listed.mask(listed == "unknown", rest.map(found))


def interval(values: pd.Series) -> pd.Series:
    """Return `pmi_class` of free words: the listed labels first, then lengths of time.

    A range counts by its longer end, and "more than" six months is the longest class.
    """
    listed = vocabulary.interval(values)
    bounds = [(name, span[1]) for name, span in vocabulary.terms("pmi_days").items()]

    def one(text: str) -> str:
        spans = [float(n) * DAYS[unit] for n, unit in TIME.findall(text)]
        if not spans:
            return "unknown"
        open_ = bool(re.search(r">|\+|more than|over|at least", text))
        days = max(spans)
        longest = days >= vocabulary.terms("pmi_days")["longer"][0]
        if open_ and longest:
            return "longer"
        if open_:
            return "unknown"
        return next((n for n, most in bounds if most is not None and days <= most), "longer")

    rest = vocabulary.tidy(values[listed == "unknown"])
    return listed.mask(listed == "unknown", rest.map({t: one(t) for t in rest.unique()}))


def accuracy(values: pd.Series, title: str) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return how well places are known, from words or lengths.

    Parameters
    ----------
    values
        Cells: a label of a known publisher, a length (`2 miles`, `300 m`), a number whose unit the
        title states, or words.
    title
        Title of the column.

    Returns
    -------
    Series of str
        `precision_class`.
    Series of float
        `precision_m`, m; NaN where the class has none.
    Series of bool
        True where class and radius are assumed from words; False where the file states them.
    """
    text = vocabulary.tidy(values).str.replace(THOUSANDS, "", regex=True)
    known = vocabulary.precision(text)
    stated = known != "none"
    radius = vocabulary.precision_radius(known)
    metres = text.map(lambda t: _metres(t, title)).astype(float)
    length = ~stated & metres.notna()
    classes = known.mask(length, metres.map(class_of))
    radius = radius.mask(length, metres)
    words = {t: _worded(t) for t in text[~stated & ~length].unique()}
    worded = text.map(words).where(~stated & ~length)
    classes = classes.mask(worded.notna(), worded)
    assumed = worded.notna() & ~worded.isin(["none", "moved"])
    return classes, radius.mask(assumed, vocabulary.precision_radius(classes)), assumed


def class_of(metres: float) -> str:
    """Return the class of a stated radius [m]: the finest whose own radius reaches it."""
    known = sorted(vocabulary.terms("precision_m").items(), key=lambda item: float(item[1]))
    if np.isnan(metres):
        return "none"
    return str(next((name for name, most in known if metres <= most), known[-1][0]))


def _metres(text: str, title: str) -> float:
    found = [float(n) * UNITS[u][1] for n, u in LENGTH.findall(text) if u in UNITS]
    if found:
        return max(found)
    unit = unit_of(title)
    bare = BARE.fullmatch(text)
    return float(bare.group(1)) * unit[1] if bare and unit else float("nan")


def _worded(text: str) -> str:
    if not text or text in records.PRECISION:
        return text or "none"
    patterns = vocabulary.listed("accuracy_patterns")
    return next((str(name) for name, p in patterns if re.search(p, text)), "none")
