"""Figures as the tables of RESULTS.md."""

PARTS = {
    "write_request": "client: write the request",
    "read_request": "read the request into columns",
    "validate": "validate it",
    "split": "validate again, split and sort",
    "collapse": "collapse",
    "search": "search",
    "refine": "refine",
    "resample": "resample",
    "examine": "diagnose, intervals",
    "write_reply": "write the reply",
    "read_reply": "client: read the reply",
    "rest": "the rest: transport, copies, queue",
}


def table(heads, rows):
    print("|", " | ".join(heads), "|")
    print("|---" * len(heads) + "|")
    for row in rows:
        print("|", " | ".join(row), "|")
    print()


def seconds(spread):
    text = f"{spread['median']:.3g} s"
    if spread["runs"] == 1:
        return text
    return f"{text} ({spread['lowest']:.3g} to {spread['highest']:.3g}, {spread['runs']})"


def times(ratio):
    return f"{ratio:.3g}"


def show_peers(results):
    records, replicates = results["records"], results["replicates"]
    ours = results["ctxfit"]
    rows = [
        [
            "**ctxfit**",
            seconds(ours["search"]),
            "1",
            f"{ours['evaluations']:.0f}",
            "",
            f"{ours['cost']:.9g}",
            seconds(ours["whole"]),
            "1",
        ]
    ]
    for name, peer in results["peers"].items():
        if "not_installed" in peer:
            rows.append([name, "not installed", *[""] * 6])
            continue
        cost = f"{peer['relative_cost_difference']:+.0e}"
        if not peer["reached"]:
            cost = f"**{peer['cost']:.9g}, {cost}: not the optimum**"
        whole = peer["whole"]
        rows.append(
            [
                name,
                seconds(peer["search"]),
                times(peer["search_ratio"]),
                f"{peer['evaluations']:.0f}",
                f"{peer['search_excess_deviance']:.2g}",
                cost,
                seconds(whole),
                times(peer["whole_ratio"]),
            ]
        )
    print(f"Time of {records:,} records in memory; median (lowest to highest, runs).\n")
    heads = ["", "search and refine", "/ ctxfit", "evaluations", "search ended above the optimum by, deviance units"]
    heads += ["final cost, relative to ctxfit's", f"with {replicates:,} cluster replicates", "/ ctxfit"]
    table(heads, rows)
    show_settings(results)


def show_settings(results):
    for kind, refits in results["refits"].items():
        converged = f"{refits['converged_replicates']} of {results['replicates']} converged"
        print(f"- Refits of {kind}, the same for every peer of a round: {seconds(refits['seconds'])}, {converged}.")
    for name, peer in results["peers"].items():
        if "not_installed" in peer:
            print(f"- {name}: {peer['not_installed']}. {peer['to_install']}")
            continue
        compiling = f"; compiling takes {peer['compile_seconds']:.2g} s more, once" if peer["compile_seconds"] else ""
        print(f"- {name}: {peer['package']}, {peer['settings']}{compiling}.")
    print()


def show_scale(results):
    crossed, line = results["crossed"], results["command_line"]
    rows = []
    for when, what in (("later", "a process that has fitted before"), ("first", "the first fit of a process")):
        one = crossed[when]
        rows += [
            [f"{crossed['records']:,} records, {crossed['replicates']:,} replicates, {what}", seconds(one["crossed"]), ""],
            [f"{results['records']:,} records, in turn with them", seconds(one["paper"]), ""],
            [f"{crossed['records']:,} / {results['records']:,} records", times(one["times_as_long"]), "3"],
        ]
    rows += [
        [
            f"{crossed['records']:,} records: peak memory of `ctxfit fit`, file reading included",
            f"{crossed['peak_memory_bytes'] / 2**20:.0f} MiB",
            "1,024 MiB",
        ],
        [f"{results['records']:,} records: `ctxfit fit` of a CSV file, the process", seconds(line), ""],
    ]
    table(["what", "result", "at most"], rows)


def show_service(results):
    services = results["service"]
    columns = [services[size] for size in services]
    heads = ["", *(f"{column['records']:,} records" for column in columns)]
    every = lambda text: [text(column) for column in columns]
    milliseconds = lambda key: every(lambda column: f"{1e3 * column[key]:.0f}")
    added = lambda key: every(lambda column: f"{1e3 * (column[key] - column['engine_p50']):.1f}")
    kibibytes = lambda column: " and ".join(f"{size / 1024:.0f}" for size in column["bytes"])
    rows = [
        ["calls of each kind, and as many fits by the engine", *every(lambda column: str(column["calls"]))],
        ["**p50**, ms", *milliseconds("p50")],
        ["**p99**, ms", *milliseconds("p99")],
        ["from bytes to bytes, without the client's writing and reading, p50, ms", *milliseconds("bytes_p50")],
        ["from bytes to bytes, p99, ms", *milliseconds("bytes_p99")],
        ["the same fit by the engine, p50, ms", *milliseconds("engine_p50")],
        ["the same fit by the engine, p99, ms", *milliseconds("engine_p99")],
        ["added to the engine by client and service, p50, ms", *added("p50")],
        ["added to the engine by the service, from bytes to bytes, p50, ms", *added("bytes_p50")],
        ["request and reply, KiB", *every(kibibytes)],
    ]
    print(f"`Fit` through ctxfitd on loopback, {results['replicates']:,} replicates.\n")
    table(heads, rows)
    print("Where a call's time goes, medians in ms.\n")
    table(heads, [[text, *(f"{column['parts'][part]:.3g}" for column in columns)] for part, text in PARTS.items()])


def show_callers(results):
    rows = []
    for one in results["callers"]:
        rates = sorted(one["rates"])
        middle = f"{rates[len(rates) // 2]:.3g} ({rates[0]:.3g} to {rates[-1]:.3g})"
        rows.append([f"{one['records']:,}", str(one["callers"]), middle])
    table(["records", "callers at a time", "calls a second"], rows)


def show(results):
    show_peers(results)
    show_scale(results)
    show_service(results)
    show_callers(results)
