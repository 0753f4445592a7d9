#!/bin/bash
# lighteval: the error of an average over subtasks is the mean of their errors, 5 times too large for 25 subtasks, and a
# subtask without the metric counts as 0.
#
# Date      2026-11-30
# Packages  lighteval 0.13.0 (PyPI), its MetricsLogger and its standard errors alone, without PyTorch
# Guess     The standard error in the row "all" is that of a mean over k subtasks, sqrt(sum of squares) / k. None was
#           written for a subtask that lacks a key.
# Behaviour Every key is averaged, "acc_stderr" like "acc": 25 subtasks of 100 questions have the error of one of them,
#           0.050 for 0.010. In "_average" a key that a subtask lacks counts as 0, and is then in that subtask's results
#           as 0.0: a subtask of one question halves the error, one that has f1 alone halves acc. "all" divides by those
#           that have the key, so the two rows of one run differ.
# Output    25 subtasks, one of them: acc 0.500, acc_stderr 0.050
#           25 subtasks, _average: acc 0.500, acc_stderr 0.050
#           25 subtasks, all: acc 0.500, acc_stderr 0.050
#           error of that average: 0.010
#           one question in one of two, _average: acc 0.750, acc_stderr 0.025
#           one question in one of two, all: acc 0.750, acc_stderr 0.050
#           f1 alone in one of two, that one: acc 0.000, acc_stderr 0.000
#           f1 alone in one of two, _average: acc 0.500, acc_stderr 0.000
#           f1 alone in one of two, all: acc 1.000, acc_stderr 0.000
# To do     Compute averages and their errors from the rows of the subtasks, or from the details; never read them from
#           "_average" or "all".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps lighteval==0.13.0
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  numpy==2.4.6 scipy==1.17.1 tqdm==4.70.1 packaging==26.4 2>/dev/null

cat >show.py <<'END'
import math
import sys
import types
from unittest.mock import MagicMock

import lighteval
import numpy

# Stand-ins for modules that the logger imports for their types only.
for name in (
    "git",
    "xxhash",
    "lighteval.models",
    "lighteval.models.abstract_model",
    "lighteval.models.model_output",
    "lighteval.tasks",
    "lighteval.tasks.lighteval_task",
    "lighteval.tasks.requests",
):
    sys.modules[name] = MagicMock()
metrics = types.ModuleType("lighteval.metrics")
metrics.__path__ = [lighteval.__path__[0] + "/metrics"]
sys.modules["lighteval.metrics"] = metrics

from lighteval.logging.info_loggers import MetricsLogger


class Task:
    def aggregation(self):
        return {"acc": numpy.mean, "f1": numpy.mean}


def aggregate(scores):
    logger = MetricsLogger()
    for task, (metric, values) in scores.items():
        for value in values:
            logger.log(task, {metric: value})
    logger.aggregate({task: Task() for task in scores})
    return logger.metric_aggregated


def show(row):
    return ", ".join(f"{name} {value:.3f}" for name, value in row.items() if name.startswith("acc"))


half = [1.0, 0.0] * 50
results = aggregate({f"mmlu:{i}|5": ("acc", half) for i in range(25)})
print("25 subtasks, one of them:", show(results["mmlu:0|5"]))
print("25 subtasks, _average:", show(results["mmlu:_average|5"]))
print("25 subtasks, all:", show(results["all"]))
print(f"error of that average: {numpy.std(half, ddof=1) / math.sqrt(100 * 25):.3f}")
results = aggregate({"t:a|0": ("acc", half), "t:b|0": ("acc", [1.0])})
print("one question in one of two, _average:", show(results["t:_average|0"]))
print("one question in one of two, all:", show(results["all"]))
results = aggregate({"t:a|0": ("acc", [1.0] * 9), "t:b|0": ("f1", [1.0] * 9)})
print("f1 alone in one of two, that one:", show(results["t:b|0"]))
print("f1 alone in one of two, _average:", show(results["t:_average|0"]))
print("f1 alone in one of two, all:", show(results["all"]))
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
25 subtasks, one of them: acc 0.500, acc_stderr 0.050
25 subtasks, _average: acc 0.500, acc_stderr 0.050
25 subtasks, all: acc 0.500, acc_stderr 0.050
error of that average: 0.010
one question in one of two, _average: acc 0.750, acc_stderr 0.025
one question in one of two, all: acc 0.750, acc_stderr 0.050
f1 alone in one of two, that one: acc 0.000, acc_stderr 0.000
f1 alone in one of two, _average: acc 0.500, acc_stderr 0.000
f1 alone in one of two, all: acc 1.000, acc_stderr 0.000
END
