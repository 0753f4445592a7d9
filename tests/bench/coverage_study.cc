// Studies how often the intervals of the service cover the truth: simulates data sets of many designs, fits each as
// ctxfitd would, and prints one row per design and quantity. Arguments: data sets per design and, optionally, a part of
// the names of the designs to run. See COVERAGE.md.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/prediction_source.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/predict.h"
#include "kernels/predict/solve.h"
#include "tests/bench/coverage_designs.h"

namespace ctxfit {
namespace {

constexpr double kConfidence = 0.95;
constexpr int kReplicates = 399;
constexpr double kNewItems = 50;

// The curve: within the observed range, beyond the largest compute, and at ten times the largest.
const PredictionPoints kCurve = {{1e23, 4e24, 2e25}, {1000, 10000, 3000}, {}};
// Points where new means are predicted, at expected scores of about 0.15, 0.4 and 0.8.
const PredictionPoints kNewMeans = {{5e21, 1e23, 5e23}, {500, 1000, 5000}, {}};
constexpr double kGridPrompts[] = {200, 600, 2000, 6000, 18000};
constexpr SolveQuery kQuery = {0, 3000, 0, {}};  // the compute that reaches the score of 1e24 FLOP on 3,000 tokens

struct Share {
  int covered = 0;
  int asked = 0;
};

// Counts by quantity. Quantities without an interval, such as bands that are withheld because the context exponent
// drifts, are not counted as asked.
class Tally {
 public:
  void Add(const std::string& quantity, const std::optional<Range>& interval, double truth) {
    if (!interval) return;
    Share& share = shares_[quantity];
    ++share.asked;
    share.covered += interval->lower <= truth && truth <= interval->upper;
  }
  void Add(const std::string& event, bool happened) {
    Share& share = shares_[event];
    ++share.asked;
    share.covered += happened;
  }
  void Add(const Tally& other) {
    for (const auto& [name, share] : other.shares_) {
      shares_[name].asked += share.asked;
      shares_[name].covered += share.covered;
    }
  }
  void Print(const std::string& design) const {
    for (const auto& [name, share] : shares_) {
      std::printf("%s;%s;%.1f;%d\n", design.c_str(), name.c_str(), 100.0 * share.covered / share.asked, share.asked);
    }
    std::fflush(stdout);
  }

 private:
  std::map<std::string, Share> shares_;
};

PredictionPoints WithLimit(PredictionPoints points, double limit) {
  points.limit.assign(points.size(), limit);
  return points;
}

PredictionPoints Grid(const Design& design) {
  PredictionPoints points;
  for (const double compute : design.computes) {
    for (const double prompt : kGridPrompts) {
      points.compute.push_back(compute);
      points.prompt.push_back(prompt);
    }
  }
  return WithLimit(points, design.limit);
}

double TruthAt(const Design& design, const PredictionPoints& points, std::size_t i) {
  return ExpectedScore(design, points.compute[i], points.prompt[i]);
}

// The true values of estimates, by name. Under a drift, A, B and both exponents are those at the reference.
std::map<std::string, double> TrueParameters(const Law& law) {
  std::map<std::string, double> truth;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const auto coordinate = static_cast<Coordinate>(i);
    truth[std::string(ParameterName(coordinate, law.penalty.form))] =
        ToParameter(coordinate, law.point.at[i], law.penalty);
  }
  const auto scale = [&](double reference, Coordinate coefficient, Coordinate exponent) {
    return reference * std::exp(-law.point.at[coefficient] / law.point.at[exponent]);
  };
  truth["characteristic_compute_flops"] = scale(law.references.compute_flops, kLogComputeCoefficient, kComputeExponent);
  truth["characteristic_prompt_tokens"] = scale(law.references.prompt_tokens, kLogContextCoefficient, kContextExponent);
  return truth;
}

// The band of a point, unless it is withheld.
std::optional<Range> BandAt(const Predictions& predictions, std::size_t i, const std::vector<double>& lower,
                            const std::vector<double>& upper) {
  if (predictions.IsWithheld(i)) return std::nullopt;
  return Range{lower[i], upper[i]};
}

void TallyPredictions(const Design& design, const PredictionSource& source, std::mt19937_64& random, Tally& tally) {
  const auto predict = [&](const PredictionPoints& points, const BandOptions& options) {
    return PredictWithBands(BestVectorKernels(), source, points, options, StopSignal(), 1).value();
  };
  const PredictionPoints curve = WithLimit(kCurve, design.limit);
  const Predictions bands = predict(curve, {});
  constexpr const char* kNames[] = {"curve within", "curve beyond", "curve far beyond"};
  for (std::size_t i = 0; i < curve.size(); ++i) {
    tally.Add(kNames[i], BandAt(bands, i, bands.mean_lower, bands.mean_upper), TruthAt(design, curve, i));
  }

  const PredictionPoints grid = Grid(design);
  const Predictions jointly = predict(grid, {.simultaneous = true});
  bool all = true;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double truth = TruthAt(design, grid, i);
    tally.Add("30 pointwise", BandAt(jointly, i, jointly.mean_lower, jointly.mean_upper), truth);
    all = all && jointly.simultaneous_lower[i] <= truth && truth <= jointly.simultaneous_upper[i];
  }
  tally.Add("30 jointly", all);

