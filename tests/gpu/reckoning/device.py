"""What the documentation says of a multiprocessor of compute capability 9.0, and how many warps of a kernel it holds.

Source of the figures unless stated otherwise: CUDA C++ Programming Guide, "Compute Capabilities" and "Arithmetic
Instructions". Units of allocation are those of the occupancy calculator of Nsight Compute.
"""

WARP_THREADS = 32
MAX_WARPS, MAX_BLOCKS = 64, 32
REGISTERS, REGISTER_UNIT, WARP_UNIT = 65536, 256, 4
SHARED_BYTES, SHARED_UNIT, SHARED_RESERVED = 228 * 1024, 128, 1024

# Results of a clock: of all instructions, of the special functions, and bytes that shared memory delivers to registers.
LANES, SPECIAL_LANES, SHARED_BYTES_PER_CLOCK = 128, 16, 128

# NVIDIA's data sheets of H100 SXM and H200 SXM. They state 67 TFLOPS of single precision, which are 2 operations in each
# of 128 lanes at this clock.
MULTIPROCESSORS, CLOCK_HZ = 132, 1.98e9
MEMORY_BYTES_PER_SECOND = {"H100": 3.35e12, "H200": 4.8e12}


def round_up(value, unit):
    return -(-value // unit) * unit


def occupancy(threads, registers, shared_bytes):
    """The warps that a multiprocessor holds at a time, and what limits them; all of shared memory is granted."""
    block_warps = round_up(threads, WARP_THREADS) // WARP_THREADS
    warp_registers = round_up(registers * WARP_THREADS, REGISTER_UNIT)
    warps_by_registers = REGISTERS // warp_registers // WARP_UNIT * WARP_UNIT
    blocks = {
        "warps": MAX_WARPS // block_warps,
        "registers": warps_by_registers // block_warps,
        "shared memory": SHARED_BYTES // round_up(shared_bytes + SHARED_RESERVED, SHARED_UNIT),
        "blocks": MAX_BLOCKS,
    }
    limit = min(blocks, key=blocks.get)
    return blocks[limit] * block_warps, limit
