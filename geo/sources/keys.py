"""Case keys: the publisher's own key of each record, for restricted trees and withdrawals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from geo.sources import ogis
from geo.sources.deaths.columns import by_position
from geo.sources.reading import identifier
from geo.sources.recognise import LIKE
from geo.sources.tabular import read_table


def case_keys(
    path: Path, *, source_id: str, columns: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return `death_id` = case key of every record of a file of deaths.

    A file without a key of its own has none: its records are known by their row alone.

    Parameters
    ----------
    path
        A file of deaths.
    source_id
        Identifier of the source, as in the study.
    columns
        Contract column = column of the file.

    Returns
    -------
    dict
        `death_id` = case key.

    Raises
    ------
    LayoutError
        If no layout fits.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, sources
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["deaths"]
    >>> keys = sources.case_keys(path, source_id="own", columns=examples.DEATH_COLUMNS)
    >>> sorted(keys.values())
    ['c-1', 'c-2', 'c-3']
    """
    mapping = dict(columns or {})
    table = read_table(path, path.name, titles=not by_position(mapping))
    if ogis.LAYOUT.likeness(list(table.columns)) >= LIKE:
        mapping, _ = ogis.LAYOUT.resolve(list(table.columns), path.name, columns)
    column = mapping.get("death_id", "death_id" if "death_id" in table else None)
    if column is None:
        return {}
    keys = [str(k).strip() for k in table[column]]
    return dict(zip(identifier(source_id, keys), keys, strict=True))


def withheld_ids(source_id: str, keys: Iterable[str]) -> frozenset[str]:
    """Return the `death_id` of case keys of a source, so that withdrawn records are left out.

    Parameters
    ----------
    source_id
        Identifier of the source, as in the study.
    keys
        Case keys, as the publisher writes them.

    Returns
    -------
    frozenset of str
        Their `death_id`.

    Examples
    --------
    >>> from geo.sources import withheld_ids
    >>> len(withheld_ids("own", ["c-1", "c-2"]))
    2
    """
    return frozenset(identifier(source_id, keys))
