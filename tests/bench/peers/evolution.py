"""Differential evolution on arrays like NumPy's, a whole population at a time: best/1/bin, as evosax has it.

For packages that bring arrays and no search. Members are points of the unit cube that stands for the box, and are
clipped to it. It stops by SciPy's rule, at the tolerance that single precision allows.
"""

import collections.abc
import dataclasses

MEMBERS, GENERATIONS, TOLERANCE = 64, 200, 1e-5
MUTATION, CROSSOVER = 0.8, 0.9

# Generations between two checks for a stop, each of which waits for the device.
GENERATIONS_PER_LOOK = 8


@dataclasses.dataclass
class Arrays:
    """A package's functions that make arrays on its device."""

    namespace: object  # its counterpart of NumPy's functions
    uniform: collections.abc.Callable  # shape -> single-precision numbers in [0, 1)
    below: collections.abc.Callable  # bound, shape -> integers in [0, bound)
    count: collections.abc.Callable  # n -> 0 to n - 1


def choose_partners(arrays, members):
    """Draws two other, distinct members for each member, by their distances around the circle of all."""
    first = 1 + arrays.below(members - 1, (members,))
    second = 1 + arrays.below(members - 2, (members,))
    second = second + (second >= first)
    member = arrays.count(members)
    return (member + first) % members, (member + second) % members


def propose(arrays, population, found):
    xp, members = arrays.namespace, len(population)
    first, second = choose_partners(arrays, members)
    # The index stays an array of one: for a number the host would wait.
    best = population[xp.argmin(found).reshape(1)]
    mutant = best + MUTATION * (population[first] - population[second])
    forced = arrays.below(4, (members, 1)) == arrays.count(4)
    taken = forced | (arrays.uniform((members, 4)) < CROSSOVER)
    return xp.clip(xp.where(taken, mutant, population), 0, 1)


def is_finished(xp, found):
    mean = xp.mean(found)
    return bool(xp.sqrt(xp.mean((found - mean) ** 2)) <= TOLERANCE * mean)


def evolve(arrays, costs, members):
    """The best member, and the evaluations that it took; `costs` are those of a population."""
    xp = arrays.namespace
    population = arrays.uniform((members, 4))
    found = costs(population)
    generation = 0
    while generation < GENERATIONS and not is_finished(xp, found):
        for _ in range(GENERATIONS_PER_LOOK):
            trials = propose(arrays, population, found)
            trial_costs = costs(trials)
            better = trial_costs <= found
            population = xp.where(better[:, None], trials, population)
            found = xp.where(better, trial_costs, found)
        generation += GENERATIONS_PER_LOOK
    return population[xp.argmin(found)], members * (generation + 1)


def describe(members):
    return (
        f"best/1/bin, F {MUTATION}, CR {CROSSOVER}, {members} members, std of the costs at most {TOLERANCE:g} of their "
        f"mean, at most {GENERATIONS} generations"
    )
