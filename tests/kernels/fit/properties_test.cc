// Changes of a request that must not change a fit: the units of compute and prompts, the scale of weights, the order of
// rows, other tasks, records of vanishing weight, held-out records, and a known floor and ceiling.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/options.h"
#include "kernels/objective/linearization.h"
#include "kernels/predict/predictions.h"
#include "tests/kernels/same_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// The largest difference, in standard errors, between two fits of a problem whose input differs by rounding. The
// refinement compares costs: a point d standard errors from the optimum costs d^2 sigma^2 more than N sigma^2, which is
// seen as long as d > sqrt(N epsilon), and that is 4e-7 for the 600 records of the largest design. Either fit ends
// within it. Replicates take the same steps from there.
constexpr double kRounding = 1e-6;

// The difference between fits whose input does not differ at all: none, to the bit.
constexpr double kSameBits = 0;

// A simulated set, with weights of 1 to 9 or without.
struct Design {
  const char* name;
  Simulation simulation;
  bool weighted = false;
};

void PrintTo(const Design& design, std::ostream* out) { *out << design.name; }

Design Make(const char* name, unsigned seed, const std::function<void(Design&)>& change) {
  Design design{name, {}};
  design.simulation.seed = seed;
  change(design);
  return design;
}

const Design kDesigns[] = {
    Make("Records", 1, [](Design&) {}),
    Make("Clusters", 2, [](Design& d) { d.simulation.clusters = 35; }),
    Make("WeightedClusters", 3,
         [](Design& d) {
           d.simulation.clusters = 20;
           d.simulation.distinct_prompts = false;
           d.weighted = true;
         }),
    Make("Noisy", 4,
         [](Design& d) {
           d.simulation.noise = 0.1;
           d.simulation.per_model = 120;
         }),
};

ObservationTable TableOf(const Design& design) {
  ObservationTable table = Simulate(design.simulation);
  if (!design.weighted) return table;
  std::mt19937 random(design.simulation.seed + 100);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.weight.push_back(static_cast<double>(1 + random() % 9));
  }
  return table;
}

FitOptions FewReplicates() {
  FitOptions options;
  options.bootstrap.replicates = 100;
  return options;
}

std::vector<TaskFit> FitAll(const ObservationTable& table, const FitOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {}).value();
}

TaskFit FitOne(const ObservationTable& table, const FitOptions& options = FewReplicates()) {
  return FitAll(table, options).at(0);
}

void MultiplyBy(double factor, std::vector<double>& column) {
  for (double& value : column) value *= factor;
}

// Puts the rows of `more` behind those of `table`; both have the same columns.
void Append(const ObservationTable& more, ObservationTable& table) {
  const auto append = [&](auto column) {
    for (std::size_t row = 0; row < (more.*column).size(); ++row) (table.*column).push_back((more.*column)[row]);
  };
  append(&ObservationTable::training_compute_flops);
  append(&ObservationTable::prompt_tokens);
  append(&ObservationTable::context_limit_tokens);
  append(&ObservationTable::score);
  append(&ObservationTable::weight);
  append(&ObservationTable::cluster);
  append(&ObservationTable::task);
  append(&ObservationTable::held_out);
}

