"""The context-aware scaling law in NumPy, and its bounded least-squares fit with SciPy.

Written from the formula alone, so that it can be held against the engine. A point is (ln A, alpha, ln B, beta).
"""

import csv
import gzip

import numpy as np
from scipy import optimize

LOWER = np.array([np.log(1e-6), 0.0, np.log(1e-6), 0.0])
UPPER = np.array([np.log(100.0), 10.0, np.log(100.0), 10.0])
STEP_LAG = 10  # tokens
EXACT = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "max_nfev": 500}


class Observations:
    """Columns as arrays, with what the law needs of them computed once.

    References are the weighted geometric means; the penalty is the logistic in (n - n_ctx - lag) / width, or 1 without
    one. A step, of a width of 1 token, is centred beyond the limit; any other width has lag 0.
    """

    def __init__(self, compute, prompt, limit, score, weight=None, width=1.0):
        self.score = np.asarray(score, float)
        self.weight = np.ones_like(self.score) if weight is None else np.asarray(weight, float)
        self.root_weight = np.sqrt(self.weight)
        self.compute, self.prompt, self.limit = (np.asarray(x, float) for x in (compute, prompt, limit))
        total = self.weight.sum()
        log_compute, self.compute_level = np.unique(np.log(self.compute), return_inverse=True)
        log_prompt = np.log(self.prompt)
        self.log_compute_reference = self.weight @ np.log(self.compute) / total
        self.log_prompt_reference = self.weight @ log_prompt / total
        self.log_compute = log_compute - self.log_compute_reference
        self.log_prompt = log_prompt - self.log_prompt_reference
        if width is None:
            self.penalty = np.ones_like(self.score)
        else:
            lag = STEP_LAG if width == 1 else 0
            self.penalty = 1 / (1 + np.exp(np.minimum((self.prompt - self.limit - lag) / width, 700)))

    def __len__(self):
        return len(self.score)


def saturation(log_rate):
    """1 - exp(-exp(log_rate)) and its derivative."""
    rate = np.exp(np.minimum(log_rate, 6.6))  # exp(-exp(6.6)) is below the smallest subnormal number
    minus_value = np.expm1(-rate)
    return -minus_value, rate * (1 + minus_value)


def predict(point, data):
    """Expected scores; `point` may be a column of S points, shape (4, S), which gives shape (S, records)."""
    log_a, alpha, log_b, beta = (np.asarray(x)[..., None] for x in point)
    f, _ = saturation(log_a + alpha * data.log_compute)
    g, _ = saturation(log_b + beta * data.log_prompt)
    return f[..., data.compute_level] * g * data.penalty


def cost(point, data):
    """Weighted sum of squared residuals."""
    return ((predict(point, data) - data.score) ** 2) @ data.weight


def residuals(point, data, root_weight):
    return root_weight * (predict(point, data) - data.score)


def jacobian(point, data, root_weight):
    """Derivatives of `residuals` by the point, shape (records, 4)."""
    log_a, alpha, log_b, beta = point
    f, f_slope = saturation(log_a + alpha * data.log_compute)
    g, g_slope = saturation(log_b + beta * data.log_prompt)
    scale = root_weight * data.penalty
    by_f = scale * f_slope[data.compute_level] * g
    by_g = scale * f[data.compute_level] * g_slope
    log_compute = data.log_compute[data.compute_level]
    return np.stack([by_f, by_f * log_compute, by_g, by_g * data.log_prompt], axis=1)


def refine(start, data, root_weight=None, **settings):
    """SciPy's bounded least squares from `start`, with the analytic Jacobian."""
    root_weight = data.root_weight if root_weight is None else root_weight
    start = np.clip(start, LOWER + 1e-9, UPPER - 1e-9)
    return optimize.least_squares(
        residuals, start, jac=jacobian, bounds=(LOWER, UPPER), args=(data, root_weight), **settings
    )


def search(data, seed, vectorized=True, **settings):
    """SciPy's differential evolution over the whole box, without its polish."""
    function = (lambda points: cost(points, data)) if vectorized else (lambda point: float(cost(point, data)))
    return optimize.differential_evolution(
        function,
        optimize.Bounds(LOWER, UPPER),
        rng=seed,
        polish=False,
        vectorized=vectorized,
        updating="deferred" if vectorized else "immediate",
        **settings,
    )


def best_fit(data, starts=12, seed=0):
    """The lowest optimum that SciPy finds: a tight global search, and refinements from it and from random points."""
    random = np.random.default_rng(seed)
    # The evolution can stall where nearly all of the box gives the same cost, so it runs twice.
    points = [search(data, seed + i, tol=1e-10, popsize=20, maxiter=300).x for i in range(2)]
    points += list(random.uniform(LOWER, UPPER, (starts, 4)))
    points += list(random.uniform([-3, 0.05, -3, 0.05], [2, 1.5, 2, 1.5], (starts, 4)))
    ends = [refine(point, data, x_scale=scale, **EXACT) for point in points for scale in ("jac", 1.0)]
    return min(ends, key=lambda end: end.cost)


def standard_errors(point, data):
    """Sandwich standard errors of the point, rows being independent; None where the Jacobian is near singular."""
    j = jacobian(point, data, data.root_weight)
    lengths = np.linalg.norm(j, axis=0)
    if lengths.min() == 0 or np.linalg.cond(j / lengths) > 1e4:
        return None
    bread = np.linalg.inv(j.T @ j)
    scores = j * residuals(point, data, data.root_weight)[:, None]
    return np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread))


def read_csv(path):
    """Rows of a CSV file, compressed or not, as dictionaries of text."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def from_rows(rows, width=1.0):
    """Observations of rows as `read_csv` gives them."""
    column = lambda name: [float(row[name]) for row in rows]
    weight = column("weight") if rows and "weight" in rows[0] else None
    return Observations(
        column("training_compute_flops"),
        column("prompt_tokens"),
        column("context_limit_tokens"),
        column("score"),
        weight,
        width,
    )


def mean_absolute_error(point, data):
    """Weighted mean of |score - P|."""
    return np.abs(predict(point, data) - data.score) @ data.weight / data.weight.sum()
