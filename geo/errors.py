"""Errors for people: what is wrong, where, and what to do about it.

Every error a user can cause derives from `FunnelError` and from the builtin that fits, so that
`except ValueError` keeps working for people who use `geo` as a library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class FunnelError(Exception):
    """Base of every error this project raises on purpose."""

    exit_code = 2


class StudyError(FunnelError, ValueError):
    """The study file asks for something that cannot be."""


class ContractError(FunnelError, ValueError):
    """A table or raster breaks its contract in `geo.records`."""


class LayoutError(FunnelError, ValueError):
    """A publisher's file does not have the layout that its reader knows."""


class UnforeseenError(LayoutError):
    """A parser failed in a way that no reader foresaw, and the guard around readers answered."""


class GridError(FunnelError, ValueError):
    """A raster has the wrong CRS, cell shape, extent or alignment."""


class CostError(FunnelError, ValueError):
    """A cost model, friction or source raster cannot be accumulated."""


class UnitsError(FunnelError, TypeError):
    """A quantity arrived in another unit or of another kind than the formula takes."""


class IdentificationError(FunnelError, ValueError):
    """The records cannot say what the analysis asks of them."""


class EvidenceError(FunnelError, ValueError):
    """A bundle is incomplete, altered or breaks a safeguard."""


class MissingInputError(FunnelError, FileNotFoundError):
    """A file that the study needs is not there."""


class SourceUnreachableError(FunnelError, ConnectionError):
    """A publisher could not be reached or did not answer with what it should."""

    exit_code = 3


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with the input.

    Attributes
    ----------
    where
        File, or study key.
    what
        What is wrong, in one sentence without the full stop.
    remedy
        What the user can do.
    row
        Source row number, 1 for the first data row; 0 where no row is meant.
    field
        Column or key; empty where none is meant.
    """

    where: str
    what: str
    remedy: str
    row: int = 0
    field: str = ""

    def __str__(self) -> str:
        """Return the problem as one line: where, what, remedy."""
        place = self.where
        if self.row:
            place += f", row {self.row}"
        if self.field:
            place += f", {self.field}"
        return f"{place}: {self.what}. {self.remedy}"


class InputProblems(FunnelError, ValueError):
    """Everything wrong with the input, found before any work started."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(problems))
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__("\n".join([head, *(f"  - {p}" for p in self.problems)]))

    def __reduce__(self) -> tuple[type[InputProblems], tuple[tuple[Problem, ...]]]:
        """Travel between processes as the problems; the text is made from them again."""
        return type(self), (self.problems,)
