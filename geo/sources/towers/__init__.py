"""Tower files of anybody: their columns, words and dates, and the dating rules of a study."""

from __future__ import annotations

from geo.sources.towers.columns import GUESSES, choose
from geo.sources.towers.dating import date_by_rules, dating, sentence
from geo.sources.towers.files import read_file
from geo.sources.towers.reader import read
from geo.sources.towers.words import completeness, unknown_programmes

__all__ = [
    "GUESSES",
    "choose",
    "completeness",
    "date_by_rules",
    "dating",
    "read",
    "read_file",
    "sentence",
    "unknown_programmes",
]
