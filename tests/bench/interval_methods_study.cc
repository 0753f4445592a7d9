// Studies the coverage of the intervals of other methods: simulates data sets of several designs, fits each under every
// way of resampling, and prints one row per design, method and quantity. Argument: data sets per design. See
// COVERAGE.md.

#include <Eigen/Dense>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/intervals/intervals.h"
#include "kernels/statistics/numerics/distributions.h"
#include "tests/bench/simulated_sets.h"
#include "tests/kernels/contribution.h"

namespace ctxfit {
namespace {

constexpr double kConfidence = 0.95;
constexpr int kReplicates = 399;
const Law kTruth = TrueLaw();

// A design: `runs` runs of `items` items, each scored by every model.
struct Design {
  std::string name;
  std::vector<double> computes;
  int runs;
  int items;
  double run_sd;    // standard deviation of the effect that the rows of a run share
  double model_sd;  // standard deviation of the effect that the rows of a model share
  double row_sd;    // standard deviation of the rest; 0 for 0/1 scores, whose probability is the law and both effects
};

std::vector<Design> Designs() {
  return {{"independent records", SixComputes(), 60, 2, 0, 0, 0.06},
          {"60 clusters with shared effects", SixComputes(), 60, 2, 0.03, 0, 0.05},
          {"12 clusters with shared effects", SixComputes(), 12, 10, 0.03, 0, 0.05},
          {"0/1 scores, 60 clusters with shared effects", SixComputes(), 60, 5, 0.03, 0, 0},
          {"60 clusters and model effects, 12 models", TwelveComputes(), 60, 1, 0.03, 0.02, 0.05},
          {"two computes, 60 clusters with shared effects", {7.8e22, 1.52e23}, 60, 6, 0.03, 0, 0.05}};
}

ObservationTable DrawSet(const Design& design, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<double> model_effects;
  for (std::size_t m = 0; m < design.computes.size(); ++m) model_effects.push_back(design.model_sd * normal(random));
  ObservationTable table;
  for (int run = 0; run < design.runs; ++run) {
    const double run_effect = design.run_sd * normal(random);
    const double block = DrawBlock(random);
    for (int item = 0; item < design.items; ++item) {
      const double prompt = DrawPrompt(block, random);
      for (std::size_t m = 0; m < design.computes.size(); ++m) {
        const double mean =
            Predict(kTruth, design.computes[m], prompt, kBeyondEveryPrompt) + run_effect + model_effects[m];
        const double score = design.row_sd > 0 ? mean + design.row_sd * normal(random) : Uniform(random) < mean;
        AddRow(design.computes[m], prompt, kBeyondEveryPrompt, score, table);
        table.cluster.push_back(std::to_string(run));
      }
    }
  }
  return table;
}

// A quantity of a law, as a function of its coordinates.
using Quantity = std::function<double(const Point&)>;

double PredictAt(const Point& point, double compute, double prompt) {
  return Predict({point, kTruth.references, kTruth.penalty}, compute, prompt, kBeyondEveryPrompt);
}

// ln of the compute at which the law reaches the score that the true one reaches at 1e24; beyond all computes where it
// never does.
double LogComputeForTarget(const Point& point) {
  constexpr double kPrompt = 3000;
  constexpr double kNever = 1e6;
  const double target = PredictAt(kTruth.point, 1e24, kPrompt);
  const double context = Saturate(LogRate(point.at[kLogContextCoefficient], point.at[kContextExponent],
                                          std::log(kPrompt / kTruth.references.prompt_tokens)));
  if (target >= context || !(point.at[kComputeExponent] > 0)) return kNever;
  return (std::log(-std::log1p(-target / context)) - point.at[kLogComputeCoefficient]) / point.at[kComputeExponent];
}

std::map<std::string, Quantity> Quantities() {
  const auto scale = [](double reference, Coordinate coefficient, Coordinate exponent) {
    return [=](const Point& p) { return std::log(reference) - p.at[coefficient] / p.at[exponent]; };
  };
  return {{"ln A", [](const Point& p) { return p.at[kLogComputeCoefficient]; }},
          {"ln B", [](const Point& p) { return p.at[kLogContextCoefficient]; }},
          {"ln C*", scale(kTruth.references.compute_flops, kLogComputeCoefficient, kComputeExponent)},
          {"ln n*", scale(kTruth.references.prompt_tokens, kLogContextCoefficient, kContextExponent)},
          {"alpha", [](const Point& p) { return p.at[kComputeExponent]; }},
          {"beta", [](const Point& p) { return p.at[kContextExponent]; }},
          {"curve within", [](const Point& p) { return PredictAt(p, 1e23, 1000); }},
          {"curve beyond", [](const Point& p) { return PredictAt(p, 4e24, 10000); }},
          {"compute for a target", LogComputeForTarget}};
}

// The standard error by the delta method under a covariance of the coordinates.
double DeltaError(const Quantity& quantity, const Point& point, const Sandwich& covariance) {
  return covariance.StandardError(GradientOf(quantity, point).by);
}

// sigma^2 (J' J)^-1: what curve_fit of SciPy reports.
Sandwich IndependentCovariance(const Cells& cells, const Point& point) {
  const NormalEquations equations = Linearize(cells, point);
  Eigen::Matrix4d hessian;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j <= i; ++j) hessian(i, j) = hessian(j, i) = equations.jtj[PackedIndex(i, j)];
  }
  const Eigen::Matrix4d inverse = hessian.inverse();
  const double variance = ResidualVariance(cells, equations.cost + cells.within_cost, 4);
  Sandwich covariance{};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) covariance.covariance[i * kCoordinateCount + j] = variance * inverse(i, j);
  }
  return covariance;
}

