#!/usr/bin/env python3
"""Fits every simulated set of write_data_sets with SciPy and writes what it finds, for oracle_test to hold against.

    build/venv/bin/python tests/oracle/scipy_fits.py build/release/bin/write_data_sets
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import scipy

import scipy_law

RESULTS = pathlib.Path(__file__).with_name("scipy_fits.json")


def fit(path):
    data = scipy_law.from_rows(scipy_law.read_csv(path))
    end = scipy_law.best_fit(data)
    errors = scipy_law.standard_errors(end.x, data)
    print(f"{path.stem}: cost {2 * end.cost:.9g} at {end.x}", file=sys.stderr)
    return {
        "name": path.stem,
        "point": end.x.tolist(),
        "cost": float(scipy_law.cost(end.x, data)),
        "standard_errors": None if errors is None else errors.tolist(),
    }


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        fits = [fit(path) for path in sorted(pathlib.Path(folder).glob("*.csv"))]
    results = {"scipy": scipy.__version__, "coordinates": ["ln A", "alpha", "ln B", "beta"], "fits": fits}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
