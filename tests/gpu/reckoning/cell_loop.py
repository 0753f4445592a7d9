"""Finds the loop over the cells of a batch in the machine code of an objective's kernel, and counts what it has.

It is the innermost loop that takes exponentials, within the loop that fetches batches. Whatever is not as expected ends
the script: a count must not be of something else.
"""

import re
import struct
from typing import NamedTuple

from reckoning.backend import fail
from reckoning.device import WARP_THREADS

KINDS = ("floating point", "special", "shared loads", "other")

# Exponentials of a candidate and cell between which a count is believed.
PLAUSIBLE = (0.25, 4)


class Counts(NamedTuple):
    """Counts of one passage of the loop, which takes `cells` cells to `candidates` candidates in every lane. A passage
    keeps the context factors where its cells have the prompt length of the cell before them."""

    candidates: int
    cells: int
    kinds: dict
    exponentials: int
    kept: int  # instructions of a passage that keeps the context factors,
    kept_special: int  # and special functions among them
    around: float  # instructions of the loop over batches outside this one, for one passage
    fetched_bytes: float  # of one cell, from device memory
    uniform_bytes: int  # that a lane loads from shared memory at an address that all lanes share,
    own_bytes: int  # and at one of its own

    @property
    def instructions(self):
        return sum(self.kinds.values())

    def per_pair(self, amount):
        """The share of one candidate and cell in an amount of a passage."""
        return amount / (self.candidates * self.cells)

    @property
    def memory_bytes_per_pair(self):
        """Bytes that a warp fetches for one candidate and cell."""
        return self.fetched_bytes / (self.candidates * WARP_THREADS)


def target(instruction):
    """The address that a branch goes to; None for other instructions."""
    if instruction.base != "BRA":
        return None
    found = re.search(r"0x([0-9a-f]+)$", instruction.operands)
    return int(found[1], 16) if found else fail(f"a branch without an address: {instruction}")


def find_loops(code):
    """First and last index of what a backward branch under a predicate repeats."""
    index = {instruction.address: i for i, instruction in enumerate(code)}
    branches = [(i, target(instruction)) for i, instruction in enumerate(code) if instruction.guard]
    return [(index[to], i) for i, to in branches if to is not None and to <= code[i].address]


def find_cell_loop(name, code):
    """The loop over the cells of a batch, and the one over batches."""
    loops = find_loops(code)
    within = lambda inner, outer: inner != outer and outer[0] <= inner[0] and inner[1] <= outer[1]
    has = lambda loop, opcode: any(one.opcode.startswith(opcode) for one in code[loop[0] : loop[1] + 1])
    innermost = [loop for loop in loops if not any(within(other, loop) for other in loops)]
    taking = [loop for loop in innermost if has(loop, "MUFU.EX2")]
    pairs = [(cell, batch) for cell in taking for batch in loops if within(cell, batch) and has(batch, "LDGSTS")]
    if len(pairs) != 1:
        fail(f"{name} has {len(pairs)} innermost loops with MUFU.EX2 within a loop with LDGSTS: must be 1")
    return pairs[0]


def constant_of(instruction):
    """The bits to which an instruction sets a register; None if they are not in its text."""
    operands = instruction.operands.split(", ")
    if instruction.base == "HFMA2" and operands[1:3] == ["-RZ", "RZ"]:
        high, low = (struct.unpack("<H", struct.pack("<e", float(half)))[0] for half in operands[3:])
        return high << 16 | low
    if instruction.base in ("IMAD", "MOV", "UMOV") and set(operands[1:-1]) <= {"RZ"}:
        return 0 if operands[-1] in ("RZ", "URZ") else int(operands[-1], 16) if operands[-1].startswith("0x") else None
    return 0 if instruction.base == "CS2R" and operands[-1] == "SRZ" else None


def steps_of(body):
    """Registers to which a passage adds a constant, with that constant."""
    steps = {}
    for one in body:
        found = re.fullmatch(r"(U?R\d+), \1(?:\.reuse)?, (-?0x[0-9a-f]+)(?:, U?RZ)?", one.operands)
        if one.base in ("IADD3", "UIADD3", "VIADD") and found:
            steps[found[1]] = steps.get(found[1], 0) + int(found[2], 16)
    return steps