// Counts how often each method's interval covers each quantity.
class Tally {
 public:
  void Add(const std::string& method, const std::string& quantity, const Range& interval, double truth) {
    covered_[method][quantity] += interval.lower <= truth && truth <= interval.upper;
  }

  void Print(const std::string& design, int sets) const {
    for (const auto& [method, quantities] : covered_) {
      for (const auto& [quantity, count] : quantities) {
        std::printf("%s;%s;%s;%.1f\n", design.c_str(), method.c_str(), quantity.c_str(), 100.0 * count / sets);
      }
    }
    std::fflush(stdout);
  }

 private:
  std::map<std::string, std::map<std::string, int>> covered_;
};

struct Mode {
  Resampling resampling;
  const char* bootstrap;
  const char* check;  // by the delta method; null for none
};

void Examine(const ObservationTable& table, Backend& backend, std::uint64_t seed, Tally& tally) {
  constexpr Mode kModes[] = {{Resampling::kRecord, "bootstrap over records", nullptr},
                             {Resampling::kCluster, "bootstrap over clusters (default)", "sandwich over clusters, t"},
                             {Resampling::kTwoWay, "bootstrap, two-way", "sandwich, two-way, t"}};
  constexpr bool kMovable[kCoordinateCount] = {true, true, true, true};
  for (const Mode& mode : kModes) {
    FitOptions options;
    options.seed = seed;
    options.compute_reference_flops = kTruth.references.compute_flops;
    options.prompt_reference_tokens = kTruth.references.prompt_tokens;
    options.bootstrap = {kReplicates, kConfidence, mode.resampling, WeightKind::kExponential};
    const std::vector<Observations> tasks = ValidateAndSplit(table, mode.resampling).value();
    const TaskFit fit = FitTasks(backend, tasks, options, StopSignal(), [](const FitProgress&) {}).value().at(0);
    const Cells cells = Collapse(tasks[0], kTruth.references, options.penalty, Units::kKeep);
    const std::optional<Sandwich> sandwich = ClusterSandwich(cells, Linearize(cells, fit.law.point, Curvature::kFisher),
                                                             kMovable, fit.law.point, AllContribute(cells));
    const std::optional<Influence> influence =
        MeasureInfluence(cells, Linearize(cells, fit.law.point, Curvature::kFisher), kMovable, fit.law.point);
    const Sandwich independent = IndependentCovariance(cells, fit.law.point);
    for (const auto& [name, quantity] : Quantities()) {
      const double truth = quantity(kTruth.point);
      const double value = quantity(fit.law.point);
      const auto around = [value](double half) {
        return std::isfinite(half) ? Range{value - half, value + half} : Range{-HUGE_VAL, HUGE_VAL};
      };
      std::vector<double> replicates;
      for (const Point& point : fit.replicates.points) replicates.push_back(quantity(point));
      const IntervalTail tail = ExpandedTail(kConfidence, fit.bootstrap.units, replicates.size());
      tally.Add(mode.bootstrap, name, PercentileInterval(replicates, tail), truth);
      if (mode.resampling == Resampling::kCluster && influence) {
        const double acceleration = Acceleration(*influence, GradientOf(quantity, fit.law.point).by);
        const Range levels = BcaProbabilities(replicates, value, acceleration, tail.probability);
        tally.Add("bootstrap over clusters, BCa", name, QuantileInterval(replicates, levels), truth);
      }
      if (mode.resampling == Resampling::kRecord) {
        const double half = 1.96 * DeltaError(quantity, fit.law.point, independent);
        tally.Add("J'J covariance (curve_fit)", name, around(half), truth);
      }
      if (mode.check == nullptr || !sandwich) continue;
      const double t = StudentQuantile(kConfidence, sandwich->degrees_of_freedom);
      tally.Add(mode.check, name, around(t * DeltaError(quantity, fit.law.point, *sandwich)), truth);
    }
  }
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  const int sets = argc == 2 ? std::atoi(argv[1]) : 0;
  if (sets <= 0) {
    std::fprintf(stderr, "usage: interval_methods_study SETS\n");
    return 2;
  }
  const std::unique_ptr<ctxfit::Backend> backend = ctxfit::MakeCpuBackend();
  std::printf("design;method;quantity;coverage\n");
  for (const ctxfit::Design& design : ctxfit::Designs()) {
    ctxfit::Tally tally;
    for (int set = 0; set < sets; ++set) {
      std::mt19937_64 random(static_cast<std::uint64_t>(set) + 1);
      ctxfit::Examine(ctxfit::DrawSet(design, random), *backend, static_cast<std::uint64_t>(set), tally);
    }
    tally.Print(design.name, sets);
  }
  return 0;
}
