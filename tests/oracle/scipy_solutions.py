#!/usr/bin/env python3
"""Inverts laws drawn at random with SciPy and writes what it finds, for solve_oracle_test to hold against.

    build/venv/bin/python tests/oracle/scipy_solutions.py

The formula alone is used: computes and prompt lengths come from brentq on its logarithm, the highest score from a bounded
scalar search, not from the algebra of the engine.
"""

import json
import math
import pathlib

import numpy as np
import scipy
from scipy import optimize

RESULTS = pathlib.Path(__file__).with_name("scipy_solutions.json")
EXACT = {"xtol": 1e-14, "rtol": 1e-15, "maxiter": 1000}


def score(law, log_compute, log_prompt, limit):
    """The law at ln(C / C^c) and ln(n / n^c)."""
    excess = (math.exp(log_prompt) * law["prompt_reference"] - law["onset"] * limit) / (law["width"] * limit)
    share = (
        -math.expm1(-law["a"] * math.exp(law["alpha"] * log_compute))
        * -math.expm1(-law["b"] * math.exp(law["beta"] * log_prompt))
        / (1 + math.exp(min(excess, 700)))
    )
    return law["floor"] + (law["ceiling"] - law["floor"]) * share


def draw_law(random):
    return {
        "a": float(np.exp(random.uniform(-1.5, 1))),
        "alpha": float(random.uniform(0.1, 1)),
        "b": float(np.exp(random.uniform(-1.5, 1))),
        "beta": float(random.uniform(0.1, 1.5)),
        "prompt_reference": float(np.exp(random.uniform(5, 9))),
        "width": float(np.exp(random.uniform(-4, 0))),
        "onset": float(random.uniform(0.7, 2)),
        "floor": float(random.choice([0, 0.25])),
        "ceiling": float(random.choice([1, 0.9])),
    }


def solve(law, random):
    limit = float(2 ** random.integers(11, 17))
    log_limit = math.log(limit / law["prompt_reference"])
    found = minimum(lambda x: -score(law, 0.5, x, limit), log_limit - 8, log_limit + 3)
    highest = -found.fun
    target = law["floor"] + float(random.uniform(0.2, 0.98)) * (highest - law["floor"])
    excess = lambda x: score(law, 0.5, x, limit) - target
    at_prompt = lambda x: score(law, x, found.x, limit) - target
    return {
        **law,
        "limit": limit,
        "target": target,
        "highest_score": highest,
        "log_least": optimize.brentq(excess, found.x - 200, found.x, **EXACT),
        "log_most": optimize.brentq(excess, found.x, found.x + 20, **EXACT),
        "log_prompt": float(found.x),
        "log_least_compute": optimize.brentq(at_prompt, -200, 0.5, **EXACT),
    }


def minimum(function, low, high):
    """The best of bounded searches on either side: the maximum of a law may be a cliff at one of its ends."""
    grid = np.linspace(low, high, 2001)
    best = min(range(1, 2000), key=lambda i: function(grid[i]))
    return optimize.minimize_scalar(
        function, bounds=(grid[best - 1], grid[best + 1]), method="bounded", options={"xatol": 1e-12}
    )


def main():
    random = np.random.default_rng(1)
    solutions = [solve(draw_law(random), random) for _ in range(40)]
    RESULTS.write_text(json.dumps({"scipy": scipy.__version__, "solutions": solutions}, indent=1) + "\n")


if __name__ == "__main__":
    main()
