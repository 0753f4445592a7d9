#!/bin/bash
# wildboottest: a weighted regression is tested as if it had no weights.
#
# Date      2026-11-30
# Packages  wildboottest 0.3.2, statsmodels 0.15.0, numpy 2.4.6, pandas 3.1.1 (PyPI)
# Guess     sm.WLS, whose object has all that sm.OLS has, is tested with its weights, or is refused.
# Behaviour It takes exog and endog of the model as they are and leaves weights alone. Statistic and p-value of WLS are
#           those of OLS, beside a coefficient and a t of statsmodels that belong to the weighted fit. Rows that are
#           means of 10 to 10,000 items then count alike.
# Output    OLS: statsmodels t 1.18, wildboottest t 1.18, p 0.307
#           WLS: statsmodels t 4.35, wildboottest t 1.18, p 0.307
#           OLS of whitened rows: statsmodels t 4.35, wildboottest t 4.35, p 0.010
# To do     Give it the whitened rows, sm.OLS(wls.wendog, wls.wexog) with the names of the columns: its t is then that
#           of the weighted fit.
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

MODELS, ROWS = 10, 20
random = numpy.random.default_rng(3)
model = numpy.repeat(numpy.arange(MODELS), ROWS)
items = random.choice([10, 10000], MODELS * ROWS)
log_prompt = random.normal(size=MODELS * ROWS)
score = 0.5 + 0.01 * log_prompt + random.normal(size=MODELS * ROWS) * 0.5 / numpy.sqrt(items)
score += random.normal(0, 0.01, MODELS)[model] * log_prompt
regressors = pandas.DataFrame({"intercept": 1.0, "log_prompt": log_prompt})
weighted = sm.WLS(pandas.Series(score), regressors, weights=items)
whitened = pandas.DataFrame(weighted.wexog, columns=regressors.columns)
warnings.simplefilter("ignore")
for name, regression in (
    ("OLS", sm.OLS(pandas.Series(score), regressors)),
    ("WLS", weighted),
    ("OLS of whitened rows", sm.OLS(pandas.Series(weighted.wendog), whitened)),
):
    fit = regression.fit(cov_type="cluster", cov_kwds={"groups": model})
    test = wildboottest(
        regression, param="log_prompt", cluster=model, B=99999, seed=1, parallel=False, show=False
    )
    print(
        f"{name}: statsmodels t {fit.tvalues['log_prompt']:.2f}, "
        f"wildboottest t {test['statistic'].item():.2f}, p {test['p-value'].item():.3f}"
    )
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
OLS: statsmodels t 1.18, wildboottest t 1.18, p 0.307
WLS: statsmodels t 4.35, wildboottest t 1.18, p 0.307
OLS of whitened rows: statsmodels t 4.35, wildboottest t 4.35, p 0.010
END
