#!/bin/bash
# DuckDB: a filter over a Parquet file misses NaN that the same filter finds in a table made from that file.
#
# Date      2026-11-29
# Packages  duckdb 2.0.1, pyarrow 26.0.1 (PyPI)
# Guess     `score > 0.9` counts the rows whose score is NaN alike in the file and in a table made from it. (DuckDB orders
#           NaN above every number.)
# Behaviour pyarrow leaves NaN out of a column's minimum and maximum, as the format asks. DuckDB takes these for bounds of
#           every value: it prunes row groups by them and, in 2.0.1, even replaces isnan(score) by false. The check
#           `score NOT BETWEEN 0 AND 1` passes a file whose average then is NaN. In duckdb 1.5.6 the comparisons miss it
#           too, but isnan() still finds it. A file that DuckDB writes itself is read right.
# Output    isnan(score): file 0, table 1
#           score > 1: file 0, table 1
#           score NOT BETWEEN 0 AND 1: file 0, table 1
#           score = 'nan': file 0, table 1
#           count_if(isnan(score)): file 0, table 1
#           score > 1 over a file by DuckDB: 1
#           avg(score) over the file: nan
# To do     Load the file into a table (CREATE TABLE ... AS) before checking it, or look at isnan(sum(score)).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1

cat >show.py <<'END'
import duckdb
import pyarrow
import pyarrow.parquet

scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, float("nan"), 0.7]
pyarrow.parquet.write_table(pyarrow.table({"score": scores}), "scores.parquet")
duckdb.sql("CREATE TABLE scores AS FROM 'scores.parquet'")
duckdb.sql("COPY scores TO 'own.parquet'")


def value(query):
    return duckdb.sql(query).fetchall()[0][0]


for rule in ("isnan(score)", "score > 1", "score NOT BETWEEN 0 AND 1", "score = 'nan'"):
    file, table = (value(f"SELECT count(*) FROM {source} WHERE {rule}") for source in ("'scores.parquet'", "scores"))
    print(f"{rule}: file {file}, table {table}")
file, table = (value(f"SELECT count_if(isnan(score)) FROM {source}") for source in ("'scores.parquet'", "scores"))
print(f"count_if(isnan(score)): file {file}, table {table}")
print("score > 1 over a file by DuckDB:", value("SELECT count(*) FROM 'own.parquet' WHERE score > 1"))
print("avg(score) over the file:", value("SELECT avg(score) FROM 'scores.parquet'"))
END

venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
isnan(score): file 0, table 1
score > 1: file 0, table 1
score NOT BETWEEN 0 AND 1: file 0, table 1
score = 'nan': file 0, table 1
count_if(isnan(score)): file 0, table 1
score > 1 over a file by DuckDB: 1
avg(score) over the file: nan
END
