"""Holds the fit of deploy/sql/collapse.sql's cells against the fit of the evaluations that they come from.

    sql_test.py duckdb|spark CTXFIT SOURCE

CTXFIT is the command line's binary, SOURCE the source tree. Exits with 77, a skip, where the engine is missing.
"""

import csv
import gzip
import io
import json
import math
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction

try:
    import duckdb
    from pyspark.sql import SparkSession
except ImportError as error:
    print(f"skipped: {error}; tests/install-tools installs it")
    sys.exit(77)

ENGINE, CTXFIT = sys.argv[1:3]
SOURCE = pathlib.Path(sys.argv[3])
QUERY = (SOURCE / "deploy/sql/collapse.sql").read_text(encoding="utf-8")
COLUMNS = [
    "training_compute_flops", "prompt_tokens", "context_limit_tokens", "score", "weight", "score_variance", "cluster",
    "cluster_2", "task", "model",
]  # fmt: skip

# Sums over evaluations and over cells differ by rounding: some 1e-12 for 120,000 logarithms.
ROUNDING = 1e-9
# The search, in single precision, then takes another path, and the refinement ends elsewhere within its own tolerance,
# a thousandth of a standard error. Its last step is quadratic: what it leaves is below a millionth.
STANDARD_ERRORS = 1e-6


class DuckDb:
    def __init__(self):
        self.connection = duckdb.connect()

    def close(self):
        self.connection.close()

    def read(self, parquet):
        self.connection.execute(f"CREATE OR REPLACE TEMPORARY VIEW scores AS SELECT * FROM '{parquet}'")

    def execute(self, statement):
        self.connection.execute(statement)

    def query(self, text):
        """Names of the columns, and the rows."""
        result = self.connection.sql(text)
        return result.columns, result.fetchall()


