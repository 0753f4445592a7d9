#!/bin/bash
# lmfit: the prediction band of a weighted fit has no unit. Given errors, it is 100 times too wide for scores as
# fractions, and holds one item in six where the errors are 10.
#
# Date      2026-12-01
# Packages  lmfit 1.3.4, scipy 1.17.1, numpy 2.4.6 (PyPI)
# Guess     With weights = 1 / error, dely_predicted is sqrt(band^2 + error^2) in the data's unit, about 1.96 errors at
#           sigma=0.95, as without weights.
# Behaviour It adds the reduced chi-square to the band's variance. Without weights that is the variance of a row; with
#           weights it is a pure number near 1, whatever the errors. The band then is +-1.97 of any unit: for scores
#           with errors of 0.01 wider than the whole scale, for data with errors of 10 nearly that of the mean. It
#           covers 100 % or 17 % in place of 95 %. dely, the band of the mean, is right in both.
# Output    error 0.01, unweighted: mean +-0.0004, prediction +-0.020 (1.97 errors), covers 95 %
#           error 0.01, weighted: mean +-0.0004, prediction +-1.973 (197.28 errors), covers 100 %
#           error 10, unweighted: mean +-0.4384, prediction +-19.609 (1.96 errors), covers 95 %
#           error 10, weighted: mean +-0.4384, prediction +-2.009 (0.20 errors), covers 17 %
# To do     With weights take dely, and add the errors of the rows to it in quadrature.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check lmfit==1.3.4 scipy==1.17.1 numpy==2.4.6

cat >show.py <<'END'
import lmfit
import numpy

ROWS = 2000
random = numpy.random.default_rng(1)
log_compute = numpy.linspace(0, 10, ROWS)
model = lmfit.Model(lambda x, level, slope: level + slope * x)
for error in (0.01, 10):
    score = 2 + 0.5 * log_compute + random.normal(0, error, ROWS)
    for name, weights in (("unweighted", None), ("weighted", numpy.full(ROWS, 1 / error))):
        fit = model.fit(score, x=log_compute, level=1, slope=1, weights=weights)
        mean = fit.eval_uncertainty(sigma=0.95)[ROWS // 2]
        width = fit.dely_predicted
        covered = numpy.mean(abs(score - fit.best_fit) < width)
        middle = width[ROWS // 2]
        print(
            f"error {error}, {name}: mean +-{mean:.4f}, prediction +-{middle:.3f} "
            f"({middle / error:.2f} errors), covers {covered:.0%}".replace("%", " %")
        )
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
error 0.01, unweighted: mean +-0.0004, prediction +-0.020 (1.97 errors), covers 95 %
error 0.01, weighted: mean +-0.0004, prediction +-1.973 (197.28 errors), covers 100 %
error 10, unweighted: mean +-0.4384, prediction +-19.609 (1.96 errors), covers 95 %
error 10, weighted: mean +-0.4384, prediction +-2.009 (0.20 errors), covers 17 %
END
