"""Holds the statistics of `ctxfit fit` on real data against SciPy, statsmodels and a bootstrap in NumPy.

    statistics_test.py CTXFIT DATA

CTXFIT is the command line, DATA the folder tests/data. Exits with 77, a skip, where a Python package is missing. The
law and its Jacobian are those of scipy_law.py, written from the formula alone.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
    from scipy import optimize, special, stats
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats import sandwich_covariance

    import scipy_law
except ImportError as error:
    print(f"skipped: {error}; tests/install-tools installs it")
    sys.exit(77)

CTXFIT, DATA = sys.argv[1:3]
CONFIDENCE = 0.9
ONSET, WIDTH = 1.3, 0.1  # YaRN's decline, in context limits
REPLICATES, OWN_REPLICATES = 4000, 300
# A search that compares costs ends where these differ by rounding: a point d standard errors from the optimum costs
# d^2 sigma^2 more than N sigma^2, so d = sqrt(N epsilon), 3e-7 for the 393 and 480 rows of these sets.
COST_ROUNDING = 4e-7


class DataSet:
    """Rows with clusters, how `ctxfit` is to fit them, and which coordinates are then free."""

    def __init__(self, file, cluster, arguments, start, free):
        self.rows = scipy_law.read_csv(pathlib.Path(DATA, file))
        for row in self.rows:
            row["cluster"] = cluster(row)
            row["cluster_2"] = row["training_compute_flops"] + "/" + row["context_limit_tokens"]
        self.data = scipy_law.from_rows(self.rows)
        self.arguments = arguments
        self.start = np.array(start)
        self.free = np.array(free)

    def groups(self, *columns):
        """The number of each row's cluster, a column for each key."""
        numbers = [np.unique([row[column] for row in self.rows], return_inverse=True)[1] for column in columns]
        return np.stack(numbers, axis=1)

    def fit(self, *arguments):
        """Fits by `ctxfit`: its only fit, and its estimates by name."""
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
            writer = csv.DictWriter(file, self.rows[0])
            writer.writeheader()
            writer.writerows(self.rows)
            file.flush()
            command = [CTXFIT, "fit", file.name, "--format", "json", "--quiet", "--backend", "cpu"]
            command += ["--confidence", str(CONFIDENCE), *self.arguments, *arguments]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        (fit,) = json.loads(output)["fits"]
        return fit, {estimate["name"]: estimate for estimate in fit["estimates"]}

    def linearise(self, point, root_weight):
        """Residuals and their Jacobian by the free coordinates."""
        jacobian = scipy_law.jacobian(point, self.data, root_weight)[:, self.free]
        return scipy_law.residuals(point, self.data, root_weight), jacobian

    def moved(self, point, free):
        point = point.copy()
        point[self.free] = free
        return point

    def refine(self, start, root_weight, **settings):
        """SciPy's optimum over the free coordinates, with those weights."""
        end = optimize.least_squares(
            lambda free: self.linearise(self.moved(start, free), root_weight)[0],
            start[self.free],
            jac=lambda free: self.linearise(self.moved(start, free), root_weight)[1],
            method="lm",
            **settings,
        )
        return self.moved(start, end.x)

    def optimum(self):
        """SciPy's optimum of the rows as they are, and Gauss-Newton steps to where the gradient vanishes."""
        point = self.refine(self.start, self.data.root_weight, ftol=1e-15, xtol=1e-15, gtol=1e-15)
        for _ in range(20):
            residuals, jacobian = self.linearise(point, self.data.root_weight)
            point[self.free] -= np.linalg.lstsq(jacobian, residuals, rcond=None)[0]
        return point


def yarn():
    """Inverse perplexity of ten models; prompts of one length are of the same documents: 87 clusters on 8 levels."""
    arguments = ["--penalty-onset", str(ONSET), "--penalty-width", f"{100 * WIDTH:g}%"]
    free = [True, True, True, True]
    by_length = lambda row: row["prompt_tokens"]
    data_set = DataSet("yarn_inverse_perplexity.csv", by_length, arguments, [0, 0.2, 0, 0.2], free)
    data = data_set.data
    data.penalty = special.expit((ONSET * data.limit - data.prompt) / (WIDTH * data.limit))
    return data_set


def banking(cluster=lambda row: row["cluster"]):
    """Accuracy of 480 runs of 250 instances each, by models of one compute, whose factor is therefore held at 1."""
    arguments = ["--fix", "compute_coefficient=100", "--fix", "compute_exponent=0"]
    free = [False, False, True, True]
    return DataSet("manyshot_banking77_runs.csv", cluster, arguments, [np.log(100), 0, 0, 0.2], free)


