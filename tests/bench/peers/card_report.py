"""Figures of tests/bench/gpu as tables of RESULTS.md."""

from peers.card import SPECIAL_FUNCTION_METRIC, SPECIAL_FUNCTIONS_PER_CLOCK
from peers.report import seconds, table, times


def or_why_not(figure, text):
    return f"not measured: {figure['not_measured']}" if "not_measured" in figure else text(figure)


def percent(figure):
    return or_why_not(figure, lambda measured: f"{measured['percent']:.3g} %")


def describe_peer(peer):
    if "not_installed" in peer:
        return f"not installed: {peer['not_installed']}. It needs {peer['to_install']}"
    settings = f"{peer['package']} on {peer['device']}, {peer['settings']}"
    return f"{settings}; the first search of a process takes {peer['compile_seconds']:.2g} s more"


def show_peers(peers):
    ours = peers["ctxfit"]
    name = f"**ctxfit**, {ours['candidates']:.0f} candidates"
    rows = [[name, seconds(ours["whole"]), "1", seconds(ours["search"]), "", f"{ours['evaluations']:.0f}"]]
    rows[0].append(f"{ours['cost']:.9g}")
    for name, peer in peers["peers"].items():
        missing = [key for key in ("not_installed", "not_measured") if key in peer]
        if missing:
            rows.append([name, missing[0].replace("_", " "), *[""] * 5])
            continue
        cost = f"{peer['relative_cost_difference']:+.0e}"
        if not peer["reached"]:
            cost = f"**{peer['cost']:.9g}, {cost}: not the optimum**"
        row = [name, seconds(peer["whole"]), times(peer["ratio"]), seconds(peer["search"]), times(peer["search_ratio"])]
        rows.append([*row, f"{peer['evaluations']:.0f}", cost])
    print(f"Time of {peers['records']:,} records in memory; median (lowest to highest, runs).\n")
    heads = ["", "search and refine", "/ ctxfit", "search alone", "/ all of ctxfit", "evaluations"]
    table([*heads, "final cost, relative to ctxfit's"], rows)
    for name, peer in peers["peers"].items():
        print(f"- {name}: {or_why_not(peer, describe_peer)}.")
    print()


def rate(run):
    return or_why_not(run, lambda measured: f"{measured['candidate_records']:.3g}")


def describe_size(size):
    sharing = "each of its own" if size["per_prompt"] == 1 else f"{size['per_prompt']} of each"
    return f"{size['candidates']:,} candidates, {size['cells']:,} records, {sharing} prompt length"


def show_growth(growth, crossed):
    """Candidates down, records across, and the crossed set last."""
    own_prompt = [run for run in growth if run["arguments"]["per_prompt"] == 1]
    by_size = {(run["arguments"]["candidates"], run["arguments"]["cells"]): run for run in own_prompt}
    of_crossed = {run["arguments"]["candidates"]: run for run in crossed}
    records = sorted({size[1] for size in by_size})
    heads = ["candidates", *(f"{count:,} records" for count in records), "786,000 records, collapsed"]
    rows = []
    for candidates in sorted({size[0] for size in by_size}):
        row = [rate(by_size[candidates, count]) for count in records]
        rows.append([f"{candidates:,}", *row, rate(of_crossed[candidates]) if candidates in of_crossed else ""])
    print("Candidate-records per second of a generation; each record a cell with a prompt length of its own, but for")
    print("the last column.\n")
    table(heads, rows)
    for run in growth:
        if run["arguments"]["per_prompt"] > 1:
            print(f"- {describe_size(run['arguments'])}: {rate(run)} a second.")


def show_memory(memory):
    if not memory:
        print("- Device memory: not measured: on the CPU.")
    for run in memory:
        text = or_why_not(run, lambda measured: f"{measured['bytes_per_cell']:.4g} bytes a record, all in all")
        print(f"- Device memory of {describe_size(run['arguments'])}: {text}.")
    print()


def show_refits(refits):
    rows = []
    for run in refits:
        size = [f"{run['arguments'][name]:,}" for name in ("replicates", "cells", "units")]
        rows.append([*size, or_why_not(run, lambda measured: f"{measured['replicate_cells']:.3g}")])
    print("Refits, in double precision.\n")
    table(["replicates", "cells", "resampling units", "replicate-cells per second"], rows)


def show_limit(limit, device):
    rows = [[f"by the counters of Nsight Compute, `{SPECIAL_FUNCTION_METRIC}`", percent(limit["counters"])]]
    per_clock, arithmetic = SPECIAL_FUNCTIONS_PER_CLOCK, limit["arithmetic"]
    formula = f"by arithmetic, exponentials per second / ({per_clock} x multiprocessors x clock)"
    if "percent" in arithmetic:
        formula += f" = {arithmetic['exponentials']:.3g} / ({per_clock} x {device['multiprocessors']} x "
        formula += f"{device['clock_hz']:.3g} Hz)"
    rows.append([formula, percent(arithmetic)])
    print("Use of the special-function units by the objective", end="")
    print(f", {limit['candidates']:,} candidates on {limit['records']:,} records" if device else "", end="")
    print(": two exponentials for each\ncandidate and prompt length, the device's highest clock.\n")
    table(["how", "share of the limit"], rows)


def show_phases(results):
    names = ("search", "refine", "resample", "rest", "whole")
    columns = results["fits"]
    rows = [[name, *(seconds(fit[name]) for fit in columns)] for name in names]
    rows.append(["the first fit of the process", *(f"{fit['first_seconds']:.3g} s" for fit in columns)])
    heads = [f"{fit['records']:,} records, {fit['candidates']:.0f} candidates" for fit in columns]
    print(f"A whole fit with {results['replicates']:,} cluster replicates, from columns in memory; the rest is")
    print("validation, the split, collapses, diagnostics and intervals, on the CPU.\n")
    table(["", *heads], rows)


def show_tasks(tasks, replicates):
    phases = ", ".join(f"{name} {tasks[name]:.3g} s" for name in ("search", "refine", "resample"))
    busy = or_why_not(tasks["busy"], lambda busy: f"{percent(busy)} of that time, by {busy['samples']} samples")
    print(f"{tasks['tasks']:,} tasks of {tasks['records']:,} records, {replicates:,} replicates each, in one call:")
    print(f"{tasks['seconds']:.3g} s ({phases}).")
    print(f"The device was busy, which is that some kernel ran: {busy}.\n")


def show(results):
    device = results["device"]
    if device:
        print(f"{device['name']}, {device['multiprocessors']} multiprocessors, {device['clock_hz'] / 1e9:.3g} GHz.\n")
    show_peers(results["peers"])
    show_growth(results["growth"], results["crossed"])
    show_memory(results["memory"])
    show_refits(results["refits"])
    show_limit(results["limit"], device)
    show_phases(results)
    show_tasks(results["tasks"], results["replicates"])
