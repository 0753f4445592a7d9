#!/bin/bash
# JAX: an array of model sizes in int64 loses its upper 32 bits: 13e9 becomes 115,098,112, and the fit of a law goes on.
#
# Date      2026-12-01
# Packages  jax 0.10.2, jaxlib 0.10.2, numpy 2.4.6 (PyPI)
# Guess     Without jax_enable_x64 a NumPy array of integers that do not fit in int32 is refused, as a Python integer is,
#           or converted with a warning.
# Behaviour The Python integer raises OverflowError. The array wraps, with warnings shown and none given. 13e9 is then a
#           plausible size, and 7e9 negative, whose logarithm is NaN. A slope over sizes whose wrapped values are
#           positive is finite and wrong: an exponent of 0.09 where it was 0.30.
# Output    Python integer: OverflowError
#           array: [70000000, 400000000, 1400000000, 115098112]
#           logarithm of 7e9: nan
#           warnings: 0
#           exponent of integers 0.09, of floats 0.30
# To do     Convert sizes and tokens to floats in NumPy before JAX sees them.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cat >show.py <<'END'
import warnings

import jax.numpy as jnp
import numpy

sizes = numpy.array([70_000_000, 400_000_000, 1_400_000_000, 13_000_000_000])
log_reducible = numpy.log(400 * sizes.astype(float) ** -0.3)
try:
    jnp.asarray(13_000_000_000)
except OverflowError:
    print("Python integer: OverflowError")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("array:", jnp.asarray(sizes).tolist())
    print("logarithm of 7e9:", float(jnp.log(numpy.array([7_000_000_000]))[0]))
    wrapped = jnp.polyfit(jnp.log(sizes), jnp.asarray(log_reducible), 1)[0]
    right = jnp.polyfit(jnp.log(sizes.astype(float)), jnp.asarray(log_reducible), 1)[0]
print("warnings:", len(caught))
print(f"exponent of integers {-wrapped:.2f}, of floats {-right:.2f}")
END
venv/bin/python show.py | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
Python integer: OverflowError
array: [70000000, 400000000, 1400000000, 115098112]
logarithm of 7e9: nan
warnings: 0
exponent of integers 0.09, of floats 0.30
END
