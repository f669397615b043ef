"""What a contract is: columns with type, unit, null rule and meaning; checks follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import xarray as xr
from pandera.errors import SchemaErrors

from geo.errors import ContractError
from geo.grid import require_metric

DTYPES = {
    "string": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "bool",
    "date": "datetime64[us]",
}
"""Contract type = pandas dtype."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, dtype, unit, meaning
        `dtype` is a key of `DTYPES`; `unit` is "" for text and dates, "1" for pure numbers.
    null
        What an empty value means; None where empty is not allowed.
    values
        The only values allowed, or None.
    person
        True for an attribute of a person; such a column never stands in a public table.
    """

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    null: str | None = None
    values: tuple[str, ...] | None = None
    person: bool = False


@dataclass(frozen=True)
class Table:
    """A table that crosses rooms.

    Attributes
    ----------
    name, title
        File name without ending, and heading.
    columns
        In their order.
    key
        Columns that identify a row.
    public
        True if the table may stand in a public bundle.
    crs
        CRS of the `geometry` column; None for a table without one.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    public: bool
    crs: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order, without geometry."""
        return tuple(c.name for c in self.columns)

    def empty(self) -> pd.DataFrame:
        """Return the table with no row."""
        return self.conform({c.name: [] for c in self.columns} | self._no_shapes())

    def conform(self, data: Any) -> pd.DataFrame:
        """Return the data with this table's columns, order and types, checked.

        Parameters
        ----------
        data
            DataFrame, GeoDataFrame or anything pandas makes one from. Columns that may be empty
            can be left out; others may not; columns the contract does not know are refused.

        Raises
        ------
        ContractError
            With every column at fault.
        """
        frame = data.copy() if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
        known = [*self.names, *(["geometry"] if self.crs else [])]
        unknown = [c for c in frame.columns if c not in known]
        if unknown:
            raise ContractError(
                f"table {self.name}: unknown column {', '.join(map(str, unknown))}; remove it"
            )
        for column in self.columns:
            if column.name not in frame and column.null is not None:
                frame[column.name] = None
        absent = [c for c in known if c not in frame]
        if absent:
            raise ContractError(f"table {self.name}: column {', '.join(absent)} is missing; add it")
        for column in self.columns:
            frame[column.name] = _cast(frame[column.name], column, self.name)
        frame = frame[known].reset_index(drop=True)
        if self.crs:
            frame = gpd.GeoDataFrame(frame, geometry="geometry", crs=_crs(frame, self.crs))
            frame = frame.to_crs(self.crs)
        self.validate(frame)
        return frame

    def validate(self, frame: pd.DataFrame) -> None:
        """Raise ContractError with every fault of the frame."""
        try:
            _schema(self).validate(frame.drop(columns="geometry", errors="ignore"), lazy=True)
        except SchemaErrors as error:
            cases = error.failure_cases
            faults = [
                f"{column}: {check} ({len(rows)} rows, first at {rows['index'].iloc[0]})"
                for (column, check), rows in cases.groupby(["column", "check"], dropna=False)
            ]
            said = ", ".join(sorted(faults))
            raise ContractError(f"table {self.name} breaks: {said}; correct it") from None

    def dictionary(self) -> pd.DataFrame:
        """Return the data dictionary of this table: one row a column."""
        return pd.DataFrame(
            {
                "table": self.name,
                "column": c.name,
                "type": c.dtype,
                "unit": c.unit,
                "empty means": c.null or "never empty",
                "values": ", ".join(c.values or ()),
                "meaning": c.meaning,
            }
            for c in self.columns
        )

    def _no_shapes(self) -> dict[str, Any]:
        return {"geometry": gpd.GeoSeries([], crs=self.crs)} if self.crs else {}


@dataclass(frozen=True)
class Raster:
    """A raster that crosses rooms.

    Attributes
    ----------
    name, title, unit
        Variable name, heading and unit.
    dims
        Dimensions in order; the last two are y, x.
    dtype
        NumPy dtype; NaN is the null of floats.
    fine
        True if it must never stand in a public bundle at the study's resolution.
    """

    name: str
    title: str
    unit: str
    dtype: str
    dims: tuple[str, ...] = ("y", "x")
    fine: bool = True

    def check(self, array: xr.DataArray) -> xr.DataArray:
        """Return the array if it keeps this contract, else raise ContractError or GridError."""
        require_metric(array)
        faults = []
        if array.dims != self.dims:
            faults.append(f"dims {array.dims}, not {self.dims}")
        if array.dtype != np.dtype(self.dtype):
            faults.append(f"dtype {array.dtype}, not {self.dtype}")
        if array.attrs.get("units") != self.unit:
            faults.append(f"units {array.attrs.get('units')!r}, not {self.unit!r}")
        if faults:
            raise ContractError(f"raster {self.name} has {', '.join(faults)}; convert it")
        return array


@cache
def _schema(table: Table) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            c.name: pa.Column(
                checks=pa.Check.isin(c.values) if c.values else None,
                nullable=c.null is not None,
            )
            for c in table.columns
        },
        unique=list(table.key),
        strict=True,
        ordered=True,
    )


def _cast(values: pd.Series, column: Column, table: str) -> pd.Series:
    try:
        if column.dtype == "date":
            return pd.to_datetime(values).astype("datetime64[us]")
        if column.dtype == "number":
            return pd.to_numeric(values).astype("float64")
        if column.dtype == "string":
            # a CSV file cannot tell "" from an absence, so a table whose cells may be empty has one
            if values.dtype == "str":
                return values if column.null is None else values.mask(values == "")
            absent = values.isna() | ((values == "") & (column.null is not None))
            filled = values.astype(object).where(~absent, None)
            return filled.map(lambda v: v if v is None else str(v)).astype("str")
        plain: Any = DTYPES[column.dtype]
        return values.astype(plain)
    except (ValueError, TypeError) as error:
        fault = f"table {table}, {column.name} is no {column.dtype} ({error})"
        raise ContractError(f"{fault}; correct it") from None


def _crs(frame: pd.DataFrame, default: str) -> Any:
    own = getattr(frame, "crs", None) if isinstance(frame, gpd.GeoDataFrame) else None
    return own or getattr(frame["geometry"], "crs", None) or default
