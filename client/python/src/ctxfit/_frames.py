"""Frames of several libraries, in and out, without requiring any of them.

A frame comes in as a `Table`: names, and a way to read one column. Numbers are taken by the library's own conversion of
whole columns; no row becomes an object.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ctxfit._errors import InvalidArgumentError

Library = Literal["pandas", "polars", "pyarrow", "duckdb", "dict"]
_ORDER: tuple[Library, ...] = ("pandas", "polars", "pyarrow")


@dataclass(frozen=True)
class Table:
    """A frame of any library.

    Attributes:
        library: Library of the frame; `dict` for a mapping of columns.
        names: Names of the columns.
        read: Returns a column: an array of NumPy, of numbers (NaN where there is none), or a list of any values.
    """

    library: Library
    names: tuple[str, ...]
    read: Callable[[str], Any]


def _numpy() -> Any:
    return importlib.import_module("numpy") if importlib.util.find_spec("numpy") else None


def _is_plain(values: object) -> bool:
    return isinstance(values, Sequence) and not hasattr(values, "__array__")


def _from_array(values: Any) -> Any:
    """Converts anything like an array to one of NumPy if it holds numbers, and to a list if not."""
    numpy = _numpy()
    if _is_plain(values):
        return list(values)
    if numpy is None:
        return values.tolist() if hasattr(values, "tolist") else list(values)
    if isinstance(values, numpy.ma.MaskedArray):
        if values.dtype.kind in "fiub":
            return values.astype("float64").filled(float("nan"))
        return values.tolist()
    array = numpy.asarray(values)
    return array if array.ndim == 1 and array.dtype.kind in "fiu" else array.tolist()


def _from_pandas(series: Any) -> Any:
    pandas = importlib.import_module("pandas")
    if pandas.api.types.is_numeric_dtype(series.dtype) and not pandas.api.types.is_bool_dtype(series.dtype):
        return series.to_numpy(dtype="float64", na_value=float("nan"))
    return series.tolist()


def _from_polars(series: Any) -> Any:
    if not series.dtype.is_numeric() or _numpy() is None:
        return series.to_list()
    return series.cast(importlib.import_module("polars").Float64).to_numpy()


def _from_pyarrow(column: Any) -> Any:
    pyarrow = importlib.import_module("pyarrow")
    types = pyarrow.types
    kind = column.type
    is_number = types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind)
    if not is_number or _numpy() is None:
        return column.to_pylist()
    return column.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)


def _pandas_table(frame: Any) -> Table:
    names = tuple(name for name in frame.columns if isinstance(name, str))
    for name in names:
        if names.count(name) > 1:
            raise InvalidArgumentError(f'column "{name}" is there {names.count(name)} times: must be one', column=name)
    return Table("pandas", names, lambda name: _from_pandas(frame[name]))


def _polars_table(frame: Any) -> Table:
    frame = frame.collect() if hasattr(frame, "collect") else frame
    return Table("polars", tuple(frame.columns), lambda name: _from_polars(frame[name]))


def _arrow_table(frame: Any, library: Library = "pyarrow") -> Table:
    frame = frame.read_all() if hasattr(frame, "read_all") else frame
    return Table(library, tuple(frame.schema.names), lambda name: _from_pyarrow(frame.column(name)))


def _duckdb_table(relation: Any) -> Table:
    if importlib.util.find_spec("pyarrow"):
        return _arrow_table(importlib.import_module("pyarrow").table(relation), "duckdb")
    columns = relation.fetchnumpy()
    return Table("duckdb", tuple(columns), lambda name: _from_array(columns[name]))


def _stream_table(frame: Any) -> Table:
    """Reads a frame of a library that is not known here through the Arrow PyCapsule interface."""
    if importlib.util.find_spec("pyarrow"):
        return _arrow_table(importlib.import_module("pyarrow").table(frame))
    if importlib.util.find_spec("polars"):
        return _polars_table(importlib.import_module("polars").DataFrame(frame))
    raise InvalidArgumentError(
        f"{type(frame).__name__}: install pyarrow or polars, one of which reads its Arrow stream"
    )


def read_table(frame: Any) -> Table:
    """Opens a frame.

    Args:
        frame: A pandas or polars DataFrame, a polars LazyFrame, a pyarrow Table, RecordBatch or reader, a DuckDB
            relation, a mapping of names to arrays or lists, a frame of narwhals, or anything with
            `__arrow_c_stream__`.

    Raises:
        InvalidArgumentError: It is none of these, or has a column twice.
    """
    if hasattr(frame, "to_native"):
        frame = frame.to_native()
    if isinstance(frame, Mapping):
        columns = {str(name): values for name, values in frame.items()}
        return Table("dict", tuple(columns), lambda name: _from_column(name, columns[name]))
    module = type(frame).__module__.partition(".")[0]
    if module == "pandas" and hasattr(frame, "columns"):
        return _pandas_table(frame)
    if module == "polars" and (
        hasattr(frame, "collect") or hasattr(frame, "columns")
    ):  # a LazyFrame has no cheap columns
        return _polars_table(frame)
    if module == "pyarrow" and hasattr(frame, "schema"):
        return _arrow_table(frame)
    if module in ("duckdb", "_duckdb") and hasattr(frame, "fetchnumpy"):
        return _duckdb_table(frame)
    if hasattr(frame, "__arrow_c_stream__"):
        return _stream_table(frame)
    raise InvalidArgumentError(
        f"{type(frame).__name__}: must be a frame of pandas, polars, pyarrow or DuckDB, an object with "
        "__arrow_c_stream__, or a dict of columns"
    )


def _from_column(name: str, values: Any) -> Any:
    module = type(values).__module__.partition(".")[0]
    if module == "pandas" and hasattr(values, "to_numpy"):
        return _from_pandas(values) if hasattr(values, "index") else list(values)
    if module == "polars" and hasattr(values, "to_list"):
        return _from_polars(values)
    if module == "pyarrow" and hasattr(values, "to_pylist"):
        return _from_pyarrow(values)
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise InvalidArgumentError(
            f'column "{name}" is {type(values).__name__}: must be an array or a list, with a value per row', column=name
        )
    return _from_array(values)


def preferred_library() -> Library:
    """The first frame library that is installed; `dict` if there is none."""
    for library in _ORDER:
        if importlib.util.find_spec(library):
            return library
    return "dict"


def make_frame(library: Library, columns: Mapping[str, Sequence[Any]]) -> Any:
    """Makes a frame in the given library out of columns of equal lengths.

    Columns of float and None become numbers: None is NaN in pandas and null elsewhere. For DuckDB this is a relation.
    """
    if library == "pandas":
        pandas = importlib.import_module("pandas")
        return pandas.DataFrame(
            {
                name: pandas.Series(values, dtype="float64" if _is_numeric(values) else None)
                for name, values in columns.items()
            }
        )
    if library == "polars":
        polars = importlib.import_module("polars")
        return polars.DataFrame(
            {
                name: polars.Series(name, values, dtype=polars.Float64 if _is_numeric(values) else None)
                for name, values in columns.items()
            }
        )
    if library == "pyarrow" or (library == "duckdb" and importlib.util.find_spec("pyarrow")):
        pyarrow = importlib.import_module("pyarrow")
        table = pyarrow.table(
            {
                name: pyarrow.array(values, type=pyarrow.float64() if _is_numeric(values) else None)
                for name, values in columns.items()
            }
        )
        return importlib.import_module("duckdb").from_arrow(table) if library == "duckdb" else table
    return {name: list(values) for name, values in columns.items()}


def _is_numeric(values: Sequence[Any]) -> bool:
    return all(value is None or type(value) is float for value in values)
