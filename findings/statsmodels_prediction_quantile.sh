#!/bin/bash
# statsmodels: with cluster-robust errors, conf_int() and get_prediction() give two intervals of one number, and the band of
# the curve is the one that is too narrow.
#
# Date      2026-11-30
# Packages  statsmodels 0.15.0, scipy 1.17.1, numpy 2.4.6, pandas 3.1.1 (PyPI)
# Guess     get_prediction() takes the quantile that conf_int() takes: t of G - 1 degrees of freedom for G clusters, where
#           use_t is set. At the centre of the regressor, where the prediction is the intercept, both intervals are one.
# Behaviour The standard errors agree, the quantiles do not. conf_int() and t_test() use t(G - 1); get_prediction() uses
#           t(n - k), for n rows and k parameters, as if the rows were independent. With 4 models of 30 rows its "95 %"
#           band of the mean is one of 86 %, and its ends are 0.62 times as far away. So it is with use_t=True and with
#           get_robustcov_results(), which sets it.
# Output    fit(use_t=True): conf_int 3.182, t_test 3.182, get_prediction 1.980 standard errors
#           get_robustcov_results(): conf_int 3.182, t_test 3.182, get_prediction 1.980 standard errors
#           the same point and standard error: True
#           confidence of the band by t(3): 0.858
# To do     Take a band of the mean from t_test() with the point's row of regressors, or scale get_prediction's by the ratio
#           of the quantiles.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  statsmodels==0.15.0 scipy==1.17.1 numpy==2.4.6 pandas==3.1.1

cat >show.py <<'END'
import numpy
import scipy.stats
import statsmodels.api as sm

MODELS, ROWS = 4, 30
random = numpy.random.default_rng(1)
model = numpy.repeat(numpy.arange(MODELS), ROWS)
log_prompt = random.normal(size=MODELS * ROWS)
level = random.normal(0, 0.3, MODELS)
log_score = 0.2 * log_prompt + level[model] + random.normal(0, 0.1, MODELS * ROWS)
regressors = sm.add_constant(log_prompt)
ols = sm.OLS(log_score, regressors)
fits = {
    "fit(use_t=True)": ols.fit(cov_type="cluster", cov_kwds={"groups": model}, use_t=True),
    "get_robustcov_results()": ols.fit().get_robustcov_results("cluster", groups=model),
}
centre = [1.0, 0.0]
same = True
for name, fit in fits.items():
    test = fit.t_test(centre)
    prediction = fit.get_prediction([centre])
    error = fit.bse[0]
    same = same and numpy.allclose(
        [fit.params[0], error], [prediction.predicted_mean[0], prediction.se_mean[0]], rtol=1e-9
    )
    widths = [
        numpy.diff(ends).item() / 2 / error
        for ends in (fit.conf_int()[0], test.conf_int()[0], prediction.conf_int()[0])
    ]
    print("{}: conf_int {:.3f}, t_test {:.3f}, get_prediction {:.3f} standard errors".format(name, *widths))
print("the same point and standard error:", same)
print(f"confidence of the band by t({MODELS - 1}): {2 * scipy.stats.t.cdf(widths[2], MODELS - 1) - 1:.3f}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
fit(use_t=True): conf_int 3.182, t_test 3.182, get_prediction 1.980 standard errors
get_robustcov_results(): conf_int 3.182, t_test 3.182, get_prediction 1.980 standard errors
the same point and standard error: True
confidence of the band by t(3): 0.858
END
