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

// Adds rows to a group.
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

// The labels with something before and after each.
inline Labels Renamed(const Labels& labels, const std::string& before, const std::string& after) {
  Labels renamed;
  for (std::size_t row = 0; row < labels.size(); ++row) renamed.push_back(before + labels[row] + after);
  return renamed;
}

// Two groups, 0 and 1.
inline ObservationTable Join(const ObservationTable& first, const ObservationTable& second) {
  ObservationTable table;
  Append(first, 0, table);
  Append(second, 1, table);
  return table;
}

inline ComparisonOptions FewReplicates(int replicates = 200) {
  ComparisonOptions options;
  options.fit.search.candidates = 16;
  options.fit.bootstrap.replicates = replicates;
  return options;
}

inline absl::StatusOr<std::vector<Comparison>> CompareTable(const ObservationTable& table,
                                                            const ComparisonOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return CompareGroups(*backend, SplitTasks(table).value(), options, StopSignal());
}

// The comparison of the only task of a table.
inline Comparison CompareOne(const ObservationTable& table, const ComparisonOptions& options = FewReplicates()) {
  return CompareTable(table, options).value().at(0);
}

// Adds an error that the rows of a cluster share.
inline void AddClusterErrors(double deviation, unsigned seed, ObservationTable& table) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, deviation);
  std::map<std::string, double> errors;
  for (std::size_t row = 0; row < table.cluster.size(); ++row) errors.emplace(table.cluster[row], normal(random));
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.score[row] = std::clamp(table.score[row] + errors[table.cluster[row]], 0.0, 1.0);
  }
}

// Rows within every limit, so that no score is 0.
inline Simulation WithinLimits(unsigned seed) {
  Simulation simulation;
  simulation.law.penalty.form = Penalty::Form::kNone;
  simulation.seed = seed;
  return simulation;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_TWO_GROUPS_H_
