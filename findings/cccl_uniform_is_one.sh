#!/bin/bash
# Thrust and libcu++: uniform floats in [0, 1) are 1 about three times in 10^8, and exponential weights of a Bayesian
# bootstrap infinite: a replicate's mean is NaN.
#
# Date      2026-11-30
# Packages  nvidia-cuda-cccl 13.3.5.0.6 (PyPI), compiled by g++ for Thrust's CPP backend
# Guess     thrust::uniform_real_distribution<float>(0, 1) lies in [0, 1), as it promises, and is never 1.
#           Hence -log(1 - u) is finite.
# Behaviour A draw of 31 or 32 bits is rounded to a float of 24, and near the top up to the denominator, whose 1 is lost in
#           rounding. The first 1 of Thrust's default engine is draw 3,250,876: of 65,500 records, in replicate 49.
#           libcu++'s exponential_distribution<float> over Philox, whose uniform has the same rounding, has its first
#           infinity at draw 28,948,630: replicate 441. With double none was met.
# Output    Thrust, float: draw 3250876 is 1, its weight inf
#           Thrust, float: replicates of 65500 records with a mean of NaN: 49, of 50
#           Thrust, double: no draw of the first 4000000 is 1
#           libcu++, float: exponential draw 28948630 is inf
# To do     Draw doubles, or draw u in (0, 1] as (k + 1) 2^-24 of the upper 24 bits and take -log(u); check that replicates
#           are finite before a percentile is taken.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check nvidia-cuda-cccl==13.3.5.0.6
headers=$(dirname "$(find venv -path '*/cccl/thrust/version.h')" | xargs dirname)

cat >show.cc <<'END'
#include <thrust/random.h>

#include <cmath>
#include <cstdio>
#include <cuda/std/random>

constexpr long kRecords = 65'500;

template <typename Real>
long FirstOne(long draws) {
  thrust::default_random_engine engine;
  thrust::uniform_real_distribution<Real> uniform(0, 1);
  for (long draw = 0; draw < draws; ++draw) {
    if (uniform(engine) >= 1) return draw;
  }
  return -1;
}

void ShowReplicates(int replicates) {
  thrust::default_random_engine engine;
  thrust::uniform_real_distribution<float> uniform(0, 1);
  std::printf("Thrust, float: replicates of %ld records with a mean of NaN:", kRecords);
  for (int replicate = 0; replicate < replicates; ++replicate) {
    double sum = 0;
    double weighted = 0;
    for (long record = 0; record < kRecords; ++record) {
      const float weight = -std::log(1.0F - uniform(engine));
      sum += weight;
      weighted += weight * (record % 2);
    }
    if (std::isnan(weighted / sum)) std::printf(" %d,", replicate);
  }
  std::printf(" of %d\n", replicates);
}

int main() {
  const long one = FirstOne<float>(4'000'000);
  thrust::default_random_engine engine;
  engine.discard(one);
  const float draw = thrust::uniform_real_distribution<float>(0, 1)(engine);
  std::printf("Thrust, float: draw %ld is %g, its weight %g\n", one, draw, -std::log(1.0F - draw));
  ShowReplicates(50);
  if (FirstOne<double>(4'000'000) < 0) std::printf("Thrust, double: no draw of the first 4000000 is 1\n");
  cuda::std::philox4x32 philox;
  cuda::std::exponential_distribution<float> exponential(1);
  for (long draw = 0; draw < 30'000'000; ++draw) {
    if (std::isinf(exponential(philox))) {
      std::printf("libcu++, float: exponential draw %ld is inf\n", draw);
      break;
    }
  }
}
END
g++ -std=c++17 -O2 -DTHRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP -isystem "$headers" show.cc -o show
./show | tee seen
diff - seen <<'END' || { echo "The behaviour has changed." >&2; exit 1; }
Thrust, float: draw 3250876 is 1, its weight inf
Thrust, float: replicates of 65500 records with a mean of NaN: 49, of 50
Thrust, double: no draw of the first 4000000 is 1
libcu++, float: exponential draw 28948630 is inf
END
