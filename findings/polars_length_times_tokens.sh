#!/bin/bash
# Polars: counts and lengths are 32 bits wide, and an integer beside them does not widen them: tokens of 200,000 prompts
# of 32,768 come out a third of what they are, and a prompt 1 below the limit has 4 billion too many.
#
# Date      2026-12-01
# Packages  polars 2.1.0, numpy 2.4.6 (PyPI)
# Guess     pl.len() * 32768 in an aggregation is 6,553,600,000: an integer that does not fit beside UInt32 makes the
#           product Int64. (That UInt32 wraps below 0 was known; the differences were run for comparison.)
# Behaviour pl.len() and str.len_chars() are UInt32, a Python integer takes their type, and arithmetic wraps without a
#           word: 6,553,600,000 is 2,258,632,704. A length less the limit is 4,294,967,295 for -1. So the mean excess of
#           prompts that are all below the limit is 4.3e9 if the limit is subtracted before the mean, and -1 if after;
#           clip(0), meant for "at least 0", does not help. A column of int64 beside them, or NumPy, gives the right
#           numbers.
# Output    prompts * 32768: UInt32 2258632704
#           prompts * column of 32768: Int64 6553600000
#           mean of (length - 8): 4294967295.0
#           mean of length, - 8: -1.0
#           mean of (length - 8).clip(0): 4294967295.0
#           NumPy: 6553600000 -1.0
# To do     Cast first: pl.len().cast(pl.Int64), str.len_chars().cast(pl.Int64).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check polars==2.1.0 numpy==2.4.6

cat >show.py <<'END'
import numpy
import polars

PROMPTS, TOKENS, LIMIT = 200_000, 32768, 8
frame = polars.DataFrame({"prompt": ["seven l"] * PROMPTS, "tokens": TOKENS})
length = polars.col("prompt").str.len_chars()


def total(tokens):
    column = frame.group_by(True).agg(total=polars.len() * tokens)["total"]
    return f"{column.dtype} {column[0]}"


def mean(expression):
    return frame.select(expression).item()


print("prompts * 32768:", total(TOKENS))
print("prompts * column of 32768:", total(polars.col("tokens").first()))
print("mean of (length - 8):", mean((length - LIMIT).mean()))
print("mean of length, - 8:", mean(length.mean() - LIMIT))
print("mean of (length - 8).clip(0):", mean((length - LIMIT).clip(0).mean()))
lengths = numpy.array([len(prompt) for prompt in frame["prompt"]])
print("NumPy:", len(lengths) * TOKENS, (lengths - LIMIT).mean())
END

venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
prompts * 32768: UInt32 2258632704
prompts * column of 32768: Int64 6553600000
mean of (length - 8): 4294967295.0
mean of length, - 8: -1.0
mean of (length - 8).clip(0): 4294967295.0
NumPy: 6553600000 -1.0
END