  const PredictionPoints new_means = WithLimit(kNewMeans, design.limit);
  const Predictions new_bands = predict(new_means, {.new_mean_items = kNewItems});
  constexpr const char* kNewNames[] = {"new mean, low", "new mean, middle", "new mean, high"};
  for (std::size_t i = 0; i < new_means.size(); ++i) {
    const double drawn = DrawNewMean(design, new_means.compute[i], new_means.prompt[i], kNewItems, random);
    tally.Add(kNewNames[i], BandAt(new_bands, i, new_bands.new_mean_lower, new_bands.new_mean_upper), drawn);
  }
}

void TallySolution(const Design& design, const PredictionSource& source, Tally& tally) {
  constexpr double kTruth = 1e24;
  SolveQuery query = kQuery;
  query.limit = design.limit;
  query.target = ExpectedScore(design, kTruth, query.given);
  const Solution solution = Solve(source, Variable::kCompute, {query}, kConfidence, StopSignal()).value().front();
  if (!solution.least || solution.IsWithheld()) return;
  const double upper = solution.least->upper.value_or(HUGE_VAL);
  tally.Add("compute for a target", Range{solution.least->lower.value_or(0), upper}, kTruth);
}

void Examine(const Design& design, int set, Backend& backend, Tally& tally) {
  std::mt19937_64 random(static_cast<std::uint64_t>(set) + 1);
  FitOptions options = design.options;
  options.seed = static_cast<std::uint64_t>(set);
  options.bootstrap.replicates = kReplicates;
  const std::vector<Observations> tasks =
      ValidateAndSplit(DrawSet(design, random), options.bootstrap.resampling).value();
  const TaskFit fit = FitTask(backend, tasks[0], options, StopSignal()).value();
  const std::map<std::string, double> truth = TrueParameters(design.truth);
  for (const Estimate& estimate : fit.estimates) {
    if (!estimate.fixed) tally.Add(estimate.name, estimate.interval, truth.at(estimate.name));
  }
  const PredictionSource source = PredictionSourceOf(fit);
  tally.Add("has intervals", !source.replicates.empty());
  const auto is_note = [](const std::string& warning) {
    return absl::StrContains(warning, "may be too narrow") || absl::StrContains(warning, "widened for so few") ||
           absl::StrContains(warning, "is not the same at every compute");
  };
  const std::vector<std::string>& warnings = fit.diagnostics.warnings;
  tally.Add("noted", std::any_of(warnings.begin(), warnings.end(), is_note));
  if (source.replicates.empty()) return;
  TallyPredictions(design, source, random, tally);
  TallySolution(design, source, tally);
}

Tally ExamineSets(const Design& design, int sets) {
  Tally total;
  std::mutex mutex;
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
      Tally own;
      for (int set = next++; set < sets; set = next++) Examine(design, set, *backend, own);
      const std::lock_guard<std::mutex> lock(mutex);
      total.Add(own);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return total;
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  const int sets = argc >= 2 ? std::atoi(argv[1]) : 0;
  if (sets <= 0 || argc > 3) {
    std::fprintf(stderr, "usage: coverage_study SETS [PART OF A DESIGN'S NAME]\n");
    return 2;
  }
  const absl::string_view part = argc == 3 ? argv[2] : "";
  std::printf("design;quantity;percent;sets\n");
  for (const ctxfit::Design& design : ctxfit::CoverageDesigns()) {
    if (!absl::StrContains(design.name, part)) continue;
    ctxfit::ExamineSets(design, sets).Print(design.name);
  }
  return 0;
}
