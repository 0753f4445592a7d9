#!/bin/bash
# lmfit: differential_evolution drops every keyword that it does not know, without a word: SciPy's `rng`, and misspelt
# ones. A fit that was given a seed is not reproducible.
#
# Date      2026-11-29
# Packages  lmfit 1.3.4, scipy 1.17.1, numpy 2.4.6 (PyPI)
# Guess     rng=1, which SciPy's own documentation recommends in place of seed, is handed to SciPy: two fits end at the same
#           bits.
# Behaviour lmfit copies the keywords of a list of its own and ignores all others. With rng=1 two fits differ; with the old
#           name seed=1 they agree. popsise=300, misspelt, is taken and changes nothing. SciPy itself agrees with rng=1, and
#           raises TypeError for popsise.
# Output    scipy, rng=1: two fits agree: True
#           scipy, popsise=300: TypeError
#           lmfit, rng=1: two fits agree: False
#           lmfit, seed=1: two fits agree: True
#           lmfit, seed=1, popsise=300: as if it were not there: True
# To do     With lmfit say seed=, not rng=, and look at result.call_kws for what was really used.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check lmfit==1.3.4 scipy==1.17.1 numpy==2.4.6

cat >show.py <<'END'
import lmfit
import numpy
from scipy.optimize import differential_evolution

COMPUTE = numpy.logspace(-2, 2, 30)
SCORE = 1 - numpy.exp(-0.7 * COMPUTE**0.4) + 0.02 * numpy.sin(7 * numpy.arange(30))


def residual(coefficient, exponent):
    return SCORE - (1 - numpy.exp(-coefficient * COMPUTE**exponent))


def by_scipy(**keywords):
    cost = lambda x: numpy.sum(residual(*x) ** 2)  # noqa: E731
    return tuple(differential_evolution(cost, [(1e-3, 10), (0, 2)], polish=False, **keywords).x)


def by_lmfit(**keywords):
    parameters = lmfit.Parameters()
    parameters.add("coefficient", value=1, min=1e-3, max=10)
    parameters.add("exponent", value=1, min=0, max=2)
    result = lmfit.minimize(
        lambda p: residual(p["coefficient"].value, p["exponent"].value),
        parameters,
        method="differential_evolution",
        polish=False,
        **keywords,
    )
    return tuple(result.params[name].value for name in ("coefficient", "exponent"))


print("scipy, rng=1: two fits agree:", by_scipy(rng=1) == by_scipy(rng=1))
try:
    by_scipy(popsise=300)
except TypeError:
    print("scipy, popsise=300: TypeError")
print("lmfit, rng=1: two fits agree:", by_lmfit(rng=1) == by_lmfit(rng=1))
print("lmfit, seed=1: two fits agree:", by_lmfit(seed=1) == by_lmfit(seed=1))
print("lmfit, seed=1, popsise=300: as if it were not there:", by_lmfit(seed=1, popsise=300) == by_lmfit(seed=1))
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
scipy, rng=1: two fits agree: True
scipy, popsise=300: TypeError
lmfit, rng=1: two fits agree: False
lmfit, seed=1: two fits agree: True
lmfit, seed=1, popsise=300: as if it were not there: True
END
