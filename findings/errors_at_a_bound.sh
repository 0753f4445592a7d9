#!/bin/bash
# iminuit and lmfit: where a floor ends at its bound, the standard errors of one optimum differ 15-fold between the two,
# and iminuit's errors are not those of its own covariance.
#
# Date      2026-11-30
# Packages  iminuit 2.33.0, lmfit 1.3.4, numpy 2.4.6, scipy 1.17.1 (PyPI)
# Guess     iminuit's errors are the square roots of its covariance's diagonal, at a limit too, and the other
#           parameters' errors either those with the one free or those with it fixed, in any package.
# Behaviour iminuit's error of the floor is more than 10 times the square root of its variance, and its covariance is,
#           for the rest, that of a fit whose floor is fixed: scale +-0.01. lmfit's, at the same optimum, is that of a
#           fit whose floor is free: +-0.15. MINOS has -0.10 and +0.01, so that each is right on one side only. A band
#           carried to 100 times the compute is more than 10 times as wide by the one as by the other. iminuit's fit is
#           valid (fmin.has_parameters_at_limit tells); lmfit's is a success.
# Output    same optimum, floor 0: True
#           iminuit: valid True, at a limit True
#           iminuit, errors over the covariance's: floor more than 10 True, scale 1.00
#           scale: iminuit 0.01, lmfit 0.15
#           scale by MINOS: -0.10 to +0.01
#           error of the loss at 1000, lmfit over iminuit: more than 10 True
#           lmfit, success: True
# To do     Where a parameter lies at its bound, fix it there or take MINOS or a bootstrap; compare m.errors with the
#           covariance's diagonal before a band is propagated from it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check \
  iminuit==2.33.0 lmfit==1.3.4 numpy==2.4.6 scipy==1.17.1

cat >show.py <<'END'
import lmfit
import numpy
from iminuit import Minuit
from iminuit.cost import LeastSquares

NEXT = 1000
SIGMA = 0.02
compute = numpy.linspace(1, 10, 40)
loss = compute**-0.3 - 0.03 + numpy.random.default_rng(3).normal(0, SIGMA, 40)


def law(compute, floor, scale, exponent):
    return floor + scale * compute**-exponent


fit = Minuit(LeastSquares(compute, loss, SIGMA, law), floor=0.1, scale=1.0, exponent=0.5)
fit.limits["floor"] = (0, 1)
fit.limits["exponent"] = (0, 5)
fit.migrad()
fit.hesse()
fit.minos("scale")
errors = numpy.array(fit.errors)
diagonal = numpy.sqrt(numpy.diag(fit.covariance))
ratio = errors / diagonal
scale = fit.merrors["scale"]
power = NEXT ** -fit.values["exponent"]
gradient = numpy.array([1.0, power, -fit.values["scale"] * power * numpy.log(NEXT)])
spread = gradient @ numpy.asarray(fit.covariance) @ gradient

model = lmfit.Model(law)
parameters = model.make_params(
    floor={"value": 0.1, "min": 0, "max": 1}, scale=1.0, exponent={"value": 0.5, "min": 0, "max": 5}
)
other = model.fit(loss, parameters, compute=compute, weights=numpy.full(40, 1 / SIGMA), scale_covar=False)
other_spread = other.eval_uncertainty(compute=numpy.array([NEXT]))[0]

print("same optimum, floor 0:", numpy.allclose(list(fit.values), list(other.best_values.values()), atol=2e-3))
print(f"iminuit: valid {fit.valid}, at a limit {fit.fmin.has_parameters_at_limit}")
print(f"iminuit, errors over the covariance's: floor more than 10 {ratio[0] > 10}, scale {ratio[1]:.2f}")
print(f"scale: iminuit {errors[1]:.1g}, lmfit {other.params['scale'].stderr:.2g}")
print(f"scale by MINOS: {scale.lower:.2f} to {scale.upper:+.2f}")
print(f"error of the loss at {NEXT}, lmfit over iminuit: more than 10 {other_spread > 10 * spread**0.5}")
print("lmfit, success:", other.success)
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
same optimum, floor 0: True
iminuit: valid True, at a limit True
iminuit, errors over the covariance's: floor more than 10 True, scale 1.00
scale: iminuit 0.01, lmfit 0.15
scale by MINOS: -0.10 to +0.01
error of the loss at 1000, lmfit over iminuit: more than 10 True
lmfit, success: True
END
