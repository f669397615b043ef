"""A study of which a step can read what its fingerprint holds, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from types import FunctionType, MethodType
from typing import Any, cast

from pydantic import BaseModel

from geo.study import Role, Study

WHOLE = ("toml", "fingerprint")
"""Methods that read all of a study."""


class UndeclaredError(RuntimeError):
    """A step reads something that its fingerprint does not hold: a mistake of this program."""


class StudyView:
    """A study, or a part of one, of which only declared settings can be read.

    Parameters
    ----------
    model
        The study, or the part.
    step
        Name of the step, for the message.
    settings
        Dotted keys that may be read; "movement" allows all of that part.
    roles
        Roles of the sources that may be read, without their paths.
    prefix
        Key of the part, with its dot.
    """

    def __init__(
        self,
        model: BaseModel,
        step: str,
        settings: Iterable[str],
        roles: Iterable[str] = (),
        prefix: str = "",
    ) -> None:
        self._model, self._step, self._prefix = model, step, prefix
        self._settings, self._roles = frozenset(settings), frozenset(roles)

    def __reduce__(self) -> Any:
        """Travel to another process as what it is."""
        return StudyView, (self._model, self._step, self._settings, self._roles, self._prefix)

    def __getattr__(self, name: str) -> Any:
        """Return a declared setting, or a property or method computed from declared settings."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name in type(self._model).model_fields:
            return self._setting(name)
        found = vars(type(self._model)).get(name)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        if isinstance(found, FunctionType) and name not in WHOLE:
            return MethodType(found, self)
        raise UndeclaredError(f"step {self._step} may not read {name} of its study")

    def source(self, role: Role) -> Any:
        """Return the first source of a declared role, or None."""
        if role not in self._roles:
            raise UndeclaredError(
                f"step {self._step} looks for a source of role {role} and does not declare it; "
                "add it to the step's roles in flows/stages/__init__.py"
            )
        return next((s for s in self.sources if s.role == role), None)

    def _setting(self, name: str) -> Any:
        key, value = f"{self._prefix}{name}", getattr(self._model, name)
        if key == "sources":
            mine = (s for s in value if s.role in self._roles)
            return tuple(s.model_copy(update={"file": None}) for s in mine)
        if key in self._settings:
            return value
        if any(s.startswith(f"{key}.") for s in self._settings):
            return StudyView(value, self._step, self._settings, prefix=f"{key}.")
        raise UndeclaredError(
            f"step {self._step} reads {key} of its study and does not declare it; add it to the "
            "step's settings in flows/stages/__init__.py, so that another value computes it again"
        )


def view(study: Study, step: str, settings: Iterable[str], roles: Iterable[str]) -> Study:
    """Return a study of which a step can read its declared settings and sources only."""
    return cast("Study", StudyView(study, step, settings, roles))
