#!/bin/bash
# Inspect: the clustered standard error of samples that all belong to one cluster is 0.
#
# Date      2026-11-29
# Packages  inspect_ai 0.3.285 (PyPI)
# Guess     stderr(cluster=...) of one cluster is NaN or an error: one cluster shows no spread between clusters. With two
#           clusters it is larger than stderr(), by G / (G - 1) for G clusters.
# Behaviour With two clusters it is, G / (G - 1) included. With one it is 0.0, while stderr() of the same samples is 0.25: the
#           residuals of a single cluster sum to 0, and so does the estimate. So it is for clusters whose means are equal. A
#           log that reports "accuracy 0.75, stderr 0.0" then counts as known exactly wherever results are weighted by
#           1 / stderr^2 or turned into variances.
# Output    one cluster: clustered 0.0, plain 0.25
#           two clusters: clustered 0.5, plain 0.289
#           two clusters of equal means: clustered 0.0, plain 0.289
#           a cluster per sample: clustered 0.25, plain 0.25
# To do     Count the clusters behind a stderr of 0 before using it; fit the samples with their cluster instead.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check inspect_ai==0.3.285

cat >show.py <<'END'
from inspect_ai.scorer import SampleScore, Score, stderr

CASES = (
    ("one cluster", (1, 0, 1, 1), "aaaa"),
    ("two clusters", (1, 1, 0, 0), "aabb"),
    ("two clusters of equal means", (1, 0, 1, 0), "aabb"),
    ("a cluster per sample", (1, 0, 1, 1), "abcd"),
)
for name, values, clusters in CASES:
    samples = [
        SampleScore(score=Score(value=value), sample_metadata={"document": cluster})
        for value, cluster in zip(values, clusters)
    ]
    clustered = stderr(cluster="document")(samples)
    print(f"{name}: clustered {clustered:.3}, plain {stderr()(samples):.3}")
END

venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
one cluster: clustered 0.0, plain 0.25
two clusters: clustered 0.5, plain 0.289
two clusters of equal means: clustered 0.0, plain 0.289
a cluster per sample: clustered 0.25, plain 0.25
END
