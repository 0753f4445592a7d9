"""Frames of every library, in any form, give the same rows; wrong ones are named."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import ctxfit
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from ctxfit._observations import read_observations
from hypothesis import given, settings
from hypothesis import strategies as st

# NumPy's arrays of text drop a NUL at the end.
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4)
PLAIN = {
    "training_compute_flops": st.floats(1e18, 1e26),
    "prompt_tokens": st.integers(1, 10**7),
    "context_limit_tokens": st.integers(1, 10**7),
    "score": st.floats(0, 1),
    "weight": st.integers(1, 1000),
    "cluster": NAMES,
    "model": NAMES,
}
TABLES = st.integers(1, 12).flatmap(
    lambda n: st.fixed_dictionaries({name: st.lists(each, min_size=n, max_size=n) for name, each in PLAIN.items()})
)


def forms(columns: dict[str, list[Any]]) -> dict[str, Any]:
    """The same rows as every library may hold them."""
    names = list(columns)
    shuffled = {name: columns[name] for name in random.Random(1).sample(names, len(names))}
    rows = len(columns["score"])
    frame = pd.DataFrame(columns)
    table = pa.table(columns)
    halves = [table.slice(0, rows // 2), table.slice(rows // 2)]
    categories = pd.DataFrame(
        {n: frame[n].astype("category") if n in ("cluster", "model") else frame[n] for n in names}
    )
    return {
        "dict": columns,
        "dict of arrays": {name: np.array(values) for name, values in columns.items()},
        "dict of series": {name: pl.Series(name, values) for name, values in columns.items()},
        "dict of decimals": {
            **columns,
            "prompt_tokens": [Decimal(value) for value in columns["prompt_tokens"]],
        },
        "pandas": frame,
        "pandas, other order": pd.DataFrame(shuffled),
        "pandas, other index": frame.set_index(pd.Index(range(rows, 0, -1))),
        "pandas, nullable": frame.convert_dtypes(),
        "pandas, object": frame.astype(object),
        "pandas, Arrow": frame.convert_dtypes(dtype_backend="pyarrow"),
        "pandas, categories": categories,
        "polars": pl.DataFrame(columns),
        "polars, lazy": pl.DataFrame(columns).lazy(),
        "polars, categories": pl.DataFrame(columns).with_columns(pl.col("model").cast(pl.Categorical)),
        "pyarrow": table,
        "pyarrow, chunks": pa.concat_tables(halves),
        "pyarrow, batch": table.to_batches()[0],
        "pyarrow, reader": table.to_reader(),
        "pyarrow, dictionary": table.set_column(
            table.schema.get_field_index("model"),
            "model",
            table["model"].combine_chunks().dictionary_encode(),
        ),
        "DuckDB": duckdb.from_arrow(table),
        "Arrow stream": Stream(table),
    }


class Stream:
    """A frame of a library that the package does not know."""

    def __init__(self, table: pa.Table) -> None:
        """Holds the table."""
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The PyCapsule of the table."""
        return self.table.__arrow_c_stream__(requested_schema)


@settings(max_examples=25, deadline=None)
@given(TABLES)
def test_every_form_gives_the_same_rows(columns: dict[str, list[Any]]) -> None:
    expected = read_observations(columns).observations
    for name, values in columns.items():
        assert list(getattr(expected, name)) == values
    for form, frame in forms(columns).items():
        assert read_observations(frame).observations == expected, form


@settings(max_examples=50, deadline=None)
@given(TABLES, st.data())
def test_a_missing_value_is_named_by_column_and_row(columns: dict[str, list[Any]], data: st.DataObject) -> None:
    rows = len(columns["score"])
    name = data.draw(st.sampled_from(["score", "prompt_tokens"]))
    row = data.draw(st.integers(0, rows - 1))
    columns = {
        **columns,
        name: [None if i == row else value for i, value in enumerate(columns[name])],
    }
    frames = [
        columns,
        pd.DataFrame(columns),
        pl.DataFrame(columns, strict=False),
        pa.table(columns),
    ]
    frames += [
        pd.DataFrame(columns).convert_dtypes(),
        duckdb.from_arrow(pa.table(columns)),
    ]
    for frame in frames:
        with pytest.raises(ctxfit.InvalidArgumentError, match="has no value") as caught:
            read_observations(frame)
        assert (caught.value.column, caught.value.row) == (name, row)


def test_lengths_have_units_of_1024(rows: dict[str, list[Any]]) -> None:
    rows["context_limit_tokens"] = ["4k", "4K", "4096", 4096] + ["128K", "131072", "0.5m", "1M"] + [" 8 k "] * 4
    assert list(read_observations(rows).observations.context_limit_tokens) == (
        [4096.0] * 4 + [131072.0, 131072.0, 524288.0, 1048576.0] + [8192.0] * 4
    )


