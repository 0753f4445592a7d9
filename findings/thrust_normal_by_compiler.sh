#!/bin/bash
# Thrust: normal_distribution gives other numbers when g++ compiles the file than when nvcc does, for the same seed, and on
# the host too. A reference on the CPU backend does not check what the GPU draws.
#
# Date      2026-11-30
# Packages  nvidia-cuda-nvcc, -crt, -runtime and nvidia-nvvm 13.0, nvidia-cuda-cccl 13.0.85 (PyPI)
# Guess     The engine and the distributions are Thrust's own, so that one seed gives one sequence: on the CPP backend, and in
#           host code that nvcc compiles. uniform_real_distribution and normal_distribution alike.
# Behaviour Engine and uniform agree to the bit. normal_distribution is chosen by the preprocessor: nvcc, for host code as
#           for device code, takes the inverse error function of one draw; g++ takes two draws for two numbers, and keeps
#           the second inside the distribution. With engine.discard(i), the usual recipe for parallel draws, neighbours
#           then share a draw: the one after |x| > 2.5 has a mean of 1.2, not 0.
# Output    g++:  uniform 0.000157 0.595227 0.209468, normal 0.094695 1.726408 -0.640120,
#             mean of the draw next to one beyond 2.5: 1.2
#           nvcc: uniform 0.000157 0.595227 0.209468, normal -0.702194 0.757717 -0.445918,
#             mean of the draw next to one beyond 2.5: 0.0
# To do     Generate normals from uniform draws by code of one's own wherever CPU and GPU are to be compared.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 \
  nvidia-nvvm==13.0.88 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85
toolkit=$(dirname "$(find "$PWD/venv" -path '*/bin/nvcc')" | xargs dirname)

cat >show.cc <<'END'
#include <thrust/random.h>

#include <cmath>
#include <cstdio>

double DrawAt(long index) {
  thrust::default_random_engine engine(7);
  engine.discard(index);
  return thrust::normal_distribution<double>(0, 1)(engine);
}

int main() {
  thrust::default_random_engine engine(7);
  thrust::uniform_real_distribution<double> uniform(0, 1);
  std::printf("uniform");
  for (int draw = 0; draw < 3; ++draw) std::printf(" %.6f", uniform(engine));
  std::printf(", normal");
  thrust::normal_distribution<double> normal(0, 1);
  for (int draw = 0; draw < 3; ++draw) std::printf(" %.6f", normal(engine));
  double sum = 0;
  long count = 0;
  for (long index = 0; index < 500'000; ++index) {
    if (std::abs(DrawAt(index)) < 2.5) continue;
    sum += DrawAt(index + 1);
    ++count;
  }
  std::printf(", mean of the draw next to one beyond 2.5: %.1f\n", std::round(10 * sum / count) / 10 + 0.0);
}
END
g++ -std=c++17 -O2 -DTHRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP -isystem "$toolkit/include/cccl" show.cc -o by_g++
cp show.cc show.cu
"$toolkit/bin/nvcc" -std=c++17 -O2 -isystem "$toolkit/include/cccl" -L"$toolkit/lib" show.cu -o by_nvcc
{
  echo "g++:  $(./by_g++)"
  echo "nvcc: $(./by_nvcc)"
} | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
g++:  uniform 0.000157 0.595227 0.209468, normal 0.094695 1.726408 -0.640120, mean of the draw next to one beyond 2.5: 1.2
nvcc: uniform 0.000157 0.595227 0.209468, normal -0.702194 0.757717 -0.445918, mean of the draw next to one beyond 2.5: 0.0
END
