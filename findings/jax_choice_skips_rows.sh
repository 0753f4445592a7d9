#!/bin/bash
# JAX: a weighted bootstrap of 2^24 rows never draws half of them, and which half goes by a row's position: where rows of
# two systems alternate, one is left out.
#
# Date      2026-12-01
# Packages  jax 0.10.2, jaxlib 0.10.2, numpy 2.4.6 (PyPI), on the CPU
# Guess     jax.random.choice with equal weights draws like the one without: two resamples hold 86 % of the rows, and the
#           mean of alternating 0 and 1 is 0.5.
# Behaviour With weights, equal ones too, it looks a uniform float32 up in their float32 cumulative sum. The float has 23
#           bits, hence 2^23 values: of 2^24 rows half can be met, and that half is every second row. The mean of
#           alternating 0 and 1 is 1, in every resample, so that its bootstrap error is 0. Without weights integers are
#           drawn, and all is right. Nothing is said.
# Output    no weights: 86 % of rows drawn, mean of alternating 0 and 1: 0.500
#           equal weights: 49 % of rows drawn, mean of alternating 0 and 1: 1.000
# To do     Draw many rows without weights, as integers, and weight the statistic; or draw with NumPy in double precision.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cat >show.py <<'END'
import jax
import jax.numpy as jnp
import numpy

ROWS = 2**24
for name, weights in (("no weights", None), ("equal weights", jnp.full(ROWS, 1 / ROWS))):
    drawn = numpy.zeros(ROWS, bool)
    means = []
    for replicate in range(2):
        rows = numpy.asarray(jax.random.choice(jax.random.key(replicate), ROWS, (ROWS,), p=weights))
        drawn[rows] = True
        means.append(numpy.mean(rows % 2))
    print(f"{name}: {drawn.mean():.0%} of rows drawn, ".replace("%", " %"), end="")
    print(f"mean of alternating 0 and 1: {numpy.mean(means):.3f}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
no weights: 86 % of rows drawn, mean of alternating 0 and 1: 0.500
equal weights: 49 % of rows drawn, mean of alternating 0 and 1: 1.000
END
