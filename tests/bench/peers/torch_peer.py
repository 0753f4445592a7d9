"""Torch: an evolution on its arrays and a compiled cost, in single precision, on a GPU where it finds one."""

import functools

import torch

from peers import evolution
from peers.records import LOWER, UPPER, Found, Peer

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def single(values):
    return torch.as_tensor(values, dtype=torch.float32, device=DEVICE)


def columns(records):
    """Arguments of `costs` after the population."""
    level = torch.as_tensor(records.compute_level, device=DEVICE)
    log_compute, log_prompt = single(records.log_compute), single(records.log_prompt)
    return log_compute, level, log_prompt, single(records.scaled_penalty), single(records.scaled_score)


@torch.compile
def costs(population, log_compute, compute_level, log_prompt, penalty, score):
    log_a, alpha, log_b, beta = population.T[..., None]
    minus_f = torch.expm1(-torch.exp(log_a + alpha * log_compute))
    minus_g = torch.expm1(-torch.exp(log_b + beta * log_prompt))
    return torch.sum((minus_f[:, compute_level] * minus_g * penalty - score) ** 2, dim=1)


ARRAYS = evolution.Arrays(
    namespace=torch,
    uniform=lambda shape: torch.rand(shape, device=DEVICE),
    below=lambda bound, shape: torch.randint(bound, shape, device=DEVICE),
    count=lambda number: torch.arange(number, device=DEVICE),
)


def search(records, seed, members=evolution.MEMBERS):
    torch.manual_seed(seed)
    lower, upper = single(LOWER), single(UPPER)
    data = columns(records)
    of_cube = lambda population: costs(lower + population * (upper - lower), *data)
    member, evaluations = evolution.evolve(ARRAYS, of_cube, members)
    point = LOWER + member.cpu().numpy().astype(float) * (UPPER - LOWER)
    return Found(point, evaluations, torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu")


SETTINGS = "{}; the cost is compiled, proposals are not"
PEERS = {
    "torch": Peer(search, "torch", SETTINGS.format(evolution.describe(evolution.MEMBERS)), compiles=True),
    "torch-4096": Peer(
        functools.partial(search, members=4096), "torch", SETTINGS.format(evolution.describe(4096)), compiles=True
    ),
}
