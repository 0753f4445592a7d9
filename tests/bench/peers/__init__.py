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


def module_of(name):
    return name.split("-")[0] + "_peer"


def chosen(names):
    """The peers of a list of names, each of a peer or of a module: `scipy` is all that begin with it."""
    unknown = [name for name in names if not any(matches(peer, name) for peer in NAMES)]
    if unknown:
        raise SystemExit(f"no such peer: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return [peer for peer in NAMES if any(matches(peer, name) for name in names)]


def matches(peer, name):
    return peer == name or module_of(peer) == name + "_peer"
