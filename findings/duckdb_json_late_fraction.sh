#!/bin/bash
# DuckDB: a score column whose first fraction comes late is read as integers, 0.75 as 1 and 0.25 as 0, without a word;
# in a folder of 40 small files even where the whole of each file is to be looked at.
#
# Date      2026-12-01
# Packages  duckdb 2.0.1, polars 2.1.0, pyarrow 26.0.1 (PyPI)
# Guess     Scores are 0 or 1 for the first 30,000 lines and fractions after: DuckDB widens the column to DOUBLE, or
#           stops with an error that names it, for JSON as for CSV. Polars and pyarrow stop, too. Of a folder all files
#           are looked at.
# Behaviour The type comes from a sample at the head. A later fraction is cast to BIGINT by rounding, in a column of
#           true and false to true. Nothing is said, and means are those of the rounded scores. With 200 lines of 0 or
#           1 first all is right, so a small trial does not show it. Of a folder only the first 32 JSON files are looked
#           at, so that sample_size=-1, which cures one file, leaves the 40th rounded. Polars stops with an error;
#           pyarrow reads the scores right.
# Output    200 lines of 0 and 1 first: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
#           30000 lines of 0 and 1 first: BIGINT, fractions 0 0 1 1, mean 0.5
#           30000 lines of false and true first: BOOLEAN, fractions True True True True
#           Polars: ComputeError
#           pyarrow: double, fractions 0.4 0.25 0.75 0.9
#           CSV: BIGINT, fractions 0 0 1 1, mean 0.5
#           sample_size=-1: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
#           40 small files, sample_size=-1: BIGINT, fractions 0 0 1 1, mean 0.5
#           40 small files, columns=: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
# To do     Name the type: columns={'score': 'DOUBLE', ...} for read_json, types={'score': 'DOUBLE'} for read_csv.
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


def write(lines, wrong, right, name="scores.jsonl", fractions=FRACTIONS):
    with open(name, "w") as file:
        for line in range(lines):
            file.write(json.dumps({"task": "exact", "score": right if line % 2 else wrong}) + "\n")
        for score in fractions:
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
with open("scores.jsonl") as lines, open("scores.csv", "w") as table:
    table.write("task,score\n")
    table.writelines("{task},{score}\n".format_map(json.loads(line)) for line in lines)
show("CSV", "read_csv('scores.csv')")
show("sample_size=-1", "read_json('scores.jsonl', sample_size=-1)")
for file in range(40):
    write(10, 0, 1, f"part{file:02}.jsonl", FRACTIONS if file == 39 else ())
show("40 small files, sample_size=-1", "read_json('part*.jsonl', sample_size=-1)")
show("40 small files, columns=", "read_json('part*.jsonl', columns={'task': 'VARCHAR', 'score': 'DOUBLE'})")
END

venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
200 lines of 0 and 1 first: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
30000 lines of 0 and 1 first: BIGINT, fractions 0 0 1 1, mean 0.5
30000 lines of false and true first: BOOLEAN, fractions True True True True
Polars: ComputeError
pyarrow: double, fractions 0.4 0.25 0.75 0.9
CSV: BIGINT, fractions 0 0 1 1, mean 0.5
sample_size=-1: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
40 small files, sample_size=-1: BIGINT, fractions 0 0 1 1, mean 0.5
40 small files, columns=: DOUBLE, fractions 0.4 0.25 0.75 0.9, mean 0.575
END
