#!/bin/bash
# wildboottest: with few clusters a p-value is 0 or 0.125 by the last bit of a sum, and goes from one to the other when
# the score is given in another unit.
#
# Date      2026-11-30
# Packages  wildboottest 0.3.2, statsmodels 0.15.0, numpy 2.4.6, pandas 3.1.1 (PyPI)
# Guess     With G clusters it enumerates all 2^G signs, so that no p-value is below 2 / 2^G: all signs + and all signs
#           - give the observed |t| itself. Of 4 clusters the least is 0.125, whatever the unit.
# Behaviour It counts the draws whose |t| is larger than the observed one. Of the two draws that equal it but for
#           rounding, each counts or not by the last bit, so that an effect beyond all others has p = 0 or p = 0.125: 4
#           models "show" an effect at any level, or at none. The data are the same; only the unit of the score changes.
#           Sampled weights (2^G > B) have the same ties.
# Output    t statistics agree in all 12 units: True
#           p-values seen: 0.0 0.125
# To do     With fewer than about 12 clusters read p as at least 2 / 2^G: add the ties, or report max(p, 2 / 2^G).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  wildboottest==0.3.2 statsmodels==0.15.0 numpy==2.4.6 pandas==3.1.1

cat >show.py <<'END'
import warnings

import numpy
import pandas
import statsmodels.api as sm
from wildboottest.wildboottest import wildboottest

MODELS, ROWS = 4, 25
random = numpy.random.default_rng(0)
model = numpy.repeat(numpy.arange(MODELS), ROWS)
log_prompt = random.normal(size=MODELS * ROWS)
score = 0.5 + 0.1 * log_prompt + random.normal(0, 0.02, MODELS * ROWS)
regressors = pandas.DataFrame({"intercept": 1.0, "log_prompt": log_prompt})
p_values = set()
statistics = []
warnings.simplefilter("ignore")
for unit in range(1, 24, 2):
    test = wildboottest(
        sm.OLS(pandas.Series(unit * score), regressors),
        param="log_prompt",
        cluster=model,
        B=9999,
        seed=1,
        parallel=False,
        show=False,
    )
    statistics.append(test["statistic"].item())
    p_values.add(test["p-value"].item())
print("t statistics agree in all 12 units:", numpy.allclose(statistics, statistics[0], rtol=1e-9))
print("p-values seen:", *sorted(p_values))
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
t statistics agree in all 12 units: True
p-values seen: 0.0 0.125
END
