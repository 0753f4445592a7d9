#!/bin/bash
# pycma and pymoo: seed 0 is no seed. A run of CMA-ES with seed=0 differs every time, and pymoo, in which 0 is a seed,
# hands it on.
#
# Date      2026-11-30
# Packages  pymoo 0.6.2, cma 4.5.0, numpy 2.4.6 (PyPI)
# Guess     seed=0 is a seed like any other, in cma.fmin2 and in pymoo's minimize(): two runs end at the same bits.
# Behaviour cma takes 0, like None, for "use the time". pymoo's minimize(problem, CMAES(), seed=0) passes it on: two
#           runs differ, while its DE with seed=0, in the same script, repeats to the bit. Studies number their
#           replicates from 0, so the first one is the one that nobody can repeat.
# Output    cma, seed=0: two runs agree: False
#           cma, seed=1: two runs agree: True
#           pymoo, CMAES, seed=0: two runs agree: False
#           pymoo, CMAES, seed=1: two runs agree: True
#           pymoo, DE, seed=0: two runs agree: True
#           pymoo, DE, seed=1: two runs agree: True
# To do     Number seeds from 1 where CMA-ES may run.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pymoo==0.6.2 cma==4.5.0 numpy==2.4.6

cat >show.py <<'END'
import cma
import numpy
from pymoo.algorithms.soo.nonconvex.cmaes import CMAES
from pymoo.algorithms.soo.nonconvex.de import DE
from pymoo.core.problem import ElementwiseProblem
from pymoo.optimize import minimize

COMPUTE = numpy.logspace(0, 2, 8)
LOSS = 1.7 + 2.0 * COMPUTE**-0.3


def misfit(parameters):
    floor, exponent = parameters
    return float(numpy.sum((LOSS - floor - 2.0 * COMPUTE**-exponent) ** 2))


class Fit(ElementwiseProblem):
    def __init__(self):
        super().__init__(n_var=2, n_obj=1, xl=0.0, xu=3.0)

    def _evaluate(self, x, out):
        out["F"] = misfit(x)


def run_cma(seed):
    options = {"seed": seed, "maxiter": 5, "verbose": -9}
    return cma.fmin2(misfit, [1.0, 1.0], 0.5, options)[0].tolist()


def run_pymoo(algorithm):
    return lambda seed: minimize(Fit(), algorithm(), ("n_gen", 5), seed=seed).X.tolist()


for name, run in (("cma", run_cma), ("pymoo, CMAES", run_pymoo(CMAES)), ("pymoo, DE", run_pymoo(DE))):
    for seed in (0, 1):
        print(f"{name}, seed={seed}: two runs agree: {run(seed) == run(seed)}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
cma, seed=0: two runs agree: False
cma, seed=1: two runs agree: True
pymoo, CMAES, seed=0: two runs agree: False
pymoo, CMAES, seed=1: two runs agree: True
pymoo, DE, seed=0: two runs agree: True
pymoo, DE, seed=1: two runs agree: True
END
