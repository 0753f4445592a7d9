#!/bin/bash
# statsmodels: a Binomial family that two GLMs share carries the counts of the one into deviance, likelihood and AIC of
# the other.
#
# Date      2026-11-30
# Packages  statsmodels 0.15.0, numpy 2.4.6, pandas 3.1.1, scipy 1.17.1 (PyPI)
# Guess     None was written for this: it was met when models of another kind, made with the same family, raised an
#           error. The family was taken for a choice without memory.
# Behaviour A model of (successes, failures) writes the row totals into the family object. A later model of 0/1 scores
#           with as many rows is then evaluated as if each row stood for so many items: coefficients and their errors
#           are right, deviance, llf and aic are wrong, here 1,000-fold. llf is computed when it is first asked for: a
#           fit that is finished changes its likelihood when another model is made. So a loop over tasks that compares
#           AIC afterwards has all of them from the last task's counts. Only where the numbers of rows differ is there
#           an error.
# Output    0/1 scores, own family: slope 0.174, deviance 82.2, AIC 86.2
#           0/1 scores, family used before: slope 0.174, deviance 82217.6, AIC 82221.6
#           10 items a row, own family: slope 0.340, deviance 61.7, AIC 226.3
#           10 items a row, family used since: slope 0.340, deviance 6174.8, AIC 6612.0
# To do     Make a family per model: family=Binomial() inside the call.
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
from statsmodels.genmod.families import Binomial

ROWS = 60
random = numpy.random.default_rng(0)
regressors = sm.add_constant(random.normal(size=ROWS))
probability = 1 / (1 + numpy.exp(-0.5 * regressors[:, 1]))


def counts(items):
    right = random.binomial(items, probability)
    return numpy.column_stack([right, items - right])


many, few = counts(1000), counts(10)
single = (random.random(ROWS) < probability) * 1.0


def show(name, fit):
    print(f"{name}: slope {fit.params[1]:.3f}, deviance {fit.deviance:.1f}, AIC {fit.aic:.1f}")


show("0/1 scores, own family", sm.GLM(single, regressors, family=Binomial()).fit())
family = Binomial()
sm.GLM(many, regressors, family=family).fit()
show("0/1 scores, family used before", sm.GLM(single, regressors, family=family).fit())

show("10 items a row, own family", sm.GLM(few, regressors, family=Binomial()).fit())
family = Binomial()
fit = sm.GLM(few, regressors, family=family).fit()
sm.GLM(many, regressors, family=family)
show("10 items a row, family used since", fit)
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
0/1 scores, own family: slope 0.174, deviance 82.2, AIC 86.2
0/1 scores, family used before: slope 0.174, deviance 82217.6, AIC 82221.6
10 items a row, own family: slope 0.340, deviance 61.7, AIC 226.3
10 items a row, family used since: slope 0.340, deviance 6174.8, AIC 6612.0
END
