"""evosax: its differential evolution and the cost, compiled by JAX into one loop in single precision.

It runs on a GPU where JAX's CUDA build is installed and finds one, else on all cores.

evosax knows no bounds: members are points of the unit cube that stands for the box, and are clipped to it. It has no
rule to stop by either: the loop has SciPy's, at the tolerance that single precision allows.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from evosax.algorithms import DifferentialEvolution

from peers.evolution import GENERATIONS, MEMBERS, TOLERANCE, describe
from peers.records import LOWER, UPPER, Found, Peer


def cost(member, data):
    log_a, alpha, log_b, beta = LOWER + member * (UPPER - LOWER)
    minus_f = jnp.expm1(-jnp.exp(log_a + alpha * data["log_compute"]))
    minus_g = jnp.expm1(-jnp.exp(log_b + beta * data["log_prompt"]))
    return jnp.sum((minus_f[data["compute_level"]] * minus_g * data["scaled_penalty"] - data["scaled_score"]) ** 2)


@functools.partial(jax.jit, static_argnames="members")
def evolve(key, data, members):
    strategy = DifferentialEvolution(population_size=members, solution=jnp.zeros(4))
    parameters = strategy.default_params
    costs = jax.vmap(lambda member: cost(member, data))
    key, first, start = jax.random.split(key, 3)
    population = jax.random.uniform(first, (members, 4))
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


def search(records, seed, members=MEMBERS):
    columns = ("log_compute", "log_prompt", "scaled_penalty", "scaled_score")
    data = {name: jnp.asarray(getattr(records, name), jnp.float32) for name in columns}
    data["compute_level"] = jnp.asarray(records.compute_level)
    member, generation = evolve(jax.random.key(seed), data, members)
    point = LOWER + np.asarray(member, float) * (UPPER - LOWER)
    return Found(point, members * (int(generation) + 1), jax.devices()[0].device_kind)


PEERS = {
    "evosax": Peer(search, "evosax", describe(MEMBERS), compiles=True),
    "evosax-4096": Peer(functools.partial(search, members=4096), "evosax", describe(4096), compiles=True),
    "evosax-cells": Peer(
        search, "evosax", "as evosax, on weighted cells", compiles=True, on_cells=True, refits="cells"
    ),
}
