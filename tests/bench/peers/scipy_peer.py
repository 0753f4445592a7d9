"""SciPy's differential evolution, as it comes and with what makes it faster; and least squares without evolution."""

import multiprocessing
import os

import scipy_law
from scipy import optimize, stats

from peers.records import LOWER, UPPER, Found, Peer

TIGHT = {"tol": 1e-8, "maxiter": 100}
CORES = os.cpu_count()
MEMBERS = 60  # 15 per coordinate, the default
DEFAULTS = f"differential_evolution, best1bin, {MEMBERS} members, F in (0.5, 1), CR 0.7"
STARTS = 12


def evolve(function, seed, **settings):
    box = optimize.Bounds(LOWER, UPPER)
    end = optimize.differential_evolution(function, box, rng=seed, polish=False, **settings)
    return Found(end.x, end.nfev)


def defaults(records, seed):
    return evolve(records.one_cost, seed)


def tight(records, seed):
    return evolve(records.one_cost, seed, **TIGHT)


def vectorized(records, seed):
    found = evolve(records.cost, seed, vectorized=True, updating="deferred", **TIGHT)
    return Found(found.point, MEMBERS * found.evaluations)  # SciPy counts by the generation


def on_all_cores(records, seed):
    """The processes get the records by forking, not with every call."""
    held_cost.records = records
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        members = lambda function, points: pool.map(function, points, chunksize=-(-MEMBERS // CORES))
        return evolve(held_cost, seed, workers=members, updating="deferred", **TIGHT)


def held_cost(point):
    return held_cost.records.one_cost(point)


def multistart(records, seed):
    """Least squares at its default tolerances, from a Latin hypercube over the box."""
    starts = stats.qmc.scale(stats.qmc.LatinHypercube(4, rng=seed).random(STARTS), LOWER, UPPER)
    ends = [scipy_law.refine(start, records, x_scale="jac") for start in starts]
    return Found(min(ends, key=lambda end: end.cost).x, sum(end.nfev for end in ends))


PEERS = {
    "scipy": Peer(defaults, "scipy", f"{DEFAULTS}, tol 0.01 (the default)"),
    "scipy-tight": Peer(tight, "scipy", f"{DEFAULTS}, tol 1e-8"),
    "scipy-vectorized": Peer(vectorized, "scipy", f"{DEFAULTS}, tol 1e-8, vectorized"),
    "scipy-workers": Peer(on_all_cores, "scipy", f"{DEFAULTS}, tol 1e-8, {CORES} processes"),
    "scipy-multistart": Peer(multistart, "scipy", f"least_squares from {STARTS} points of a Latin hypercube"),
    "scipy-cells": Peer(
        defaults, "scipy", f"{DEFAULTS}, tol 0.01, on weighted cells", on_cells=True, refits="cells"
    ),
    "scipy-newton": Peer(
        defaults, "scipy", "as scipy-cells, refits by Gauss-Newton", on_cells=True, refits="cells, Gauss-Newton"
    ),
}
