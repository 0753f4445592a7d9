"""The bootstrap that every peer gets, since none has one: weighted refits from the point estimate, over all cores.

Least squares by MINPACK's Levenberg-Marquardt with the analytic Jacobian; the weights of the clusters are exponential.
"""

import concurrent.futures
import multiprocessing
import time

import numpy as np
import scipy_law
from scipy import optimize


def refit(records, start, seed):
    """One replicate; whether it converged."""
    weights = np.random.default_rng(seed).exponential(size=records.clusters.max() + 1)
    arguments = (records, records.root_weight * np.sqrt(weights)[records.clusters])
    end = optimize.least_squares(scipy_law.residuals, start, jac=scipy_law.jacobian, method="lm", args=arguments)
    return end.success


def hold(records, start):
    refit_held.arguments = (records, start)


def refit_held(seed):
    return refit(*refit_held.arguments, seed)


def refit_all(records, start, replicates):
    """Processes share the records by forking. Returns the time, and how many converged."""
    begin = time.perf_counter()
    pool = concurrent.futures.ProcessPoolExecutor(
        mp_context=multiprocessing.get_context("fork"), initializer=hold, initargs=(records, start)
    )
    with pool:
        converged = sum(pool.map(refit_held, range(replicates), chunksize=20))
    return {"seconds": time.perf_counter() - begin, "converged_replicates": int(converged)}
