#ifndef CTXFIT_TESTS_KERNELS_TWO_GROUPS_H_
#define CTXFIT_TESTS_KERNELS_TWO_GROUPS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/comparison.h"
#include "kernels/law/penalty.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

// Appends `rows` to `table` as rows of `group`.
inline void Append(const ObservationTable& rows, std::int32_t group, ObservationTable& table) {
  const auto append = [](const auto& from, auto& to) {
    for (std::size_t row = 0; row < from.size(); ++row) to.push_back(from[row]);
  };
  append(rows.training_compute_flops, table.training_compute_flops);
  append(rows.prompt_tokens, table.prompt_tokens);
  append(rows.context_limit_tokens, table.context_limit_tokens);
  append(rows.score, table.score);
  append(rows.cluster, table.cluster);
  table.group.resize(table.score.size(), group);
}

// The labels, each with a prefix and a suffix.
inline Labels Renamed(const Labels& labels, const std::string& prefix, const std::string& suffix) {
  Labels renamed;
  for (std::size_t row = 0; row < labels.size(); ++row) renamed.push_back(prefix + labels[row] + suffix);
  return renamed;
}

// A table of two groups: 0, the rows of `first`, and 1, those of `second`.
inline ObservationTable Join(const ObservationTable& first, const ObservationTable& second) {
  ObservationTable table;
  Append(first, 0, table);
  Append(second, 1, table);
  return table;
}

// Options of a comparison that takes little time.
inline ComparisonOptions FewReplicates(int replicates = 200) {
  ComparisonOptions options;
  options.fit.search.candidates = 16;
  options.fit.bootstrap.replicates = replicates;
  return options;
}

// Compares the two groups of a valid table in each of its tasks.
inline absl::StatusOr<std::vector<Comparison>> CompareTable(const ObservationTable& table,
                                                            const ComparisonOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return CompareGroups(*backend, ValidateAndSplit(table).value(), options, StopSignal());
}

// Compares the two groups of a valid table of one task.
inline Comparison CompareOne(const ObservationTable& table, const ComparisonOptions& options = FewReplicates()) {
  return CompareTable(table, options).value().at(0);
}

// Adds a normal error of that standard deviation to the scores, one draw per cluster; clips scores to [0, 1].
inline void AddClusterErrors(double deviation, unsigned seed, ObservationTable& table) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, deviation);
  std::map<std::string, double> errors;
  for (std::size_t row = 0; row < table.cluster.size(); ++row) errors.emplace(table.cluster[row], normal(random));
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.score[row] = std::clamp(table.score[row] + errors[table.cluster[row]], 0.0, 1.0);
  }
}

// A simulation without the penalty, which would make scores beyond the context limit 0.
inline Simulation WithinLimits(unsigned seed) {
  Simulation simulation;
  simulation.law.penalty.form = Penalty::Form::kNone;
  simulation.seed = seed;
  return simulation;
}

// Draws pair `number` of groups of 160 rows each, whose laws differ by `rise` in the context exponent. Each has
// `clusters` clusters of its own, whose rows share an error of standard deviation `cluster_error`. Ten prompt lengths
// repeat over the rows, so that a cluster has one of them if `clusters` is a multiple of ten.
inline ObservationTable SimulatePair(unsigned number, int clusters, double rise, double cluster_error) {
  ObservationTable groups[2];
  for (unsigned group = 0; group < 2; ++group) {
    Simulation simulation = WithinLimits(1000 + 2 * number + group);
    simulation.clusters = clusters;
    simulation.models = 4;
    simulation.distinct_prompts = false;
    if (group == 1) simulation.law.point.at[kContextExponent] += rise;
    groups[group] = Simulate(simulation);
    groups[group].cluster = Renamed(groups[group].cluster, "", group == 0 ? " of the first" : " of the second");
    AddClusterErrors(cluster_error, simulation.seed, groups[group]);
  }
  return Join(groups[0], groups[1]);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_TWO_GROUPS_H_
