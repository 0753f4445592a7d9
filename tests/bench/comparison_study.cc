// Studies the tests of one law for two groups: how often they reject it, at 5 %, on pairs of groups with few to many
// clusters whose rows share an error. Prints a table with one row per number of clusters:
//
//   Wald, F  pairs of equal laws that the test rejects, in percent: its size, which should be 5
//   +0.2     pairs whose context exponents differ by 0.2 that the test rejects, in percent: its power
//
// A dash stands where no pair has the test. Arguments: pairs per number of clusters and, optionally, replicates.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/comparison.h"
#include "tests/kernels/two_groups.h"

namespace ctxfit {
namespace {

constexpr int kClusters[] = {5, 6, 8, 12, 40};  // clusters of each group
constexpr double kClusterError = 0.03;          // standard deviation of the error that the rows of a cluster share
constexpr double kRise = 0.2;                   // difference of the context exponents
constexpr double kLevel = 0.05;

struct PValues {
  std::optional<double> wald;
  std::optional<double> f;
};

PValues ComparePair(int number, int clusters, double rise, int replicates) {
  ComparisonOptions options = FewReplicates(replicates);
  options.fit.penalty.form = Penalty::Form::kNone;
  const std::vector<Observations> tasks = ValidateAndSplit(SimulatePair(number, clusters, rise, kClusterError)).value();
  const Comparison comparison = CompareGroups(*MakeCpuBackend(1), tasks, options, StopSignal()).value().front();
  PValues values;
  if (comparison.wald.test) values.wald = comparison.wald.test->p_value;
  if (comparison.f.test) values.f = comparison.f.test->p_value;
  return values;
}

// The pairs that a test rejects, in percent of those that have it.
std::string Rejected(const std::vector<PValues>& pairs, std::optional<double> PValues::*test) {
  int tested = 0;
  int rejected = 0;
  for (const PValues& values : pairs) {
    tested += (values.*test).has_value();
    rejected += (values.*test).value_or(1) < kLevel;
  }
  return tested > 0 ? absl::StrFormat("%.1f", 100.0 * rejected / tested) : "-";
}

void Study(int pairs, int replicates) {
  ThreadPool pool(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  absl::PrintF("| clusters per group | Wald | F | Wald, +0.2 | F, +0.2 |\n|---|---|---|---|---|\n");
  for (const int clusters : kClusters) {
    std::vector<PValues> equal(pairs);
    std::vector<PValues> unequal(pairs);
    pool.ParallelFor(pairs, StopSignal(),
                     [&](std::size_t pair, int) {
                       equal[pair] = ComparePair(static_cast<int>(pair), clusters, 0, replicates);
                       unequal[pair] = ComparePair(static_cast<int>(pair), clusters, kRise, replicates);
                     })
        .IgnoreError();
    absl::PrintF("| %d | %s | %s | %s | %s |\n", clusters, Rejected(equal, &PValues::wald),
                 Rejected(equal, &PValues::f), Rejected(unequal, &PValues::wald), Rejected(unequal, &PValues::f));
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  int pairs = 0;
  int replicates = 200;
  if (argc < 2 || argc > 3 || !absl::SimpleAtoi(argv[1], &pairs) || pairs < 1 ||
      (argc == 3 && !absl::SimpleAtoi(argv[2], &replicates))) {
    absl::FPrintF(stderr, "usage: comparison_study PAIRS [REPLICATES]\n");
    return 2;
  }
  ctxfit::Study(pairs, replicates);
  return EXIT_SUCCESS;
}