class PropertiesTest : public testing::TestWithParam<Design> {
 protected:
  const ObservationTable table_ = TableOf(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Designs, PropertiesTest, testing::ValuesIn(kDesigns),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(PropertiesTest, TheUnitOfComputeDoesNotMatter) {
  constexpr double kFactor = 1000 / 3.0;
  ObservationTable scaled = table_;
  MultiplyBy(kFactor, scaled.training_compute_flops);
  const Scales scales = {{"compute_reference_flops", kFactor}, {"characteristic_compute_flops", kFactor}};
  FitOptions options = FewReplicates();
  FitOptions scaled_options = options;
  // First with the references of the data, which scale by themselves, then with one that is given.
  for (int round = 0; round < 2; ++round) {
    const TaskFit expected = FitOne(table_, options);
    const TaskFit actual = FitOne(scaled, scaled_options);
    ExpectSameEstimates(actual, expected, kRounding, scales);
    ExpectSamePredictions(PredictionsOf(actual, SomePoints(kFactor, 1)), PredictionsOf(expected, SomePoints(1, 1)),
                          kRounding);
    options.compute_reference_flops = 2e22;
    scaled_options.compute_reference_flops = kFactor * 2e22;
  }
}

TEST_P(PropertiesTest, TheUnitOfTokensDoesNotMatter) {
  constexpr double kFactor = 0.75;  // words for tokens, say
  ObservationTable scaled = table_;
  MultiplyBy(kFactor, scaled.prompt_tokens);
  MultiplyBy(kFactor, scaled.context_limit_tokens);
  for (const Penalty::Form form : {Penalty::Form::kRatio, Penalty::Form::kTokens}) {
    Scales scales = {{"prompt_reference_tokens", kFactor}, {"characteristic_prompt_tokens", kFactor}};
    FitOptions options = FewReplicates();
    options.penalty = {form, form == Penalty::Form::kRatio ? 0.1 : 400, 1.1};
    FitOptions scaled_options = options;
    if (form == Penalty::Form::kTokens) {
      scaled_options.penalty.width *= kFactor;
      scales["penalty_width_tokens"] = kFactor;
    }
    for (int round = 0; round < 2; ++round) {
      const TaskFit expected = FitOne(table_, options);
      const TaskFit actual = FitOne(scaled, scaled_options);
      ExpectSameEstimates(actual, expected, kRounding, scales);
      ExpectSamePredictions(PredictionsOf(actual, SomePoints(1, kFactor)), PredictionsOf(expected, SomePoints(1, 1)),
                            kRounding);
      options.prompt_reference_tokens = 900;
      scaled_options.prompt_reference_tokens = kFactor * 900;
    }
  }
}

// Ratios to references that are scaled by the same power of two round to the same bits, and so does all that follows.
TEST_P(PropertiesTest, PowersOfTwoInEveryUnitLeaveTheBits) {
  ObservationTable scaled = table_;
  MultiplyBy(1024, scaled.training_compute_flops);
  MultiplyBy(0.25, scaled.prompt_tokens);
  MultiplyBy(0.25, scaled.context_limit_tokens);
  FitOptions options = FewReplicates();
  options.penalty = {Penalty::Form::kRatio, 0.1, 1.1};
  options.compute_reference_flops = 2e22;
  options.prompt_reference_tokens = 900;
  FitOptions scaled_options = options;
  *scaled_options.compute_reference_flops *= 1024;
  *scaled_options.prompt_reference_tokens *= 0.25;
  const TaskFit expected = FitOne(table_, options);
  const TaskFit actual = FitOne(scaled, scaled_options);
  EXPECT_EQ(actual.search.evaluation_count, expected.search.evaluation_count);
  for (std::size_t b = 0; b < expected.replicates.points.size(); ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      ASSERT_EQ(actual.replicates.points[b].at[i], expected.replicates.points[b].at[i]);
    }
  }
  ExpectSamePredictions(PredictionsOf(actual, SomePoints(1024, 0.25)), PredictionsOf(expected, SomePoints(1, 1)),
                        kSameBits);
}

TEST_P(PropertiesTest, TheScaleOfWeightsDoesNotMatter) {
  ObservationTable doubled = table_;
  if (doubled.weight.empty()) doubled.weight.assign(doubled.score.size(), 1);
  MultiplyBy(2, doubled.weight);
  ExpectSameFit(FitOne(doubled), FitOne(table_), kRounding);
}

TEST_P(PropertiesTest, TheOrderOfRowsDoesNotMatter) {
  std::vector<std::size_t> order(table_.score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  ObservationTable shuffled;
  const auto shuffle = [&](auto column) {
    if ((table_.*column).empty()) return;
    for (const std::size_t row : order) (shuffled.*column).push_back((table_.*column)[row]);
  };
  shuffle(&ObservationTable::training_compute_flops);
  shuffle(&ObservationTable::prompt_tokens);
  shuffle(&ObservationTable::context_limit_tokens);
  shuffle(&ObservationTable::score);
  shuffle(&ObservationTable::weight);
  shuffle(&ObservationTable::cluster);
  ExpectSameFit(FitOne(shuffled), FitOne(table_), kSameBits);
}

TEST_P(PropertiesTest, OtherTasksOfTheRequestDoNotMatter) {
  ObservationTable all = table_;
  all.task.assign(all.score.size(), "this");
  for (const char* task : {"another", "yet another"}) {
    Design design = GetParam();
    design.simulation.seed += 10;
    design.simulation.law.point.at[kContextExponent] = 1.2;
    ObservationTable other = TableOf(design);
    other.task.assign(other.score.size(), task);
    Append(other, all);
  }
  const std::vector<TaskFit> fits = FitAll(all, FewReplicates());
  ASSERT_EQ(fits.size(), 3);
  ASSERT_EQ(fits[1].task, "this");
  ExpectSameFit(fits[1], FitOne(table_), kSameBits);
}

// A known floor and ceiling are an affine change of the scores: the law between them, its intervals and its expected
// scores are those of the scores rescaled from that range to [0, 1].
TEST_P(PropertiesTest, AKnownFloorAndCeilingDoNotMatter) {
  constexpr double kFloorScore = 0.2;
  constexpr double kCeilingScore = 0.95;
  const auto map = [](std::vector<double>& scores) {
    for (double& score : scores) score = kFloorScore + (kCeilingScore - kFloorScore) * score;
  };
  Design gradual = GetParam();
  gradual.simulation.law.penalty = {Penalty::Form::kRatio, 0.15, 1};
  const ObservationTable table = TableOf(gradual);
  ObservationTable mapped = table;
  map(mapped.score);
  // Scores are rescaled from the range between floor and ceiling to [0, 1], unless the penalty's width is fitted: then
  // floor and ceiling enter predictions.
  for (const bool fit_width : {false, true}) {
    FitOptions options = FewReplicates();
    options.penalty = {Penalty::Form::kRatio, 0.1, 1};
    options.fit_penalty_width = fit_width;
    const TaskFit expected = FitOne(table, options);
    options.parameters[kFloor].fixed = kFloorScore;
    options.parameters[kHeadroom].fixed = kCeilingScore;
    const TaskFit actual = FitOne(mapped, options);
    ExpectSameEstimates(actual, expected, kRounding);
    const PredictionPoints points = SomePoints(1, 1);
    Predictions predictions = PredictionsOf(expected, points);
    map(predictions.score);
    map(predictions.mean_lower);
    map(predictions.mean_upper);
    ExpectSamePredictions(PredictionsOf(actual, points), predictions, kRounding);
  }
}

// Rows that contradict all others at their own covariates, with a cluster of their own where there are clusters, behind
// the others: units keep their numbers, on which their weights in a replicate depend.
ObservationTable Contradiction(const ObservationTable& table) {
  ObservationTable rows;
  for (std::size_t row = 0; row < table.score.size(); row += 10) {
    rows.training_compute_flops.push_back(table.training_compute_flops[row]);
    rows.prompt_tokens.push_back(table.prompt_tokens[row]);
    rows.context_limit_tokens.push_back(table.context_limit_tokens[row]);
    rows.score.push_back(1 - table.score[row]);
  }
  if (!table.weight.empty()) rows.weight.assign(rows.score.size(), 1);
  if (!table.cluster.empty()) rows.cluster.assign(rows.score.size(), "zzz");
  return rows;
}

TEST_P(PropertiesTest, HeldOutRecordsDoNotMatter) {
  ObservationTable more = Contradiction(table_);
  more.held_out.assign(more.score.size(), true);
  // They come first, where their cluster would renumber every unit if they counted.
  if (!more.cluster.empty()) more.cluster.assign(more.score.size(), "a cluster of its own");
  ObservationTable rest = table_;
  rest.held_out.assign(rest.score.size(), false);
  Append(rest, more);
  ExpectSameFit(FitOne(more), FitOne(table_), kSameBits);
}

// The distance between two points in the metric of J' W J, in which standard errors are sigma.
double Distance(const ObservationTable& table, const Law& law, const Point& other) {
  const Cells cells = Collapse(OnlyTask(table), law.references, law.penalty, Units::kMerge);
  const NormalEquations equations = Linearize(cells, law.point);
  double sum = 0;
  for (int i = 0; i < kFactorCoordinateCount; ++i) {
    for (int j = 0; j < kFactorCoordinateCount; ++j) {
      sum += equations.jtj[PackedIndex(std::max(i, j), std::min(i, j))] * (other.at[i] - law.point.at[i]) *
             (other.at[j] - law.point.at[j]);
    }
  }
  return std::sqrt(sum);
}

// Weights are positive, so no record is removed by its weight; but as that goes to 0, so does what the record changes.
//
// m rows of weight w change the gradient by s = w sum r dP with |r| <= 1, and the optimum by H^-1 s, H = J' W J. In the
// metric of H that step is the sum of w r times the roots of the rows' leverages dP' H^-1 dP, which are at most 1,
// since the design has rows of weight 1 or more at the same covariates: it is m w at most. Twice that leaves room for
// the second derivatives, which H is without.
TEST_P(PropertiesTest, ARecordCountsByItsWeight) {
  FitOptions options;
  options.bootstrap.replicates = 0;
  options.compute_reference_flops = 2e22;  // those of the data would move with them
  options.prompt_reference_tokens = 900;
  ObservationTable table = table_;
  if (table.weight.empty()) table.weight.assign(table.score.size(), 1);
  const TaskFit without = FitOne(table, options);
  const double sigma = std::sqrt(without.goodness.sse / static_cast<double>(table.score.size()));
  ObservationTable rows = Contradiction(table);
  for (const double weight : {1e-3, 1e-6, 1e-9, 1e-12}) {
    rows.weight.assign(rows.score.size(), weight);
    ObservationTable all = table;
    Append(rows, all);
    const double bound = 2 * static_cast<double>(rows.score.size()) * weight + kRounding * sigma;
    EXPECT_LE(Distance(table, without.law, FitOne(all, options).law.point), bound) << weight;
  }
}

}  // namespace
}  // namespace ctxfit
