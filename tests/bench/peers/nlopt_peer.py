"""NLopt: two of its global algorithms without derivatives, in C over a cost in NumPy."""

import nlopt

from peers.records import LOWER, UPPER, Found, Peer

TOLERANCE, MOST_EVALUATIONS, ESCH_EVALUATIONS = 1e-8, 20000, 3000


def search_with(algorithm, evaluations):
    def search(records, seed):
        nlopt.srand(seed)
        optimizer = nlopt.opt(algorithm, 4)
        optimizer.set_lower_bounds(LOWER)
        optimizer.set_upper_bounds(UPPER)
        optimizer.set_min_objective(lambda point, gradient: records.one_cost(point))
        optimizer.set_ftol_rel(TOLERANCE)
        optimizer.set_maxeval(evaluations)
        point = optimizer.optimize((LOWER + UPPER) / 2)
        return Found(point, optimizer.get_numevals())

    return search


PEERS = {
    "nlopt-crs2": Peer(
        search_with(nlopt.GN_CRS2_LM, MOST_EVALUATIONS),
        "nlopt",
        f"GN_CRS2_LM, 50 members (the default), ftol_rel {TOLERANCE:g}",
    ),
    # ESCH has no rule to stop by but the number of evaluations.
    "nlopt-esch": Peer(
        search_with(nlopt.GN_ESCH, ESCH_EVALUATIONS), "nlopt", f"GN_ESCH, {ESCH_EVALUATIONS} evaluations"
    ),
}