def test_compute_is_six_times_parameters_times_tokens(
    rows: dict[str, list[Any]],
) -> None:
    del rows["training_compute_flops"]
    params = [7_000_000_000] * 12
    tokens = [2_000_000_000_000] * 12  # their product is more than 64 bits hold
    frame = pd.DataFrame({**rows, "params": params, "tokens": tokens})
    read = read_observations(frame, compute=("params", "tokens"))
    assert list(read.observations.training_compute_flops) == [8.4e22] * 12


def test_columns_are_mapped_and_a_rule_names_the_frames_own(
    rows: dict[str, list[Any]],
) -> None:
    rows["acc"] = [*rows.pop("score")[:-1], 1.2]
    rows["Prompt Tokens"] = rows.pop("prompt_tokens")
    with pytest.raises(
        ctxfit.InvalidArgumentError,
        match=r'column "acc" \(score\), row 11 = 1.2: must be in',
    ) as caught:
        ctxfit.fit(pd.DataFrame(rows), columns={"score": "acc"})
    error = caught.value
    assert (error.column, error.row, error.value, error.code.name) == (
        "acc",
        11,
        "1.2",
        "INVALID_ARGUMENT",
    )
    assert error.rule is not None
    assert error.rule.startswith("must be in [0, 1]")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": None}, "the frame lacks the column score; it has"),
        (
            {"score": ["x"] + [0.5] * 11},
            "column \"score\", row 0 = 'x': must be a number, in [0, 1]",
        ),
        (
            {"prompt_tokens": ["4q"] + [1] * 11},
            "column \"prompt_tokens\", row 0 = '4q': must be a number",
        ),
        (
            {"score": [0.5]},
            'column "score" has 1 rows and column "training_compute_flops" 12: must be as many',
        ),
        (
            {"weight": [1.0] * 11 + [None]},
            'column "weight", row 11: has no value, the only one of 12 rows',
        ),
        (
            {"cluster": ["a"] * 10 + [None, ""]},
            'column "cluster", row 10: has no value, the first of 2 of 12 rows',
        ),
        ({"score": 0.5}, 'column "score" is float: must be an array or a list'),
        ({"prompt_tokens": None}, "the frame lacks the column prompt_tokens"),
    ],
)
def test_a_wrong_frame_is_named(rows: dict[str, list[Any]], change: dict[str, Any], message: str) -> None:
    rows.update(change)
    rows = {name: values for name, values in rows.items() if values is not None}
    with pytest.raises(ctxfit.InvalidArgumentError) as caught:
        read_observations(rows)
    assert message in str(caught.value)


def test_no_rows_and_no_frame_are_errors(rows: dict[str, list[Any]]) -> None:
    with pytest.raises(ctxfit.InvalidArgumentError, match="has no rows"):
        read_observations(pd.DataFrame(rows).head(0))
    with pytest.raises(ctxfit.InvalidArgumentError, match="list: must be a frame of pandas, polars"):
        read_observations([1, 2])
    with pytest.raises(ctxfit.InvalidArgumentError, match='column "score" is there 2 times'):
        read_observations(pd.concat([pd.DataFrame(rows), pd.DataFrame({"score": rows["score"]})], axis=1))
    with pytest.raises(ctxfit.InvalidArgumentError, match="is no column of ctxfit"):
        read_observations(rows, columns={"scores": "score"})


def test_an_empty_optional_column_is_noted_and_not_used(
    rows: dict[str, list[Any]],
) -> None:
    read = read_observations(pd.DataFrame({**rows, "weight": [None] * 12, "task": ["a"] * 11 + [None]}))
    assert not read.observations.weight
    assert read.observations.task[11] == ""
    assert read.notes == [
        'column "weight" has no value in any row: not used',
        'column "task" has no value in 1 of 12 rows: fitted there as a task without a name',
    ]


def test_answers_come_in_the_callers_library(rows: dict[str, list[Any]]) -> None:
    table = pa.table(rows)
    frames = {
        dict: rows,
        pd.DataFrame: pd.DataFrame(rows),
        pl.DataFrame: pl.DataFrame(rows),
        pa.Table: table,
        duckdb.DuckDBPyRelation: duckdb.from_arrow(table),
    }
    for kind, frame in frames.items():
        fit = ctxfit.fit(frame, replicates=20)
        assert isinstance(fit.estimates, kind)
        assert isinstance(fit.predict(compute=1e22, prompt=[100, 200], context=4096), kind)
        assert isinstance(fit.predict(pd.DataFrame(rows)), pd.DataFrame)
