#!/bin/bash
# statsmodels: robust standard errors of a GLM with freq_weights are many times too small, without a warning, and HC1 to
# HC3 are HC0.
#
# Date      2026-11-30
# Packages  statsmodels 0.15.0, numpy 2.4.6, pandas 3.1.1, scipy 1.17.1 (PyPI)
# Guess     A GLM of proportions with freq_weights = items per row has the standard errors of the GLM of the items, with
#           a robust covariance too.
# Behaviour Coefficients and nonrobust errors are those of the items. With cov_type "HC0" to "HC3" the errors are 8
#           times smaller than those of the items (0.0033 for 0.0279), without a word. (A warning, "not fully
#           supported", comes with "cluster" alone, whose errors are about right.) HC1, HC2 and HC3 all give HC0, also
#           with 12 rows, where they are 1.10, 1.20 and 1.46 times HC0 in OLS.
# Output    nonrobust: slopes agree True, error of items 0.0278, with freq_weights 0.0278, warnings 0
#           HC0: slopes agree True, error of items 0.0279, with freq_weights 0.0033, warnings 0
#           HC1: slopes agree True, error of items 0.0279, with freq_weights 0.0033, warnings 0
#           HC3: slopes agree True, error of items 0.0279, with freq_weights 0.0033, warnings 0
#           12 rows, HC1, HC2, HC3 over HC0: 1.0000 1.0000 1.0000
#           the same of OLS: 1.10 1.20 1.46
# To do     Use cov_type="cluster" with a group per row, or var_weights or (successes, failures), whose robust errors
#           treat a row as a unit; correct for few rows yourself.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  statsmodels==0.15.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1

cat >show.py <<'END'
import warnings

import numpy
import statsmodels.api as sm

ROWS = 60
random = numpy.random.default_rng(0)
log_compute = random.normal(size=ROWS)
items = random.choice([20, 200], ROWS)
right = random.binomial(items, 1 / (1 + numpy.exp(-0.5 * log_compute)))
regressors = sm.add_constant(log_compute)
item_regressors = numpy.repeat(regressors, items, axis=0)
item_scores = numpy.concatenate([[1.0] * k + [0.0] * (n - k) for k, n in zip(right, items)])


def slope_error(scores, regressors, cov_type, **options):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        model = sm.GLM(scores, regressors, family=sm.families.Binomial(), **options)
        fit = model.fit(cov_type=cov_type)
    return fit.params[1], fit.bse[1], len(seen)


for cov_type in ("nonrobust", "HC0", "HC1", "HC3"):
    slope, error, _ = slope_error(item_scores, item_regressors, cov_type)
    weighted_slope, weighted_error, warned = slope_error(right / items, regressors, cov_type, freq_weights=items)
    print(
        f"{cov_type}: slopes agree {numpy.isclose(slope, weighted_slope)}, error of items {error:.4f}, "
        f"with freq_weights {weighted_error:.4f}, warnings {warned}"
    )
few = sm.add_constant(log_compute[:12])
robust = [slope_error((right / items)[:12], few, kind, var_weights=items[:12])[1] for kind in ("HC0", "HC1", "HC2", "HC3")]
print("12 rows, HC1, HC2, HC3 over HC0:", *(f"{error / robust[0]:.4f}" for error in robust[1:]))
ols = sm.OLS((right / items)[:12], few)
robust = [ols.fit(cov_type=kind).bse[1] for kind in ("HC0", "HC1", "HC2", "HC3")]
print("the same of OLS:", *(f"{error / robust[0]:.2f}" for error in robust[1:]))
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
nonrobust: slopes agree True, error of items 0.0278, with freq_weights 0.0278, warnings 0
HC0: slopes agree True, error of items 0.0279, with freq_weights 0.0033, warnings 0
HC1: slopes agree True, error of items 0.0279, with freq_weights 0.0033, warnings 0
HC3: slopes agree True, error of items 0.0279, with freq_weights 0.0033, warnings 0
12 rows, HC1, HC2, HC3 over HC0: 1.0000 1.0000 1.0000
the same of OLS: 1.10 1.20 1.46
END
