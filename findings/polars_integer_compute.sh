#!/bin/bash
# Training compute written by Python as an integer (6 * N * D) becomes bytes on its way through Polars and Parquet to
# DuckDB, and joins with nothing in pandas.
#
# Date      2026-11-29
# Packages  polars 2.1.0, duckdb 2.0.1, pyarrow 26.0.1, pandas 3.1.1 (PyPI)
# Guess     json.dumps writes 156000000000000000000000 for 6 * 13e9 * 2e12 in Python's integers. Polars and pandas read it as
#           a double with the right value. Written after Polars was seen to make Int128 of it, and before going on: its
#           Parquet file is read with the right values by DuckDB and pyarrow, or is refused when it is written.
# Behaviour polars.read_ndjson gives Int128 and writes it to Parquet without a word. DuckDB reads the column as BLOB:
#           16 bytes per row, no error; pyarrow and pandas refuse the file. pandas.read_csv gives a column of Python
#           objects, which a left merge with a column of floats of the same values matches to nothing, without a warning;
#           pandas.read_json refuses the number as too big.
# Output    Polars reads Int128
#           DuckDB reads BLOB: 000080a993e4e5c60821000000000000
#           pyarrow: ArrowNotImplementedError
#           pandas.read_csv: object, merged rows that matched: 0 of 1
#           pandas.read_json: ValueError
#           as a float: Polars reads Float64, DuckDB reads DOUBLE 1.56e+23
# To do     Write compute as a float, json.dumps({"training_compute_flops": 6.0 * n * d}), or cast to Float64 at once.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1 pandas==3.1.1

cat >show.py <<'END'
import json

import duckdb
import pandas
import polars
import pyarrow.parquet

COMPUTE = 6 * 13_000_000_000 * 2_000_000_000_000


def error_of(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "no error"


def write(compute):
    with open("rows.jsonl", "w") as file:
        file.write(json.dumps({"training_compute_flops": compute, "score": 0.5}) + "\n")
    rows = polars.read_ndjson("rows.jsonl")
    rows.write_parquet("rows.parquet")
    kind = duckdb.sql("DESCRIBE FROM 'rows.parquet'").fetchall()[0][1]
    value = duckdb.sql("FROM 'rows.parquet'").fetchall()[0][0]
    return rows.schema["training_compute_flops"], kind, value


polars_type, duckdb_type, value = write(COMPUTE)
print("Polars reads", polars_type)
print(f"DuckDB reads {duckdb_type}: {value.hex()}")
print("pyarrow:", error_of(lambda: pyarrow.parquet.read_table("rows.parquet")))
with open("rows.csv", "w") as file:
    file.write(f"training_compute_flops,score\n{COMPUTE},0.5\n")
rows = pandas.read_csv("rows.csv")
models = pandas.DataFrame({"training_compute_flops": [float(COMPUTE)], "model": ["13B"]})
matched = rows.merge(models, how="left")["model"].notna().sum()
print(f"pandas.read_csv: {rows['training_compute_flops'].dtype}, merged rows that matched: {matched} of 1")
print("pandas.read_json:", error_of(lambda: pandas.read_json("rows.jsonl", lines=True)))
polars_type, duckdb_type, value = write(float(COMPUTE))
print(f"as a float: Polars reads {polars_type}, DuckDB reads {duckdb_type} {value}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
Polars reads Int128
DuckDB reads BLOB: 000080a993e4e5c60821000000000000
pyarrow: ArrowNotImplementedError
pandas.read_csv: object, merged rows that matched: 0 of 1
pandas.read_json: ValueError
as a float: Polars reads Float64, DuckDB reads DOUBLE 1.56e+23
END
