"""Upper bounds of the objective's speed that follow from its counts and the device's figures."""

from reckoning import device
from reckoning.tables import number, show

# The problem of the table: cells that share a prompt length, one for each of 12 models; records, and the default search
# on a GPU.
SHARING = 12
RECORDS, CANDIDATES, GENERATIONS = 65500, 4096, 100

LOADED_TWICE = "the same, loads of one address by all lanes at full cost"


def bounds(counts, sharing, memory_bytes_per_second):
    """Candidate-cells per second at most, by resource, where `sharing` cells have each prompt length."""
    per_pair = counts.per_pair
    at_mean = lambda kept, whole: per_pair(kept + (whole - kept) / sharing)
    instructions = at_mean(counts.kept, counts.instructions) + per_pair(counts.around)
    special = at_mean(counts.kept_special, counts.kinds["special"])
    of_clock = {
        "special functions": device.SPECIAL_LANES / special,
        "instructions issued": device.LANES / instructions,
        "shared memory": device.SHARED_BYTES_PER_CLOCK / per_pair(counts.own_bytes + counts.uniform_bytes / 2),
        LOADED_TWICE: device.SHARED_BYTES_PER_CLOCK / per_pair(counts.own_bytes + counts.uniform_bytes),
    }
    rates = {name: rate * device.MULTIPROCESSORS * device.CLOCK_HZ for name, rate in of_clock.items()}
    rates["device memory, without a cache"] = memory_bytes_per_second / counts.memory_bytes_per_pair
    return rates


def rate(per_second):
    return f"{per_second:.2e}".replace("e+", "e")


def show_roofline(direct, shared):
    """The table of the kernel where each record has a prompt length of its own, and of the one where cells share them."""
    columns = {}
    for name, bandwidth in device.MEMORY_BYTES_PER_SECOND.items():
        columns[f"{name} SXM"] = bounds(direct, 1, bandwidth)
        columns[f"{name} SXM, {SHARING} share a prompt length"] = bounds(shared, SHARING, bandwidth)
    rows = [[resource, *(rate(rates[resource]) for rates in columns.values())] for resource in bounds(direct, 1, 1)]
    strict = [{name: rate for name, rate in rates.items() if name != LOADED_TWICE} for rates in columns.values()]
    rows.append(["**lowest**, but for full cost", *(min(rates, key=rates.get) for rates in strict)])
    work = RECORDS * CANDIDATES * (1 + GENERATIONS)
    times = [f"{number(1e3 * work / min(rates.values()))} ms" for rates in strict]
    rows.append([f"{RECORDS:,} cells, {CANDIDATES:,} candidates, {GENERATIONS} generations", *times])
    show(["reckoned: candidate-cells per second at most", *columns], rows)
