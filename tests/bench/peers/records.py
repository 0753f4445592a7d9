"""The records, the law's cost over them in NumPy, and the polish that ends every search."""

import collections.abc
import dataclasses

import numpy as np
import scipy_law

LOWER, UPPER = scipy_law.LOWER, scipy_law.UPPER
COLUMNS = ("training_compute_flops", "prompt_tokens", "context_limit_tokens", "score")


@dataclasses.dataclass
class Found:
    """The end of a search."""

    point: np.ndarray
    evaluations: int  # number of evaluations of the cost over all records
    device: str = "cpu"  # "cpu" or the name of a GPU


@dataclasses.dataclass
class Peer:
    """A way to search."""

    search: collections.abc.Callable  # (records, seed) -> Found
    package: str  # package whose version is reported
    settings: str
    compiles: bool = False  # a first search in a process compiles what a second one uses
    on_cells: bool = False  # records are collapsed to weighted cells before anything else
    refits: str = "records"  # a key of bootstrap.KINDS


class Records(scipy_law.Observations):
    """Columns as arrays, each record with the number of its cluster.

    The residual is a leaner one than the oracle's: compute's factor once per distinct compute, no derivative, in place.
    """

    def __init__(self, columns, clusters, weight=None):
        super().__init__(*columns, weight)
        self.clusters = clusters
        self.scaled_penalty = self.root_weight * self.penalty
        self.scaled_score = self.root_weight * self.score

    def residual(self, point):
        """Predicted less observed, times the root of the weight. Of S points, shape (4, S): shape (S, records)."""
        log_a, alpha, log_b, beta = np.asarray(point)[..., None]
        minus_f = np.expm1(-np.exp(log_a + alpha * self.log_compute))
        residual = beta * self.log_prompt
        residual += log_b
        np.exp(residual, out=residual)
        np.negative(residual, out=residual)
        np.expm1(residual, out=residual)
        residual *= minus_f[..., self.compute_level]
        residual *= self.scaled_penalty
        residual -= self.scaled_score
        return residual

    def cost(self, point):
        """Weighted sum of squared residuals; of S points there are S."""
        residual = self.residual(point)
        return np.einsum("...i,...i", residual, residual)

    def one_cost(self, point):
        return float(self.cost(point))


def read(path):
    """The columns of a file, and the number of each row's cluster."""
    rows = scipy_law.read_csv(path)
    _, clusters = np.unique([row["cluster"] for row in rows], return_inverse=True)
    return [np.array([float(row[name]) for row in rows]) for name in COLUMNS], clusters


def collapse(columns, clusters, keep_clusters):
    """Records of one compute, prompt and limit (and cluster) as one of their mean score, their number as its weight."""
    keys = np.stack([*columns[:3], clusters] if keep_clusters else columns[:3])
    order = np.lexsort(keys)
    keys = keys[:, order]
    begin = np.flatnonzero(np.concatenate([[True], (keys[:, 1:] != keys[:, :-1]).any(axis=0)]))
    count = np.diff(np.append(begin, len(order)))
    score = np.add.reduceat(columns[3][order], begin) / count
    return Records([*keys[:3, begin], score], clusters[order][begin], count)


def polish(point, records):
    """SciPy's least squares to the last digits, with the analytic Jacobian."""
    return scipy_law.refine(point, records, x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15)
