#!/bin/bash
# DuckDB: read_json makes integers of a score column whose first fraction comes late, and rounds 0.75 to 1 and 0.25 to 0
# without a word.
#
# Date      2026-12-01
# Packages  duckdb 2.0.1, polars 2.1.0, pyarrow 26.0.1 (PyPI)
# Guess     Scores are 0 or 1 for the first 30,000 lines and fractions after: DuckDB widens the column to DOUBLE, or
#           stops with an error that names it. Polars and pyarrow stop, too.
# Behaviour DuckDB takes the type from a sample at the head of the file. A later fraction is cast to BIGINT by rounding,
#           a later fraction in a column of true and false to true. Nothing is said, and the sum is that of the rounded
#           scores. With 200 lines of 0 and 1 first, the same lines are read right, so a small trial does not show it.
#           Polars stops with an error; pyarrow reads them right. A file in which tasks of exact match come before tasks
#           of partial credit is of this kind.
# Output    200 lines of 0 and 1 first: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
#           30000 lines of 0 and 1 first: BIGINT, fractions 0 0 1 1, mean 0.5
#           30000 lines of false and true first: BOOLEAN, fractions True True True True
#           Polars: ComputeError
#           pyarrow: double, fractions 0.4 0.25 0.75 0.9
#           sample_size=-1: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
# To do     Give read_json sample_size=-1, or columns={'score': 'DOUBLE', ...}.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

cat >show.py <<'END'
import json

import duckdb
import polars
import pyarrow.json

FRACTIONS = (0.4, 0.25, 0.75, 0.9)


def write(lines, wrong, right):
    with open("scores.jsonl", "w") as file:
        for line in range(lines):
            file.write(json.dumps({"task": "exact", "score": right if line % 2 else wrong}) + "\n")
        for score in FRACTIONS:
            file.write(json.dumps({"task": "partial", "score": score}) + "\n")


def show(name, source, mean=True):
    rows = duckdb.sql(f"SELECT score, typeof(score) FROM {source} WHERE task = 'partial'").fetchall()
    text = f"{name}: {rows[0][1]}, fractions {' '.join(str(score) for score, _ in rows)}"
    if mean:
        average = duckdb.sql(f"SELECT avg(score) FROM {source} WHERE task = 'partial'").fetchall()[0][0]
        text += f", mean {average:.4g}"
    print(text)


write(200, 0, 1)
show("200 lines of 0 and 1 first", "read_json('scores.jsonl')")
write(30_000, 0, 1)
show("30000 lines of 0 and 1 first", "read_json('scores.jsonl')")
write(30_000, False, True)
show("30000 lines of false and true first", "read_json('scores.jsonl')", mean=False)
write(30_000, 0, 1)
try:
    print("Polars:", polars.read_ndjson("scores.jsonl")["score"].dtype)
except polars.exceptions.ComputeError as error:
    print("Polars:", type(error).__name__)
column = pyarrow.json.read_json("scores.jsonl")["score"]
print(f"pyarrow: {column.type}, fractions {' '.join(str(score) for score in column.to_pylist()[-4:])}")
show("sample_size=-1", "read_json('scores.jsonl', sample_size=-1)")
END

venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
200 lines of 0 and 1 first: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
30000 lines of 0 and 1 first: BIGINT, fractions 0 0 1 1, mean 0.5
30000 lines of false and true first: BOOLEAN, fractions True True True True
Polars: ComputeError
pyarrow: double, fractions 0.4 0.25 0.75 0.9
sample_size=-1: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
END