def banking_by_shots():
    """The set of banking() with 20 clusters that cross the three model levels."""
    return banking(lambda row: row["shots"])


def banking_by_model_and_shots():
    """The set of banking() with 48 clusters of ten runs."""
    return banking(lambda row: f"{row['model']}/{row['shots']}")


def quantities(point, data, free):
    """Free quantities, by name: the value, True if its scale is the logarithm, and the gradient on that scale."""
    log_a, alpha, log_b, beta = point
    unit = np.eye(4)
    found = {}
    if free[0]:
        found["compute_coefficient"] = (np.exp(log_a), True, unit[0])
        found["compute_exponent"] = (alpha, False, unit[1])
        # C* = C^c A^(-1 / alpha), and n* likewise.
        characteristic = np.exp(data.log_compute_reference - log_a / alpha)
        gradient = np.array([-1 / alpha, log_a / alpha**2, 0, 0])
        found["characteristic_compute_flops"] = (characteristic, True, gradient)
    found["context_coefficient"] = (np.exp(log_b), True, unit[2])
    found["context_exponent"] = (beta, False, unit[3])
    characteristic = np.exp(data.log_prompt_reference - log_b / beta)
    found["characteristic_prompt_tokens"] = (characteristic, True, np.array([0, 0, -1 / beta, log_b / beta**2]))
    return found


