"""CuPy: an evolution on its arrays and a cost that is one kernel of its own making, in single precision, on a GPU."""

import functools

import cupy

from peers import evolution
from peers.records import LOWER, UPPER, Found, Peer

# Compute's factor is evaluated for every record: that takes less than looking it up in another array would.
sum_of_squares = cupy.ReductionKernel(
    in_params="float32 log_a, float32 alpha, float32 log_b, float32 beta, "
    "float32 log_compute, float32 log_prompt, float32 penalty, float32 score",
    out_params="float32 cost",
    map_expr="squared(factor(log_a + alpha * log_compute) * factor(log_b + beta * log_prompt) * penalty - score)",
    reduce_expr="a + b",
    post_map_expr="cost = a",
    identity="0",
    name="sum_of_squares",
    preamble="""
__device__ float factor(float log_rate) { return -expm1f(-expf(log_rate)); }
__device__ float squared(float value) { return value * value; }
""",
)


def single(values):
    return cupy.asarray(values, dtype=cupy.float32)


ARRAYS = evolution.Arrays(
    namespace=cupy,
    uniform=lambda shape: cupy.random.random_sample(shape, dtype=cupy.float32),
    below=lambda bound, shape: cupy.random.randint(bound, size=shape),
    count=cupy.arange,
)


def search(records, seed, members=evolution.MEMBERS):
    cupy.random.seed(seed)
    lower, upper = single(LOWER), single(UPPER)
    columns = (records.log_compute[records.compute_level], records.log_prompt)
    data = [single(column) for column in (*columns, records.scaled_penalty, records.scaled_score)]
    of_cube = lambda population: sum_of_squares(*(lower + population * (upper - lower)).T[..., None], *data, axis=1)
    member, evaluations = evolution.evolve(ARRAYS, of_cube, members)
    point = LOWER + cupy.asnumpy(member).astype(float) * (UPPER - LOWER)
    return Found(point, evaluations, cupy.cuda.runtime.getDeviceProperties(0)["name"].decode())


PEERS = {
    "cupy": Peer(search, "cupy", evolution.describe(evolution.MEMBERS), compiles=True),
    "cupy-4096": Peer(functools.partial(search, members=4096), "cupy", evolution.describe(4096), compiles=True),
}