class Spark:
    def __init__(self):
        builder = SparkSession.builder.master("local[2]")
        for option, value in {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "512m",
            # Short of time to warm up, the first compiler alone is faster.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.sql.shuffle.partitions": "1",
            # Several tasks to a file, so that partial sums are merged.
            "spark.sql.files.maxPartitionBytes": "100k",
        }.items():
            builder = builder.config(option, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def close(self):
        self.session.stop()

    def read(self, parquet):
        self.session.read.parquet(str(parquet)).createOrReplaceTempView("scores")

    def execute(self, statement):
        self.session.sql(statement)

    def query(self, text):
        """Names of the columns, and the rows."""
        result = self.session.sql(text)
        return result.columns, result.collect()


def to_csv(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def run_fit(text, *options):
    command = [CTXFIT, "fit", "-", "--format", "json", "--quiet", *options]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def fit(text, *options):
    """The fits by task."""
    done = run_fit(text, *options)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return {each["task"]: each for each in json.loads(done.stdout)["fits"]}


def simulated():
    """Two tasks; six models on runs of eight questions, every score the mean of 1 to 5 answers."""
    draw = random.Random(1)
    rows = []
    for task, exponent in [("easy", 0.5), ("hard", 0.2)]:
        for compute in [1e21, 4e21, 1.6e22, 6.4e22, 2.56e23, 1e24]:
            for run in range(60):
                prompt = draw.choice([50, 120, 300, 700, 1700.5, 3000, 4500])
                factor = -math.expm1(-0.8 * (compute / 1e22) ** 0.5) * -math.expm1(-1.1 * (prompt / 500) ** exponent)
                for question in range(8):
                    weight = draw.randint(1, 5)
                    right = sum(draw.random() < factor * (prompt <= 4096) for _ in range(weight))
                    score = right / weight
                    rows.append([
                        compute, prompt, 4096, score, weight, score * (1 - score), run, f"q{question % 3}",
                        task, f"model {compute:g}",
                    ])  # fmt: skip
    return to_csv(COLUMNS, rows)


class SqlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = {"duckdb": DuckDb, "spark": Spark}[ENGINE]()
        cls.addClassCleanup(cls.engine.close)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        with gzip.open(SOURCE / "tests/data/manyshot_banking77_instances.csv.gz", "rt", encoding="utf-8") as file:
            cls.real = file.read()
        cls.simulated = simulated()

    def collapse(self, text, **replaced):
        """The cells of a table, through a Parquet file and a view in which some columns are replaced."""
        table, parquet = self.folder / "scores.csv", self.folder / f"{self._testMethodName}.parquet"
        table.write_text(text, encoding="utf-8")
        duckdb.sql(f"COPY (FROM read_csv('{table}')) TO '{parquet}' (ROW_GROUP_SIZE 4096)")
        present = text.split("\n", 1)[0].split(",")
        columns = [f"{replaced.get(name, name if name in present else 'NULL')} AS {name}" for name in COLUMNS]
        self.engine.read(parquet)
        self.engine.execute(f"CREATE OR REPLACE TEMPORARY VIEW evaluations AS SELECT {', '.join(columns)} FROM scores")
        return self.engine.query(QUERY)

    def assert_close(self, found, wanted, tolerance, what):
        self.assertLessEqual(abs(found - wanted), tolerance, f"{what}: {found}, not {wanted}")

    def assert_same_estimates(self, found, wanted, fields=None, standard_errors=STANDARD_ERRORS):
        """The fields named, or all, of what is identified."""
        for one, other in zip(found["estimates"], wanted["estimates"], strict=True):
            name = other["name"]
            self.assertEqual((one["name"], one["identified"]), (name, other["identified"]))
            if not other["identified"]:
                continue
            tolerance = ROUNDING * abs(other["value"]) + standard_errors * other.get("standard_error", 0)
            self.assertEqual(one.keys(), other.keys())
            for field in fields or [field for field in other if isinstance(other[field], float)]:
                self.assert_close(one[field], other[field], tolerance, f"{name}, {field}")

    def assert_same_goodness(self, found, wanted, but=()):
        found, wanted = found["goodness"], wanted["goodness"]
        # A mean score's absolute error is not the mean of its evaluations'.
        fields = [field for field in wanted if not field.startswith("mae") and field not in but]
        self.assertIn("bic", wanted)
        for field in fields:
            self.assert_close(float(found[field]), float(wanted[field]), ROUNDING * abs(float(wanted[field])), field)

    # Spreads within and between clusters, in which rows and cells differ.
    VARIANCES = ("variance_between_clusters", "variance_within")

    # The models of the real data were trained with practically one compute, which determines no exponent: it is held.
    REAL_OPTIONS = ("--fix", "compute_exponent=0.2")

    def test_real_clusters(self):
        columns, cells = self.collapse(self.real)
        self.assertEqual(len(cells), 13920)
        for loss in ["squared", "bernoulli"]:
            options = [*self.REAL_OPTIONS, "--loss", loss]
            found = fit(to_csv(columns, cells), *options)["banking77_icl"]
            wanted = fit(self.real, *options)["banking77_icl"]
            self.assertEqual(wanted["bootstrap"]["unit_count"], "480")
            self.assert_same_estimates(found, wanted)
            self.assert_same_goodness(found, wanted)

    def test_real_cells_alone(self):
        columns, cells = self.collapse(self.real, cluster="NULL")
        found = fit(to_csv(columns, cells), *self.REAL_OPTIONS)["banking77_icl"]
        wanted = fit(self.real, *self.REAL_OPTIONS)["banking77_icl"]
        self.assert_same_estimates(found, wanted, ["value"])
        self.assert_same_goodness(found, wanted, but=self.VARIANCES)

        # The labels stand for what ctxfit does with cells that have none.
        unlabelled = [columns.index(name) for name in columns if not name.startswith("cluster")]
        bare = to_csv([columns[i] for i in unlabelled], [[cell[i] for i in unlabelled] for cell in cells])
        alone = fit(bare, *self.REAL_OPTIONS)["banking77_icl"]
        self.assertEqual(found["bootstrap"]["unit_count"], str(len(cells)))
        self.assertEqual(found["estimates"], alone["estimates"])

    def test_weights_and_variances(self):
        columns, cells = self.collapse(self.simulated)
        self.assertLess(len(cells), self.simulated.count("\n") - 1)
        self.assertEqual(len({cell[columns.index("model")] for cell in cells}), 6)
        wanted = fit(self.simulated)
        self.assertEqual(list(wanted), ["easy", "hard"])
        for task, found in fit(to_csv(columns, cells)).items():
            self.assert_same_estimates(found, wanted[task])
            self.assert_same_goodness(found, wanted[task])

    def test_two_way_resampling(self):
        for replaced in [{}, {"cluster_2": "NULL"}]:
            columns, cells = self.collapse(self.simulated, **replaced)
            rows = self.simulated if not replaced else self.simulated.replace("cluster_2", "question")
            wanted = fit(rows, "--resample", "two-way")
            for task, found in fit(to_csv(columns, cells), "--resample", "two-way").items():
                self.assert_same_estimates(found, wanted[task])

    def test_weights_without_variances(self):
        """Evaluations count as many as their weights say, where rows count one each."""
        columns, cells = self.collapse(self.simulated, score_variance="NULL")
        weight = columns.index("weight")
        wanted = fit(self.simulated.replace("score_variance", "not_used"))
        for task, found in fit(to_csv(columns, cells)).items():
            self.assert_same_estimates(found, wanted[task], ["value"])
            # Refits stop by the residual variance per record, so some stop a step earlier or later.
            self.assert_same_estimates(found, wanted[task], standard_errors=1e-2)
            self.assert_same_goodness(found, wanted[task], but=["record_count", "aic", "bic", *self.VARIANCES])
            evaluations = sum(cell[weight] for cell in cells if cell[columns.index("task")] == task)
            self.assertEqual(float(found["goodness"]["record_count"]), evaluations)

    def test_cells_of_cells_and_of_shuffled_rows(self):
        columns, cells = self.collapse(self.simulated)
        header, *rows = self.simulated.splitlines(keepends=True)
        random.Random(2).shuffle(rows)
        for text in [to_csv(columns, cells), header + "".join(rows)]:
            for again, cell in zip(self.collapse(text)[1], cells, strict=True):
                for name, one, other in zip(columns, again, cell, strict=True):
                    if name in ("score", "score_variance"):
                        self.assertAlmostEqual(one, other, delta=1e-15)
                    else:
                        self.assertEqual(one, other)

    def test_small_spread_does_not_cancel(self):
        rows = [(0.5 + 1e-9 * i, 1 + i % 7) for i in range(1000)]
        columns, [cell] = self.collapse(self.one_model([(1000, *row, 0) for row in rows]))
        total = sum(weight for _, weight in rows)
        mean = sum(Fraction(score) * weight for score, weight in rows) / total
        variance = float(sum((Fraction(score) - mean) ** 2 * weight for score, weight in rows) / total)
        self.assertAlmostEqual(cell[columns.index("score")], float(mean), delta=1e-15)
        self.assertAlmostEqual(cell[columns.index("score_variance")] / variance, 1, delta=1e-5)

    def test_ctxfit_refuses_cells_of_unusable_evaluations(self):
        bad = ["", 1.5, -0.1, "nan"], ["0", "-1", "nan", "inf"], ["-0.01", 0.26, "nan"]
        unusable = [(score, 1, 0) for score in bad[0]]
        unusable += [(0.5, weight, 0) for weight in bad[1]]
        unusable += [(0.5, 1, variance) for variance in bad[2]]
        rows = [("", 0.5, 1, 0), (100, 0.5, 1, 0), (100, 1, 2.5, 0)]
        for prompt, row in enumerate(unusable, start=1):
            rows += [(prompt, 0.5, 1, 0), (prompt, *row), (prompt, 0.5, 2, 0)]
        columns, cells = self.collapse(self.one_model(rows))
        self.assertEqual(len(cells), 2 + len(unusable))
        for cell in cells:
            done = run_fit(to_csv(columns, [cell]), "--replicates", "0")
            if cell[columns.index("prompt_tokens")] == 100:
                self.assertEqual(done.returncode, 0, done.stderr)
            else:
                self.assertEqual(done.returncode, 2, f"{cell}: {done.stderr}")
                self.assertIn("must be", done.stderr)

    @staticmethod
    def one_model(rows):
        """A table of prompt, score, weight and variance."""
        header = ["training_compute_flops", "context_limit_tokens", *COLUMNS[1:2], *COLUMNS[3:6]]
        return to_csv(header, [(1e22, 4096, *row) for row in rows])


if __name__ == "__main__":
    if ENGINE == "spark" and not shutil.which("java"):
        print("skipped: java is missing; deploy/install --tests installs it")
        sys.exit(77)
    # pyspark leaves sockets to the garbage collector, which warns of them.
    unittest.main(argv=sys.argv[:1], warnings="ignore")