class StatisticsTest(unittest.TestCase):
    def assert_close(self, actual, expected, tolerance, message):
        self.assertLessEqual(abs(actual - expected), tolerance * abs(expected), f"{message}: {actual}, not {expected}")

    # A standard error is at most 0.18 of a parameter here, so that parameters agree within 1e-7. The law's own errors
    # are smaller than its residuals, so that what is made of these does, too.
    def test_estimates_and_goodness_are_those_of_scipy(self):
        for make in (yarn, banking):
            data_set = make()
            point, data = data_set.optimum(), data_set.data
            fit, estimates = data_set.fit("--replicates", "0")
            self.assertLess(fit["refinement"]["gradient_in_standard_errors"], COST_ROUNDING**2)
            for name, (value, _, _) in quantities(point, data, data_set.free).items():
                error = estimates[name]["sandwich_standard_error"]
                self.assertLessEqual(abs(estimates[name]["value"] - value), COST_ROUNDING * error, name)

            count, fitted = len(data), sum(data_set.free) + 1  # sigma is fitted, too
            sse = scipy_law.cost(point, data)
            mean = data.weight @ data.score / data.weight.sum()
            expected = {
                "sse": sse,
                "rmse": np.sqrt(sse / data.weight.sum()),
                "mae": scipy_law.mean_absolute_error(point, data),
                "r_squared": 1 - sse / (data.weight @ (data.score - mean) ** 2),
                "aic": count * np.log(sse / count) + 2 * fitted,
                "bic": count * np.log(sse / count) + fitted * np.log(count),
            }
            for name, value in expected.items():
                self.assert_close(fit["goodness"][name], value, 1e-7, name)

    # A regression of the residuals on their Jacobian at the optimum finds nothing, and has the covariance of the fit
    # that is linearised there, with statsmodels' corrections G / (G - 1) and (N - 1) / (N - K), in which N counts the rows
    # whose expected score exceeds 0.1 % of the highest. A point that is COST_ROUNDING standard errors away changes it by
    # about as much; the delta method's differences of step h = 1e-5 miss C*'s gradient by h^2 / alpha^2, 3e-9.
    def assert_sandwich(self, data_set, estimates, keys):
        point = data_set.optimum()
        residuals, jacobian = data_set.linearise(point, data_set.data.root_weight)
        regression = OLS(-residuals, jacobian).fit()
        groups = data_set.groups(*keys)
        if len(keys) == 1:
            some = sandwich_covariance.cov_cluster(regression, groups[:, 0])
        else:
            some = sandwich_covariance.cov_cluster_2groups(regression, groups)[0]
        self.assertGreater(np.linalg.eigvalsh(some).min(), 0)  # where it is not, ctxfit takes the nearest that is
        covariance = np.zeros((4, 4))
        covariance[np.ix_(data_set.free, data_set.free)] = some
        expected = data_set.data.score + residuals / data_set.data.root_weight
        fitted, every, telling = sum(data_set.free), len(expected), np.sum(expected > 1e-3 * expected.max())
        covariance *= (telling - 1) / (telling - fitted) * (every - fitted) / (every - 1)

        freedom = min(groups.max(axis=0))  # the smaller number of clusters, less 1
        quantile = stats.t.ppf((1 + CONFIDENCE) / 2, freedom)
        for name, (value, logarithmic, gradient) in quantities(point, data_set.data, data_set.free).items():
            error = np.sqrt(gradient @ covariance @ gradient)
            ends = [value - quantile * error, value + quantile * error]
            if logarithmic:
                ends = value * np.exp([-quantile * error, quantile * error])
            estimate = estimates[name]
            scale = value if logarithmic else 1
            self.assert_close(estimate["sandwich_standard_error"], scale * error, 1e-6, f"{name}, {keys}")
            self.assert_close(estimate["sandwich_lower"], ends[0], 1e-6, f"{name}, lower, {keys}")
            self.assert_close(estimate["sandwich_upper"], ends[1], 1e-6, f"{name}, upper, {keys}")

    def test_one_way_errors_are_those_of_statsmodels(self):
        for make in (yarn, banking, banking_by_shots, banking_by_model_and_shots):
            data_set = make()
            _, estimates = data_set.fit("--replicates", "0")
            self.assert_sandwich(data_set, estimates, ["cluster"])

    def test_two_way_errors_are_those_of_statsmodels(self):
        for make in (yarn, banking_by_shots):
            data_set = make()
            _, estimates = data_set.fit("--replicates", "0", "--resample", "two-way")
            self.assert_sandwich(data_set, estimates, ["cluster", "cluster_2"])

    # The two draw different numbers. The standard deviation of B values of kurtosis k has a relative standard error of
    # sqrt((k - 1) / (4 B)), which is sqrt(1 / (2 B)) for normal ones. As many of the own replicates as of the fit's lie
    # beyond an end of its interval, but for the binomial error of both shares. Of either difference, four standard errors
    # are allowed: missed by one seed in 16,000.
    def assert_bootstrap(self, make, keys, *arguments):
        data_set = make()
        fit, estimates = data_set.fit("--replicates", str(REPLICATES), *arguments)
        # YaRN's level is traded between A and B, along which a few replicates go without end.
        self.assertGreaterEqual(fit["bootstrap"]["converged_count"], 0.998 * REPLICATES)
        point, data = data_set.optimum(), data_set.data
        random = np.random.default_rng(1)
        samples = {name: [] for name in quantities(point, data, data_set.free)}
        for _ in range(OWN_REPLICATES):
            weight = data.weight.copy()
            for groups in data_set.groups(*keys).T:
                weight *= random.exponential(size=groups.max() + 1)[groups]
            replicate = data_set.refine(point, np.sqrt(weight))
            for name, (value, _, _) in quantities(replicate, data, data_set.free).items():
                samples[name].append(value)
        both = 1 / REPLICATES + 1 / OWN_REPLICATES
        tail = self.expanded_tail(min(data_set.groups(*keys).max(axis=0)) + 1)
        for name, values in samples.items():
            estimate = estimates[name]
            kurtosis = stats.kurtosis(values, fisher=False)
            self.assert_close(
                np.std(values, ddof=1), estimate["standard_error"], 4 * np.sqrt((kurtosis - 1) / 4 * both), name
            )
            for end, share in (("lower", tail), ("upper", 1 - tail)):
                below = np.mean(np.asarray(values) < estimate[end])
                tolerance = 4 * np.sqrt(share * (1 - share) * both) + 1 / OWN_REPLICATES
                self.assertLessEqual(abs(below - share), tolerance, f"{name}, {end}")

    @staticmethod
    def expanded_tail(units):
        """The probability outside either end, wider for few units (Hesterberg 2015)."""
        quantile = stats.t.ppf((1 + CONFIDENCE) / 2, units - 1)
        return stats.norm.cdf(-np.sqrt(units / (units - 1)) * quantile)

    def test_the_bootstrap_of_clusters_is_that_of_numpy(self):
        self.assert_bootstrap(yarn, ["cluster"])
        self.assert_bootstrap(banking_by_model_and_shots, ["cluster"])

    def test_the_two_way_bootstrap_is_that_of_numpy(self):
        self.assert_bootstrap(banking_by_shots, ["cluster", "cluster_2"], "--resample", "two-way")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
