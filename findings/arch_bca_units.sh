#!/bin/bash
# arch: the BCa interval of one parameter depends on the size of the others: the acceleration is taken about a mean of all
# parameters together.
#
# Date      2026-12-01
# Packages  arch 8.0.0, scipy 1.17.1, numpy 2.4.6 (PyPI)
# Guess     conf_int(f, method="bca") of a function that returns two numbers gives each the interval that it has alone.
# Behaviour The jackknife values of all parameters are centred by one grand mean. Where the parameters differ in size by
#           much more than their errors, the acceleration is 1 / (6 sqrt(n)) beside a larger one and the opposite beside
#           a smaller one, whatever the data are: here an interval about as low as the percentile one, which BCa was to
#           correct. Floor, scale and exponent of a law differ so. One parameter alone agrees with SciPy.
# Output    SciPy, BCa: 1.141 to 2.146
#           BCa, the mean alone: 1.141 to 2.146
#           BCa, beside itself: 1.141 to 2.146
#           BCa, beside itself times 1000: 1.117 to 2.075
#           BCa, beside itself over 1000: 1.076 to 2.013
#           bias-corrected, no acceleration: 1.100 to 2.042
#           percentile: 1.080 to 2.015
# To do     Call conf_int once per parameter, each time with a bootstrap of the same seed, or scale the parameters alike.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check arch==8.0.0 scipy==1.17.1 numpy==2.4.6

cat >show.py <<'END'
import numpy
import scipy.stats
from arch.bootstrap import IIDBootstrap

REPLICATES = 9999
rows = numpy.random.default_rng(2).lognormal(size=40)


def interval(scales, method="bca"):
    bootstrap = IIDBootstrap(rows, seed=1)
    return bootstrap.conf_int(lambda x: numpy.mean(x) * numpy.array(scales), REPLICATES, method=method)[:, 0]


by_scipy = scipy.stats.bootstrap((rows,), numpy.mean, n_resamples=REPLICATES, method="BCa", rng=1)
for name, (low, high) in (
    ("SciPy, BCa", by_scipy.confidence_interval),
    ("BCa, the mean alone", interval([1])),
    ("BCa, beside itself", interval([1, 1])),
    ("BCa, beside itself times 1000", interval([1, 1000])),
    ("BCa, beside itself over 1000", interval([1, 0.001])),
    ("bias-corrected, no acceleration", interval([1], "bc")),
    ("percentile", interval([1], "percentile")),
):
    print(f"{name}: {low:.3f} to {high:.3f}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
SciPy, BCa: 1.141 to 2.146
BCa, the mean alone: 1.141 to 2.146
BCa, beside itself: 1.141 to 2.146
BCa, beside itself times 1000: 1.117 to 2.075
BCa, beside itself over 1000: 1.076 to 2.013
bias-corrected, no acceleration: 1.100 to 2.042
percentile: 1.080 to 2.015
END
