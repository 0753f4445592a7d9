#!/bin/bash
# statsmodels: GEE takes (successes, failures) and forgets how many they are.
#
# Date      2026-11-30
# Packages  statsmodels 0.15.0, numpy 2.4.6, pandas 3.1.1, scipy 1.17.1 (PyPI)
# Guess     GEE with weights is GEE of the items one by one (it is). Two columns were tried beside it, and expected to
#           be read as GLM reads them.
# Behaviour It divides the successes by the totals and drops the totals: 1 of 2 and 500 of 1,000 count alike. The
#           coefficients are those of unweighted proportions, the robust errors go with them, and nothing is said. With
#           weights= the totals GEE agrees with GLM and with the items one by one.
# Output    GLM of (successes, failures): slope 0.478, error 0.013
#           GEE of (successes, failures): slope 0.329, error 0.131
#           GEE of unweighted proportions: slope 0.329, error 0.131
#           GEE of proportions, weights=items: slope 0.478, error 0.016
#           GEE of items: slope 0.478, error 0.016
# To do     Give GEE proportions and weights=totals, or the items.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  statsmodels==0.15.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1

cat >show.py <<'END'
import numpy
import statsmodels.api as sm
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.families import Binomial

MODELS, ROWS = 12, 5
random = numpy.random.default_rng(0)
model = numpy.repeat(numpy.arange(MODELS), ROWS)
log_prompt = random.normal(size=MODELS * ROWS)
items = random.choice([2, 1000], MODELS * ROWS)
right = random.binomial(items, 1 / (1 + numpy.exp(-0.5 * log_prompt)))
regressors = sm.add_constant(log_prompt)
both = numpy.column_stack([right, items - right])


def gee(scores, regressors, groups, **options):
    return sm.GEE(scores, regressors, groups=groups, family=Binomial(), cov_struct=Independence(), **options).fit()


def show(name, fit):
    print(f"{name}: slope {fit.params[1]:.3f}, error {fit.bse[1]:.3f}")


show("GLM of (successes, failures)", sm.GLM(both, regressors, family=Binomial()).fit())
show("GEE of (successes, failures)", gee(both, regressors, model))
show("GEE of unweighted proportions", gee(right / items, regressors, model))
show("GEE of proportions, weights=items", gee(right / items, regressors, model, weights=items))
one_by_one = numpy.concatenate([[1.0] * k + [0.0] * (n - k) for k, n in zip(right, items)])
show("GEE of items", gee(one_by_one, numpy.repeat(regressors, items, axis=0), numpy.repeat(model, items)))
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
GLM of (successes, failures): slope 0.478, error 0.013
GEE of (successes, failures): slope 0.329, error 0.131
GEE of unweighted proportions: slope 0.329, error 0.131
GEE of proportions, weights=items: slope 0.478, error 0.016
GEE of items: slope 0.478, error 0.016
END
