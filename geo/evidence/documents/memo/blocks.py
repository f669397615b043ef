"""The memo as blocks, written once and set twice: in HTML and by typst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.evidence.documents.figures import Figure as Drawn


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a chapter. One that is not numbered says its number itself."""

    text: str
    level: int = 1
    numbered: bool = True


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` sets it off as a sentence that must not be missed, `red` as a lack."""

    text: str
    strong: bool = False
    red: bool = False


@dataclass(frozen=True)
class Points:
    """A list of points."""

    items: Sequence[str]


@dataclass(frozen=True)
class Equation:
    """A numbered equation in typst's math, and the same in words for who cannot see it."""

    typst: str
    words: str


@dataclass(frozen=True)
class Symbols:
    """Symbols in a cell of a table: in typst's math, in HTML of ours, and spoken."""

    typst: str
    html: str
    spoken: str


@dataclass(frozen=True)
class Grid:
    """A numbered table; `widths` are shares of the measure."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | Symbols]]
    widths: Sequence[float] = ()


@dataclass(frozen=True)
class FigureBlock:
    """A numbered figure; `width` is a share of the measure."""

    drawn: Drawn
    width: float = 1.0


@dataclass(frozen=True)
class Break:
    """A new page, where there are pages."""


@dataclass(frozen=True)
class Document:
    """One of the documents of a bundle.

    Attributes
    ----------
    stem
        Of its files in the folder `memo`.
    title
        What it is called, before the title of the study.
    contents
        Whether a list of chapters leads it.
    dense
        Whether it is set small, so that two pages hold it.
    """

    stem: str
    title: str
    contents: bool = True
    dense: bool = False


BRIEF = Document("brief", "Brief", contents=False, dense=True)
REPORT = Document("report", "Report")
ANNEX = Document("annex", "Annex to the report")
DOCUMENTS = (BRIEF, REPORT, ANNEX)

Block = Heading | Text | Points | Equation | Grid | FigureBlock | Break
