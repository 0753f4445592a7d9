"""Fitters that ctxfit is held against, each on the records as they are, and what they share.

A module NAME_peer has PEERS: of the names below that begin with NAME, how each searches. A search is a function of a
`Records` and a seed that returns a `Found`. It may use whatever its package offers, on all cores; every search is
followed by the same polish, and the time of both counts. `run` runs one of them in a process of its own.
"""

NAMES = [
    "scipy",
    "scipy-tight",
    "scipy-vectorized",
    "scipy-workers",
    "scipy-multistart",
    "scipy-cells",
    "scipy-newton",
    "lmfit",
    "pygmo-sade",
    "pygmo-de1220",
    "nlopt-crs2",
    "nlopt-esch",
    "evosax",
    "evosax-cells",
    "evox",
    "grid",
    "grid-cells",
]

# Peers that can run on a GPU, the same evolution with two sizes of population.
ON_A_GPU = ["evosax", "evosax-4096", "torch", "torch-4096", "cupy", "cupy-4096"]


def module_of(name):
    return name.split("-")[0] + "_peer"


def chosen(names, peers):
    """Picks the `peers` that a list names, each by itself or by its module: `scipy` is all that begin with it."""
    unknown = [name for name in names if not any(matches(peer, name) for peer in peers)]
    if unknown:
        raise SystemExit(f"no such peer: {', '.join(unknown)}; there are {', '.join(peers)}")
    return [peer for peer in peers if any(matches(peer, name) for name in names)]


def matches(peer, name):
    return peer == name or module_of(peer) == name + "_peer"
