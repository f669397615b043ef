"""What kind of area a feature is, told by the columns of its publisher's layout.

Known are TIGER/Line and the Census Bureau's cartographic boundaries (states, counties, American
Indian areas), the Bureau of Indian Affairs' land areas, PAD-US and Natural Earth; any other file
says it in a column `kind`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo.errors import LayoutError
from geo.records import AREA_KINDS

BY_COLUMN = (
    (("aiannhce",), "tribal"),
    (("larid",), "tribal"),
    (("countyfp",), "county"),
    (("county", "censusarea"), "county"),
    (("stusps",), "state"),
    (("adm1_code",), "state"),
    (("adm0_a3", "sov_a3"), "country"),
)
"""Definition: columns that only one layout of areas has = kind of all its features."""
UNITS, PROTECTION, DESIGNATION = "unit_nm", "gap_sts", "des_tp"
"""Definition: PAD-US's columns of a unit's name, its GAP status and the type of designation."""
PROTECTED = ("1", "2")
"""Definition: GAP status of land that is managed for its nature; 3 and 4 are not protected."""
TRIBAL = "tribl"
"""Definition: PAD-US's type of designation of tribal land."""


def kinds(raw: pd.DataFrame, columns: Mapping[str, str] | None, where: str) -> pd.Series:
    """Return the kind of every feature; None for what is no area of these kinds.

    Parameters
    ----------
    raw
        Features with the columns of their publisher.
    columns
        Contract column = column of the file.
    where
        Name of the file in messages.

    Raises
    ------
    LayoutError
        If neither a column nor the layout tells it.
    """
    own = {str(c).lower(): c for c in raw.columns}
    column = (columns or {}).get("kind", "kind").lower()
    if column in own:
        given = raw[own[column]].astype(str).str.strip().str.lower()
        if given.isin(AREA_KINDS).any():
            return given.where(given.isin(AREA_KINDS), None)
    elif UNITS in own:
        return _of_padus(raw, own)
    else:
        for names, kind in BY_COLUMN:
            if all(name in own for name in names):
                return pd.Series(kind, index=raw.index, dtype=object)
    raise LayoutError(
        f"{where}: what kind of areas these are cannot be told. Add a column kind with "
        f"{', '.join(AREA_KINDS[:-1])} or {AREA_KINDS[-1]} in every row, or name one in the study "
        'under this source: columns = { kind = "its name" }.'
    )


def called(raw: pd.DataFrame, names: pd.Series, kind: pd.Series) -> pd.Series:
    """Return names as a map writes them: those of counties with the word that says so."""
    own = {str(c).lower(): c for c in raw.columns}
    if "namelsad" in own:
        full = raw[own["namelsad"]].astype(object)
    elif "lsad" in own:
        word = raw[own["lsad"]].astype(str)
        full = (names.astype(str) + " " + word).where(word.str.isalpha(), names)
    else:
        return names
    return names.where((kind != "county") | names.isna() | full.isna(), full)


def _of_padus(raw: pd.DataFrame, own: Mapping[str, str]) -> pd.Series:
    """Return protected and tribal land of PAD-US; other public land is none of the kinds."""
    found = pd.Series("protected", index=raw.index, dtype=object)
    if PROTECTION in own:
        status = raw[own[PROTECTION]].astype(str).str.strip()
        found = found.where(status.isin(PROTECTED), None)
    if DESIGNATION in own:
        tribal = raw[own[DESIGNATION]].astype(str).str.strip().str.lower() == TRIBAL
        found = found.mask(tribal, "tribal")
    return found
