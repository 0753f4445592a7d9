#!/bin/bash
# Inspect: grouped(stderr(), all="groups") reports the mean of the groups' standard errors, for 25 groups 5 times the
# error of the mean that it stands beside.
#
# Date      2026-11-30
# Packages  inspect_ai 0.3.285 (PyPI)
# Guess     "all" of grouped(stderr(), by, all="groups") is the standard error between groups: that of the mean of their
#           means.
# Behaviour all="groups" averages whatever the metric gave for each group. Of 25 tasks with 100 samples each the mean
#           has a standard error of 0.010, and "all" says 0.050: the error of one task. The spread between groups has no
#           part in it either: 0.040 for 25 tasks whose means run from 0.02 to 0.98, and whose mean is known to 0.059 as
#           one of tasks like these. The table puts the two "all" beside each other like mean and error.
# Output    25 tasks of mean 0.5: mean 0.500, stderr 0.050
#             error for these tasks 0.010, for tasks like these 0.000
#           25 tasks of means 0.02 to 0.98: mean 0.500, stderr 0.040
#             error for these tasks 0.008, for tasks like these 0.059
# To do     Take "all" of stderr from all="samples" where groups are of equal size, or compute it: root of the sum of
#           squares over k, or the standard error between the groups' means.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check inspect_ai==0.3.285

cat >show.py <<'END'
import math
import statistics

from inspect_ai.scorer import SampleScore, Score, grouped, mean, stderr

GROUPS, SAMPLES = 25, 100


def show(name, right_answers):
    samples = [
        SampleScore(score=Score(value=float(sample < right)), sample_metadata={"task": f"task {group}"})
        for group, right in enumerate(right_answers)
        for sample in range(SAMPLES)
    ]
    means = grouped(mean(), "task", all="groups")(samples)
    errors = grouped(stderr(), "task", all="groups")(samples)
    within = math.sqrt(sum(errors[f"task {group}"] ** 2 for group in range(GROUPS))) / GROUPS
    between = statistics.stdev(means[f"task {group}"] for group in range(GROUPS)) / math.sqrt(GROUPS)
    print(f"{name}: mean {means['all']:.3f}, stderr {errors['all']:.3f}")
    print(f"  error for these tasks {within:.3f}, for tasks like these {between:.3f}")


show("25 tasks of mean 0.5", [50] * GROUPS)
show("25 tasks of means 0.02 to 0.98", [2 + 4 * group for group in range(GROUPS)])
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
25 tasks of mean 0.5: mean 0.500, stderr 0.050
  error for these tasks 0.010, for tasks like these 0.000
25 tasks of means 0.02 to 0.98: mean 0.500, stderr 0.040
  error for these tasks 0.008, for tasks like these 0.059
END