def count_passages(name, code, loop):
    """How often the body runs for a batch: from first value, step and limit of the one counter that it compares."""
    body = code[loop[0] : loop[1] + 1]
    steps = steps_of(body)
    compared = [re.search(r"PT, (U?R\d+)(?:\.reuse)?, (0x[0-9a-f]+|RZ), U?PT", one.operands) for one in body]
    tests = {(found[1], found[2]) for found in compared if found and found[1] in steps}
    if len(tests) != 1:
        fail(f"{name}: the loop compares counters with constants {len(tests)} times: must be 1")
    [(counter, limit)] = tests
    limit = 0 if limit == "RZ" else int(limit, 16)
    writes = [one for one in code[: loop[0]] if re.match(rf"{counter}\b", one.operands)]
    first = constant_of(writes[-1]) if writes else None
    if first is None or (limit - first) % steps[counter]:
        fail(f"{name}: cannot tell the first value of {counter} from {writes[-1:]}")
    return (limit - first) // steps[counter]


def find_skipped(name, body):
    """Indexes of the instructions that some passages jump over."""
    index = {one.address: i for i, one in enumerate(body)}
    skipped = set()
    for i, one in enumerate(body[:-1]):
        if one.base in ("BRX", "CALL", "EXIT", "JMP", "RET"):
            fail(f"{name}: the loop has {one}")
        to = target(one)
        if to is not None and index.get(to, -1) <= i:
            fail(f"{name}: a branch leaves the loop: {one}")
        skipped.update(range(i + 1, index[to]) if to is not None else ())
    return skipped


def kind_of(instruction):
    named = {"MUFU": "special", "LDS": "shared loads"}
    floats = re.match("F|D(ADD|FMA|MUL|SETP)", instruction.base)
    return named.get(instruction.base, "floating point" if floats else "other")


def width(instruction):
    """Bytes that a lane moves."""
    found = re.search(r"\.[SU]?(8|16|64|128)\b", instruction.opcode)
    return int(found[1]) // 8 if found else 4


def shared_loads(name, body, cells_bytes):
    """Bytes that a lane loads by pointers to the cells, which a passage moves on alike in all lanes, and by others."""
    steps, of_cells, others = steps_of(body), 0, 0
    for one in body:
        if kind_of(one) != "shared loads":
            continue
        register = re.search(r"\[(\w+)", one.operands)[1]
        if register not in steps:
            others += width(one)
            continue
        if steps[register] != cells_bytes:
            fail(f"{name}: a pointer to cells moves on by {steps[register]} bytes: must be {cells_bytes}")
        of_cells += width(one)
    return of_cells or fail(f"{name}: the loop loads no cells from shared memory"), others


def count(name, mangled, code, constants):
    """The counts of a kernel, whose first template argument of type int must be the candidates of a thread."""
    loop, batch = find_cell_loop(name, code)
    body, batch_cells = code[loop[0] : loop[1] + 1], constants["kBatchCells"]
    passages = count_passages(name, code, loop)
    if passages <= 0 or batch_cells % passages:
        fail(f"{name}: {passages} passages of a loop over {batch_cells} cells")
    candidates = re.search(r"ObjectiveKernelI.*?Li(\d+)E", mangled)
    if not candidates or not 1 <= int(candidates[1]) <= constants["kMaxCandidatesPerThread"]:
        fail(f"{name}: its first template argument of type int is not the candidates of a thread")
    skipped = find_skipped(name, body)
    kept = [one for i, one in enumerate(body) if i not in skipped]
    kinds = [kind_of(one) for one in body]
    fetched = [width(one) for one in code[batch[0] : batch[1] + 1] if one.base == "LDGSTS"]
    cell_bytes = sum(fetched) * WARP_THREADS / batch_cells
    counts = Counts(
        int(candidates[1]),
        batch_cells // passages,
        {kind: kinds.count(kind) for kind in KINDS},
        sum(one.opcode.startswith("MUFU.EX2") for one in body),
        len(kept),
        sum(kind_of(one) == "special" and not one.guard for one in kept),
        (batch[1] - batch[0] - (loop[1] - loop[0])) / passages,
        cell_bytes,
        *shared_loads(name, body, cell_bytes * (batch_cells // passages)),
    )
    if not PLAUSIBLE[0] <= counts.per_pair(counts.exponentials) <= PLAUSIBLE[1]:
        fail(f"{name}: {counts.per_pair(counts.exponentials)} exponentials per candidate and cell: must be in {PLAUSIBLE}")
    return counts
