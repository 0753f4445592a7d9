#!/bin/bash
# numba-cuda: the simulator adds floats in single precision, and wraps 32-bit integers, where the compiled kernel uses
# double precision and 64 bits.
#
# Date      2026-11-30
# Packages  numba-cuda 0.30.4, numba 0.68.1, nvidia-nvvm 13.5.37, nvidia-cuda-runtime 13.5.37, nvidia-cuda-nvrtc
#           13.5.37, numpy 2.4.6 (PyPI)
# Guess     Arithmetic under NUMBA_ENABLE_CUDASIM=1 is the device's: products of float32 round to float32, and int32
#           wraps.
# Behaviour The simulator runs the kernel's Python with NumPy's scalars. By NumPy 2's rules a Python float gives way:
#           0.0 + float32 is float32, and int32 * int32 is int32. Numba's compiler makes float64 and int64 of the same
#           lines: the PTX has no addition in single precision at all. So a sum of 1,000 scores of 0.1 is off by 1e-3 in
#           the simulator and by 1e-6, the rounding of 0.1, in compiled code; an index or a step of a random generator
#           wraps in one and not in the other. A tolerance found in CI, where the simulator runs, is not the device's.
# Output    simulator: sum 99.999046, 65537 * 65537 = 131073
#           compiled for the CPU: sum 100.000001, 65537 * 65537 = 4295098369
#           compiled for the GPU: add.f64 True, add.f32 False
# To do     State types in kernels, numpy.float64(0) and int64(x), and hold njit, which has the compiler's rules,
#           against the reference.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check numba-cuda==0.30.4 numba==0.68.1 numpy==2.4.6 \
  nvidia-nvvm==13.5.37 nvidia-cuda-runtime==13.5.37 nvidia-cuda-nvrtc==13.5.37

cat >show.py <<'END'
import os
import subprocess
import sys
import warnings

import numpy
from numba import cuda, float32, float64, njit, void


def kernel(scores, out):
    total = 0.0
    for i in range(scores.size):
        total += scores[i]
    out[0] = total
    step = numpy.int32(65537)
    out[1] = step * step


scores = numpy.full(1000, 0.1, numpy.float32)
out = numpy.zeros(2)
warnings.simplefilter("ignore")
if len(sys.argv) > 1:
    cuda.jit(kernel)[1, 1](scores, out)
    print(f"simulator: sum {out[0]:.6f}, 65537 * 65537 = {out[1]:.0f}")
    sys.exit()
subprocess.run([sys.executable, __file__, "simulate"], env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}, check=True)
njit(kernel)(scores, out)
print(f"compiled for the CPU: sum {out[0]:.6f}, 65537 * 65537 = {out[1]:.0f}")
ptx, _ = cuda.compile_ptx(kernel, void(float32[::1], float64[::1]), cc=(8, 0))
print(f"compiled for the GPU: add.f64 {'add.f64' in ptx}, add.f32 {'add.f32' in ptx}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
simulator: sum 99.999046, 65537 * 65537 = 131073
compiled for the CPU: sum 100.000001, 65537 * 65537 = 4295098369
compiled for the GPU: add.f64 True, add.f32 False
END
