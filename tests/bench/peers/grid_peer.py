"""A dense grid by variable projection, in the manner of vpnls, in NumPy.

vpnls lays a grid over the exponents of a law and solves for the numbers that enter it linearly. In this law none does
once compute's factor is written out, but the factor itself does, at each level of compute. So the grid is over
(ln B, beta): at each of its points h = context factor x penalty is evaluated for every record, once, and of each
level only sum h^2 and sum h score are kept. With them the sum of squares is a quadratic in the levels' compute
factors, and a second dense grid over (ln A, alpha) costs one small matrix product. The result is the exact cost on the
full four-dimensional grid for one pass over the records per point of a two-dimensional one. The best point of the grid
at each of the best few (ln B, beta) is refined by least squares.
"""

import copy

import numpy as np
import scipy_law

from peers.records import LOWER, UPPER, Found, Peer

LINES, STARTS, CHUNK = 32, 4, 16


def axes():
    """Coefficients evenly spaced by their logarithm, exponents by theirs."""
    coefficients = np.linspace(LOWER[0], UPPER[0], LINES)
    exponents = np.geomspace(0.02, UPPER[1], LINES)
    return [axis.ravel() for axis in np.meshgrid(coefficients, exponents)]


def level_sums(records, log_b, beta):
    """Sums over the records of each level of h^2 and of h score, shape (points, levels) each; `records` by level."""
    begin = np.flatnonzero(np.diff(records.compute_level, prepend=-1))
    h = beta[:, None] * records.log_prompt
    h += log_b[:, None]
    np.exp(h, out=h)
    np.negative(h, out=h)
    np.expm1(h, out=h)
    h *= -records.scaled_penalty
    return np.add.reduceat(h * h, begin, axis=1), np.add.reduceat(h * records.scaled_score, begin, axis=1)


def by_level(records):
    order = np.argsort(records.compute_level, kind="stable")
    for name in ("compute_level", "log_prompt", "scaled_penalty", "scaled_score"):
        setattr(records, name, getattr(records, name)[order])
    return records


def search(records, seed):
    sorted_records = by_level(copy.copy(records))
    log_coefficient, exponent = axes()
    f = -np.expm1(-np.exp(log_coefficient[:, None] + exponent[:, None] * records.log_compute))
    lowest, at = [], []
    for chunk in np.array_split(np.arange(len(exponent)), len(exponent) // CHUNK):
        squares, products = level_sums(sorted_records, log_coefficient[chunk], exponent[chunk])
        costs = (f * f) @ squares.T - 2 * f @ products.T
        at.append(costs.argmin(axis=0))
        lowest.append(costs.min(axis=0))
    at, lowest = np.concatenate(at), np.concatenate(lowest)
    ends = []
    for j in np.argsort(lowest)[:STARTS]:
        start = np.array([log_coefficient[at[j]], exponent[at[j]], log_coefficient[j], exponent[j]])
        ends.append(scipy_law.refine(start, records, x_scale="jac"))
    best = min(ends, key=lambda end: end.cost)
    return Found(best.x, len(exponent) + sum(end.nfev for end in ends))


SETTINGS = (
    f"{LINES} x {LINES} (ln B, beta), at each {LINES} x {LINES} (ln A, alpha) from sums; least_squares from the best "
    f"{STARTS}"
)
PEERS = {
    "grid": Peer(search, "numpy", SETTINGS),
    "grid-cells": Peer(search, "numpy", "as grid, on weighted cells", on_cells=True, refits="cells"),
}
