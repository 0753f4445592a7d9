"""pygmo: self-adaptive differential evolution in C++ over a cost in NumPy."""

import pygmo

from peers.records import LOWER, UPPER, Found, Peer

# The tolerances of pygmo are of the worst member, which is stuck where the cost is flat: in 200 generations they end
# nothing.
MEMBERS, GENERATIONS = 60, 50


class Problem:
    """A cost in pygmo's terms."""

    def __init__(self, records):
        self.records = records

    def fitness(self, point):
        return [self.records.one_cost(point)]

    def get_bounds(self):
        return LOWER, UPPER


def search_with(make_algorithm):
    def search(records, seed):
        population = pygmo.population(pygmo.problem(Problem(records)), MEMBERS, seed=seed)
        population = pygmo.algorithm(make_algorithm(gen=GENERATIONS, seed=seed)).evolve(population)
        return Found(population.champion_x, population.problem.get_fevals())

    return search


SETTINGS = f"{MEMBERS} members, {GENERATIONS} generations"
PEERS = {
    "pygmo-sade": Peer(search_with(pygmo.sade), "pygmo", f"sade (jDE), {SETTINGS}"),
    "pygmo-de1220": Peer(search_with(pygmo.de1220), "pygmo", f"de1220 (pDE), {SETTINGS}"),
}
