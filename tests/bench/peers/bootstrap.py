"""The bootstrap that every peer gets, since none has one: weighted refits from the point estimate, over all cores.

The weights of the clusters are exponential. A refit is SciPy's least squares by MINPACK's Levenberg-Marquardt with the
analytic Jacobian, or, faster, a Gauss-Newton iteration on normal equations.
"""

import concurrent.futures
import multiprocessing
import time

import numpy as np
import scipy_law
from scipy import optimize

from peers.records import Records, collapse

MOST_STEPS, STEP_TOLERANCE = 20, 1e-8


def least_squares(start, records, root_weight):
    arguments = (records, root_weight)
    end = optimize.least_squares(scipy_law.residuals, start, jac=scipy_law.jacobian, method="lm", args=arguments)
    return end.success


def gauss_newton(start, records, root_weight):
    """Refits by undamped steps: where clusters are few, some replicates fail."""
    point = np.array(start)
    for _ in range(MOST_STEPS):
        jacobian = scipy_law.jacobian(point, records, root_weight)
        gradient = jacobian.T @ scipy_law.residuals(point, records, root_weight)
        try:
            step = np.linalg.solve(jacobian.T @ jacobian, gradient)
        except np.linalg.LinAlgError:
            return False
        point -= step
        if np.linalg.norm(step) <= STEP_TOLERANCE * np.linalg.norm(point):
            return True
    return False


# Kinds of refits, by name: True if over cells, and a function that refits one replicate and returns whether it
# converged.
KINDS = {
    "records": (False, least_squares),
    "cells": (True, least_squares),
    "cells, Gauss-Newton": (True, gauss_newton),
}


def hold(refit, start, records):
    refit_held.arguments = (refit, start, records)


def refit_held(seed):
    refit, start, records = refit_held.arguments
    weights = np.random.default_rng(seed).exponential(size=records.clusters.max() + 1)
    return refit(start, records, records.root_weight * np.sqrt(weights)[records.clusters])


def refit_all(kind, columns, clusters, start, replicates):
    """Refits all replicates over processes that share the records by forking: the time, and how many converged."""
    on_cells, refit = KINDS[kind]
    begin = time.perf_counter()
    records = collapse(columns, clusters, keep_clusters=True) if on_cells else Records(columns, clusters)
    pool = concurrent.futures.ProcessPoolExecutor(
        mp_context=multiprocessing.get_context("fork"), initializer=hold, initargs=(refit, start, records)
    )
    with pool:
        converged = sum(pool.map(refit_held, range(replicates), chunksize=20))
    return {"seconds": time.perf_counter() - begin, "converged_replicates": int(converged)}
