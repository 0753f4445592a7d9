#!/bin/bash
# Polars: a bootstrap within groups gives every group the same draws, and so an error of the mean over groups that is
# far too large.
#
# Date      2026-11-30
# Packages  polars 2.1.0, pandas 3.1.1, numpy 2.4.6 (PyPI)
# Guess     sample(with_replacement=True, seed=s) in group_by().agg() draws for every group independently of the others.
# Behaviour Every group starts from the seed again: groups of equal size get the same positions, over() and the lazy
#           engines included. Rows at one position of all groups then go in or out together. Where positions mean
#           something (items sorted by score or by prompt length), the error of the mean over 20 models is that of one
#           model: 4.5 times too large here; the error of a difference between two models is far too small. Without a
#           seed, or after set_random_seed(), groups draw on their own.
# Output    Polars, in-memory: 1 different draws in 20 models
#           Polars, streaming: 1 different draws in 20 models
#           pandas: 20 different draws in 20 models
#           standard errors of the mean over models, of a difference of two, over their exact values:
#           seed=: 4.5, 0.1
#           set_random_seed: 1.0, 1.0
# To do     Call polars.set_random_seed(s) once and leave seed= out of expressions that run in groups; or draw positions
#           with NumPy.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check polars==2.1.0 pandas==3.1.1 numpy==2.4.6

cat >show.py <<'END'
import numpy
import pandas
import polars

MODELS, ITEMS, REPLICATES = 20, 100, 400
score = numpy.sort(numpy.random.default_rng(1).random((MODELS, ITEMS)), axis=1)
rows = polars.DataFrame({
    "model": numpy.repeat(numpy.arange(MODELS), ITEMS),
    "position": numpy.tile(numpy.arange(ITEMS), MODELS),
    "score": score.ravel(),
})
draws = polars.col("position").sample(fraction=1.0, with_replacement=True, seed=1)
for engine in ("in-memory", "streaming"):
    drawn = rows.lazy().group_by("model").agg(draws).collect(engine=engine)["position"]
    print(f"Polars, {engine}: {len({tuple(positions) for positions in drawn})} different draws in {MODELS} models")
table = pandas.DataFrame(rows.to_dict(as_series=False))
sampled = table.groupby("model").sample(frac=1.0, replace=True, random_state=1).groupby("model")["position"]
print(f"pandas: {len({tuple(positions) for _, positions in sampled})} different draws in {MODELS} models")


def errors(seeded):
    """Standard errors of the mean over models, and of a difference between two models."""
    means = []
    for replicate in range(REPLICATES):
        polars.set_random_seed(replicate)
        resampled = polars.col("score").sample(
            fraction=1.0, with_replacement=True, seed=replicate if seeded else None
        )
        means.append(rows.group_by("model", maintain_order=True).agg(resampled.mean())["score"].to_numpy())
    means = numpy.array(means)
    return means.mean(axis=1).std(ddof=1), (means[:, 0] - means[:, 1]).std(ddof=1)


variance = score.var(axis=1) / ITEMS
print("standard errors of the mean over models, of a difference of two, over their exact values:")
for name, seeded in (("seed=", True), ("set_random_seed", False)):
    mean, difference = errors(seeded)
    print(
        f"{name}: {mean / (variance.sum() ** 0.5 / MODELS):.1f}, "
        f"{difference / variance[:2].sum() ** 0.5:.1f}"
    )
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
Polars, in-memory: 1 different draws in 20 models
Polars, streaming: 1 different draws in 20 models
pandas: 20 different draws in 20 models
standard errors of the mean over models, of a difference of two, over their exact values:
seed=: 4.5, 0.1
set_random_seed: 1.0, 1.0
END
