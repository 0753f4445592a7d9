"""EvoX: its differential evolution on torch's CPU, with torch_peer's compiled cost in single precision.

EvoX has no rule to stop by: the loop has SciPy's, at the tolerance that single precision allows.
"""

import torch
from evox.algorithms import DE
from evox.core import Problem
from evox.workflows import StdWorkflow

from peers.evolution import CROSSOVER, GENERATIONS, MEMBERS, MUTATION, TOLERANCE, describe
from peers.records import LOWER, UPPER, Found, Peer
from peers.torch_peer import costs


class Cost(Problem):
    """The cost in EvoX's terms."""

    def __init__(self, records):
        super().__init__()
        single = lambda name: torch.as_tensor(getattr(records, name), dtype=torch.float32)
        level = torch.as_tensor(records.compute_level)
        self.data = single("log_compute"), level, single("log_prompt"), single("penalty"), single("score")

    def evaluate(self, population):
        return costs(population, *self.data)


def search(records, seed):
    torch.manual_seed(seed)
    box = [torch.as_tensor(bound, dtype=torch.float32) for bound in (LOWER, UPPER)]
    algorithm = DE(MEMBERS, *box, base_vector="best", differential_weight=MUTATION, cross_probability=CROSSOVER)
    workflow = StdWorkflow(algorithm, Cost(records))
    workflow.init_step()
    generation = 0
    while generation < GENERATIONS:
        found = workflow.algorithm.fit
        if torch.std(found) <= TOLERANCE * torch.mean(found):
            break
        workflow.step()
        generation += 1
    best = workflow.algorithm.pop[torch.argmin(workflow.algorithm.fit)]
    return Found(best.double().numpy(), MEMBERS * (generation + 1))


PEERS = {"evox": Peer(search, "evox", "DE, " + describe(MEMBERS), compiles=True)}
