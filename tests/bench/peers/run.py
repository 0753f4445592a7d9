"""Runs one search of a peer in this process, polishes its end and prints what it took as JSON.

    run.py PEER FILE SEED

Reading the file and importing packages do not count.
"""

import importlib
import importlib.metadata
import json
import os
import pathlib
import sys
import time

# NumPy's work here is elementwise: more threads of its linear algebra only get in the way.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
HERE = pathlib.Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)
sys.path.append(str(HERE.parents[1] / "oracle"))

from peers import module_of, records  # noqa: E402


def prepare(peer, columns, clusters):
    if peer.on_cells:
        return records.collapse(columns, clusters, keep_clusters=False)
    return records.Records(columns, clusters)


def timed_search(peer, columns, clusters, seed):
    begin = time.perf_counter()
    data = prepare(peer, columns, clusters)
    found = peer.search(data, seed)
    return data, found, time.perf_counter() - begin


def package_and_version(package):
    """Name and version of a package, which may be installed by another name than it is imported by."""
    [distribution, *_] = importlib.metadata.packages_distributions()[package]
    return f"{distribution} {importlib.metadata.version(distribution)}"


def run(peer, columns, clusters, seed):
    data, found, seconds = timed_search(peer, columns, clusters, seed)
    first_seconds = seconds
    if peer.compiles:
        data, found, seconds = timed_search(peer, columns, clusters, seed)
    begin = time.perf_counter()
    end = records.polish(found.point, data)
    polish_seconds = time.perf_counter() - begin
    every_record = records.Records(columns, clusters)
    return {
        "seconds": seconds + polish_seconds,
        "search_seconds": seconds,
        "polish_seconds": polish_seconds,
        "compile_seconds": first_seconds - seconds if peer.compiles else 0,
        "evaluations": int(found.evaluations),
        "search_cost": every_record.one_cost(found.point),
        "cost": every_record.one_cost(end.x),
        "point": list(end.x),
        "device": found.device,
        "package": package_and_version(peer.package),
        "settings": peer.settings,
        "refits": peer.refits,
    }


def main():
    name, path, seed = sys.argv[1:]
    try:
        peer = importlib.import_module("peers." + module_of(name)).PEERS[name]
    except ImportError as error:
        print(json.dumps({"not_installed": str(error)}))
        return
    print(json.dumps(run(peer, *records.read(path), int(seed))))


if __name__ == "__main__":
    main()
