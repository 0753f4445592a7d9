"""lmfit: its differential evolution, then its leastsq, over the residuals of the records."""

import lmfit

from peers.records import LOWER, UPPER, Found, Peer

NAMES = ("log_a", "alpha", "log_b", "beta")


def search(records, seed):
    def residuals(parameters):
        return records.residual([parameters[name].value for name in NAMES])

    parameters = lmfit.Parameters()
    for name, lower, upper in zip(NAMES, LOWER, UPPER):
        parameters.add(name, value=(lower + upper) / 2, min=lower, max=upper)
    minimizer = lmfit.Minimizer(residuals, parameters)
    found = minimizer.minimize(method="differential_evolution", seed=seed, polish=False)
    end = minimizer.minimize(method="leastsq", params=found.params)
    return Found([end.params[name].value for name in NAMES], found.nfev + end.nfev)


PEERS = {
    "lmfit": Peer(
        search, "lmfit", "differential_evolution (best1bin, 60 members, tol 0.01: its defaults, less polish), leastsq"
    )
}
