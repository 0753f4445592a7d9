"""Runs of peers, and what is made of them."""

import json
import statistics
import subprocess

from peers import environment

# Relative difference of costs within which two ends are one optimum.
COST_TOLERANCE = 1e-9


def run_peer(name, path, seed):
    """One search in a process of its own, and the same polish for all; see run.py."""
    command = [environment.PYTHON, environment.BENCH / "peers" / "run.py", name, path, str(seed)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def spread(seconds):
    return {"median": statistics.median(seconds), "lowest": min(seconds), "highest": max(seconds), "runs": len(seconds)}


def middle(runs, key):
    return statistics.median(run[key] for run in runs)


def compare_costs(runs, our_cost):
    """The highest cost that a peer's runs ended at, and whether it is that of our optimum."""
    cost = max(run["cost"] for run in runs)
    difference = cost / our_cost - 1
    return {"cost": cost, "relative_cost_difference": difference, "reached": abs(difference) <= COST_TOLERANCE}
