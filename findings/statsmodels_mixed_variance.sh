#!/bin/bash
# statsmodels: MixedLM's summary pairs the variance between models with a standard error in another unit. Scores in
# percent and the same scores as fractions give two answers to whether models differ.
#
# Date      2026-11-30
# Packages  statsmodels 0.15.0, numpy 2.4.6, pandas 3.1.1 (PyPI)
# Guess     params["model Var"] is the variance between models that cov_re and the summary show. (Its standard error was
#           looked at when it was not.)
# Behaviour The row's estimate grows by 10,000, its standard error by 100. The optimiser works with the variance over
#           the residual variance s^2; the summary multiplies the estimate by s^2, but the standard error by s. params,
#           bse and conf_int() hold the ratio itself under the row's name. s^2 bse is right: it agrees with the
#           textbook's (v + s^2 / n) sqrt(2 / (G - 1)) for G models of n rows. The warning of a variance near 0 goes by
#           the unit, too: it comes for fractions, although models vary as much as rows do.
# Output    percent over fraction: estimate 10000, standard error 100
#           estimate over standard error: fraction 0.23, percent 23.5
#           standard error over the textbook's: summary 9.7, s^2 bse 1.01
#           params over the summary's estimate: 91
#           warnings: fraction 1, percent 0
# To do     Multiply bse and conf_int() by result.scale, and take cov_re, not params, for the variance.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check statsmodels==0.15.0 numpy==2.4.6 pandas==3.1.1

cat >show.py <<'END'
import math
import warnings

import numpy
import pandas
import statsmodels.formula.api as smf

MODELS, ROWS = 12, 40
random = numpy.random.default_rng(1)
model = numpy.repeat(numpy.arange(MODELS), ROWS)
log_prompt = random.normal(size=MODELS * ROWS)
score = 0.5 + 0.03 * log_prompt + random.normal(0, 0.1, MODELS)[model] + random.normal(0, 0.1, MODELS * ROWS)


def fit(unit):
    table = pandas.DataFrame({"score": unit * score, "log_prompt": log_prompt, "model": model})
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        result = smf.mixedlm("score ~ log_prompt", table, groups="model").fit()
    assert result.converged
    estimate, error = result.cov_re.iloc[0, 0], result.bse_re.iloc[0]
    row = list(result.params.index).index("model Var")
    shown = result.summary().tables[1].iloc[row]
    assert math.isclose(float(shown.iloc[0]), estimate, abs_tol=6e-4)
    assert math.isclose(float(shown.iloc[1]), error, abs_tol=6e-4)
    return result, estimate, error, len(seen)


fraction, v, error, warned = fit(1.0)
_, percent_v, percent_error, percent_warned = fit(100.0)
print(f"percent over fraction: estimate {percent_v / v:.0f}, standard error {percent_error / error:.0f}")
print(f"estimate over standard error: fraction {v / error:.2f}, percent {percent_v / percent_error:.1f}")
textbook = (v + fraction.scale / ROWS) * math.sqrt(2 / (MODELS - 1))
own = fraction.scale * fraction.bse["model Var"]
print(f"standard error over the textbook's: summary {error / textbook:.1f}, s^2 bse {own / textbook:.2f}")
print(f"params over the summary's estimate: {fraction.params['model Var'] / v:.0f}")
print(f"warnings: fraction {warned}, percent {percent_warned}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
percent over fraction: estimate 10000, standard error 100
estimate over standard error: fraction 0.23, percent 23.5
standard error over the textbook's: summary 9.7, s^2 bse 1.01
params over the summary's estimate: 91
warnings: fraction 1, percent 0
END
