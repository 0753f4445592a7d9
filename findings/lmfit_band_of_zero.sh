#!/bin/bash
# lmfit: a fit whose standard errors are unknown has a confidence band of width 0, which is how every fit by a global
# method ends where numdifftools is not installed.
#
# Date      2026-12-01
# Packages  lmfit 1.3.4, scipy 1.17.1, numpy 2.4.6; then numdifftools 0.9.42 (PyPI)
# Guess     eval_uncertainty() of a fit without a covariance raises, or gives NaN.
# Behaviour It returns zeros, without a warning: a curve carried to 100 times the compute is known exactly. A success of
#           differential_evolution, Nelder-Mead or L-BFGS-B is enough: their covariance needs numdifftools, which is
#           optional and not installed with lmfit. The same script on another machine has a band.
# Output    leastsq: success True, errorbars True, band of 1.770 +-0.029, warnings 0
#           differential_evolution: success True, errorbars False, band of 1.770 +-0.000, warnings 0
#           nelder: success True, errorbars False, band of 1.770 +-0.000, warnings 0
#           lbfgsb: success True, errorbars False, band of 1.770 +-0.000, warnings 0
#           with numdifftools, nelder: success True, errorbars True, band of 1.770 +-0.029, warnings 0
# To do     Look at errorbars before a band is drawn; fit once more by leastsq from the optimum, or install numdifftools.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check lmfit==1.3.4 scipy==1.17.1 numpy==2.4.6

cat >show.py <<'END'
import sys
import warnings

import lmfit
import numpy

compute = numpy.logspace(0, 3, 40)
loss = 1.7 + 2 * compute**-0.3 + numpy.random.default_rng(1).normal(0, 0.02, compute.size)
model = lmfit.Model(lambda x, floor, scale, exponent: floor + scale * x**-exponent)
parameters = model.make_params(
    floor={"value": 1, "min": 0, "max": 10},
    scale={"value": 1, "min": 0, "max": 10},
    exponent={"value": 0.5, "min": 0, "max": 2},
)
for method in sys.argv[1:]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        keywords = {"seed": 1} if method == "differential_evolution" else None
        fit = model.fit(loss, parameters, x=compute, method=method, fit_kws=keywords)
        far = numpy.array([1e5])
        band = fit.eval_uncertainty(x=far, sigma=0.95)[0]
    print(
        f"{method}: success {fit.success}, errorbars {fit.errorbars}, "
        f"band of {fit.eval(x=far)[0]:.3f} +-{band:.3f}, warnings {len(caught)}"
    )
END
{
  venv/bin/python show.py leastsq differential_evolution nelder lbfgsb
  venv/bin/python -m pip install --quiet --disable-pip-version-check numdifftools==0.9.42 numpy==2.4.6
  echo -n "with numdifftools, "
  venv/bin/python show.py nelder
} | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
leastsq: success True, errorbars True, band of 1.770 +-0.029, warnings 0
differential_evolution: success True, errorbars False, band of 1.770 +-0.000, warnings 0
nelder: success True, errorbars False, band of 1.770 +-0.000, warnings 0
lbfgsb: success True, errorbars False, band of 1.770 +-0.000, warnings 0
with numdifftools, nelder: success True, errorbars True, band of 1.770 +-0.029, warnings 0
END
