"""evosax: its differential evolution and the cost, compiled by JAX into one loop for all cores, in single precision.

evosax knows no bounds: members are points of the unit cube that stands for the box, and are clipped to it. It has no
rule to stop by either: the loop has SciPy's, at the tolerance that single precision allows.
"""

import jax
import jax.numpy as jnp
import numpy as np
from evosax.algorithms import DifferentialEvolution

from peers.records import LOWER, UPPER, Found, Peer

MEMBERS, GENERATIONS, TOLERANCE = 64, 200, 1e-5


def cost(member, data):
    log_a, alpha, log_b, beta = LOWER + member * (UPPER - LOWER)
    minus_f = jnp.expm1(-jnp.exp(log_a + alpha * data["log_compute"]))
    minus_g = jnp.expm1(-jnp.exp(log_b + beta * data["log_prompt"]))
    return jnp.sum((minus_f[data["compute_level"]] * minus_g * data["scaled_penalty"] - data["scaled_score"]) ** 2)


@jax.jit
def evolve(key, data):
    strategy = DifferentialEvolution(population_size=MEMBERS, solution=jnp.zeros(4))
    parameters = strategy.default_params
    costs = jax.vmap(lambda member: cost(member, data))
    key, first, start = jax.random.split(key, 3)
    population = jax.random.uniform(first, (MEMBERS, 4))
    state = strategy.init(start, population, costs(population), parameters)

    def unfinished(carry):
        _, state, generation = carry
        spread = jnp.std(state.fitness) > TOLERANCE * jnp.mean(state.fitness)
        return spread & (generation < GENERATIONS)

    def advance(carry):
        key, state, generation = carry
        key, asking, telling = jax.random.split(key, 3)
        population, state = strategy.ask(asking, state, parameters)
        population = jnp.clip(population, 0, 1)
        state, _ = strategy.tell(telling, population, costs(population), state, parameters)
        return key, state, generation + 1

    _, state, generation = jax.lax.while_loop(unfinished, advance, (key, state, 0))
    return state.population[jnp.argmin(state.fitness)], generation


def search(records, seed):
    columns = ("log_compute", "log_prompt", "scaled_penalty", "scaled_score")
    data = {name: jnp.asarray(getattr(records, name), jnp.float32) for name in columns}
    data["compute_level"] = jnp.asarray(records.compute_level)
    member, generation = evolve(jax.random.key(seed), data)
    point = LOWER + np.asarray(member, float) * (UPPER - LOWER)
    return Found(point, MEMBERS * (int(generation) + 1))


SETTINGS = (
    f"DifferentialEvolution (best/1/bin, F 0.8, CR 0.9: its defaults), {MEMBERS} members, std of the costs at most "
    f"{TOLERANCE:g} of their mean, at most {GENERATIONS} generations"
)
PEERS = {
    "evosax": Peer(search, "evosax", SETTINGS, compiles=True),
    "evosax-cells": Peer(
        search, "evosax", "as evosax, on weighted cells", compiles=True, on_cells=True, refits="cells"
    ),
}
