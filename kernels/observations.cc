#include "kernels/observations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

absl::Status CheckLength(absl::string_view column, std::size_t length, std::size_t rows, bool required) {
  if (length == rows || (!required && length == 0)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("observations.", column, " has ", length, " rows: must have ", rows,
                                                 ", as many as observations.score"));
}

absl::Status CheckLengths(const ObservationTable& table) {
  const std::size_t rows = table.score.size();
  const std::tuple<absl::string_view, std::size_t, bool> columns[] = {
      {"training_compute_flops", table.training_compute_flops.size(), true},
      {"prompt_tokens", table.prompt_tokens.size(), true},
      {"context_limit_tokens", table.context_limit_tokens.size(), true},
      {"weight", table.weight.size(), false},
      {"score_variance", table.score_variance.size(), false},
      {"cluster", table.cluster.size(), false},
      {"cluster_2", table.cluster_2.size(), false},
      {"task", table.task.size(), false},
      {"model", table.model.size(), false},
      {"held_out", table.held_out.size(), false},
      {"group", table.group.size(), false},
  };
  for (const auto& [name, length, required] : columns) {
    if (absl::Status status = CheckLength(name, length, rows, required); !status.ok()) return status;
  }
  if (rows == 0) return absl::InvalidArgumentError("observations.score has 0 rows: must have at least 1");
  return absl::OkStatus();
}

absl::Status CheckPositive(absl::string_view column, const std::vector<double>& values) {
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!std::isfinite(values[row]) || values[row] <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("observations.", column, "[", row, "] = ", values[row], ": must be finite and > 0"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckScores(const std::vector<double>& scores) {
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (!(scores[row] >= 0 && scores[row] <= 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("observations.score[", row, "] = ", scores[row], ": must be in [0, 1]"));
    }
  }
  return absl::OkStatus();
}

// Scores in [0, 1] with that mean cannot vary by more.
absl::Status CheckVariances(const ObservationTable& table) {
  constexpr double kRounding = 1e-9;
  for (std::size_t row = 0; row < table.score_variance.size(); ++row) {
    const double variance = table.score_variance[row];
    const double most = table.score[row] * (1 - table.score[row]);
    if (!(variance >= 0 && variance <= most + kRounding)) {
      return absl::InvalidArgumentError(absl::StrCat("observations.score_variance[", row, "] = ", variance,
                                                     ": must be in [0, score * (1 - score)] = [0, ", most, "]"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLabels(absl::string_view column, const std::vector<std::string>& labels) {
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (labels[row].empty()) {
      return absl::InvalidArgumentError(absl::StrCat("observations.", column, "[", row, "] = \"\": must not be empty"));
    }
  }
  return absl::OkStatus();
}

// The rows that are `wanted`, by task, tasks in the order of their names.
template <class Wanted>
std::map<std::string, std::vector<std::size_t>> GroupByTask(const ObservationTable& table, const Wanted& wanted) {
  const std::string unnamed;
  std::map<std::string, std::vector<std::size_t>> rows_by_task;
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (wanted(row)) rows_by_task[table.task.empty() ? unnamed : table.task[row]].push_back(row);
  }
  return rows_by_task;
}

absl::Status CheckHeldOut(const ObservationTable& table) {
  if (table.held_out.empty()) return absl::OkStatus();
  std::map<std::string, std::vector<std::size_t>> all = RowsByTask(table);
  for (const auto& [task, rows] : HeldOutRowsByTask(table)) {
    if (rows.size() < all[task].size()) continue;
    return absl::InvalidArgumentError(absl::StrCat("observations.held_out is true in all ", rows.size(),
                                                   " rows of task \"", task,
                                                   "\": must be false in at least 1, to fit the law to"));
  }
  return absl::OkStatus();
}

// What a fit sees of a row, beside its cluster.
struct SortKey {
  std::array<double, 6> columns;
  std::size_t row;
};

// Sorts `rows` by every column that a fit sees: rows that compare equal are interchangeable. The columns are gathered
// first, because comparing them in place would miss the cache at every step.
void SortCanonically(const ObservationTable& table, std::vector<std::size_t>& rows) {
  std::vector<SortKey> keys;
  keys.reserve(rows.size());
  for (const std::size_t row : rows) {
    keys.push_back({{table.prompt_tokens[row], table.training_compute_flops[row], table.context_limit_tokens[row],
                     table.score[row], table.weight.empty() ? 1.0 : table.weight[row],
                     table.score_variance.empty() ? 0.0 : table.score_variance[row]},
                    row});
  }
  std::sort(keys.begin(), keys.end(), [&table](const SortKey& a, const SortKey& b) {
    if (a.columns != b.columns) return a.columns < b.columns;
    const int order = table.cluster.empty() ? 0 : table.cluster[a.row].compare(table.cluster[b.row]);
    if (order != 0) return order < 0;
    const int order_2 = table.cluster_2.empty() ? 0 : table.cluster_2[a.row].compare(table.cluster_2[b.row]);
    if (order_2 != 0 || table.group.empty()) return order_2 < 0;
    return table.group[a.row] < table.group[b.row];
  });
  std::transform(keys.begin(), keys.end(), rows.begin(), [](const SortKey& key) { return key.row; });
}

// Numbers the labels of the rows by their order. Returns how many there are.
std::int32_t RankLabels(const std::vector<std::string>& column, const std::vector<std::size_t>& rows,
                        std::vector<std::int32_t>& ranks) {
  std::unordered_map<std::string_view, std::int32_t> rank;
  for (const std::size_t row : rows) rank.emplace(column[row], 0);
  std::vector<std::string_view> labels;
  labels.reserve(rank.size());
  for (const auto& [label, unused] : rank) labels.push_back(label);
  std::sort(labels.begin(), labels.end());
  for (std::size_t i = 0; i < labels.size(); ++i) rank[labels[i]] = static_cast<std::int32_t>(i);
  ranks.reserve(rows.size());
  for (const std::size_t row : rows) ranks.push_back(rank[column[row]]);
  return static_cast<std::int32_t>(labels.size());
}

// Numbers the model levels, pairs of compute and limit, by their order. Returns how many there are.
std::int32_t RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows,
                        std::vector<std::int32_t>& ranks) {
  const auto level = [&table](std::size_t row) {
    return std::make_pair(table.training_compute_flops[row], table.context_limit_tokens[row]);
  };
  std::map<std::pair<double, double>, std::int32_t> rank;
  for (const std::size_t row : rows) rank.emplace(level(row), 0);
  std::int32_t count = 0;
  for (auto& [unused, number] : rank) number = count++;
  ranks.reserve(rows.size());
  for (const std::size_t row : rows) ranks.push_back(rank.at(level(row)));
  return count;
}

// Numbers the resampling units: clusters by the order of their labels, or rows by their canonical order.
void AssignUnits(const ObservationTable& table, const std::vector<std::size_t>& rows, Resampling resampling,
                 Observations& observations) {
  observations.clustered = !table.cluster.empty() && resampling != Resampling::kRecord;
  if (observations.clustered) {
    observations.unit_count = RankLabels(table.cluster, rows, observations.unit);
  } else {
    observations.unit.resize(rows.size());
    std::iota(observations.unit.begin(), observations.unit.end(), 0);
    observations.unit_count = static_cast<std::int32_t>(rows.size());
  }
  if (resampling != Resampling::kTwoWay) return;
  observations.unit_2_count = table.cluster_2.empty() ? RankLevels(table, rows, observations.unit_2)
                                                      : RankLabels(table.cluster_2, rows, observations.unit_2);
}

// Those elements of a column that is empty or of full length.
template <class T>
std::vector<T> Pick(const std::vector<T>& column, const std::vector<std::size_t>& rows) {
  std::vector<T> picked;
  if (column.empty()) return picked;
  picked.reserve(rows.size());
  for (const std::size_t row : rows) picked.push_back(column[row]);
  return picked;
}

Observations Extract(const ObservationTable& table, absl::string_view task, std::vector<std::size_t> rows,
                     Resampling resampling) {
  SortCanonically(table, rows);
  Observations observations;
  observations.task = std::string(task);
  observations.compute = Pick(table.training_compute_flops, rows);
  observations.prompt = Pick(table.prompt_tokens, rows);
  observations.limit = Pick(table.context_limit_tokens, rows);
  observations.score = Pick(table.score, rows);
  observations.weight = Pick(table.weight, rows);
  if (table.weight.empty()) observations.weight.assign(rows.size(), 1.0);
  observations.score_variance = Pick(table.score_variance, rows);
  observations.group = Pick(table.group, rows);
  AssignUnits(table, rows, resampling, observations);
  return observations;
}

// Numbers units that are some of [0, count) anew, in the same order. Returns how many there are.
std::int32_t NumberAnew(std::int32_t count, std::vector<std::int32_t>& units) {
  std::vector<std::int32_t> number(count, 0);
  for (const std::int32_t unit : units) number[unit] = 1;
  std::exclusive_scan(number.begin(), number.end(), number.begin(), 0);
  std::int32_t last = -1;
  for (std::int32_t& unit : units) {
    unit = number[unit];
    last = std::max(last, unit);
  }
  return last + 1;
}

}  // namespace

Observations Select(const Observations& observations, const std::vector<std::size_t>& rows, UnitNumbers numbers) {
  Observations selected;
  selected.task = observations.task;
  selected.compute = Pick(observations.compute, rows);
  selected.prompt = Pick(observations.prompt, rows);
  selected.limit = Pick(observations.limit, rows);
  selected.score = Pick(observations.score, rows);
  selected.weight = Pick(observations.weight, rows);
  selected.score_variance = Pick(observations.score_variance, rows);
  selected.clustered = observations.clustered;
  selected.unit = Pick(observations.unit, rows);
  selected.unit_count = observations.unit_count;
  selected.unit_2 = Pick(observations.unit_2, rows);
  selected.unit_2_count = observations.unit_2_count;
  selected.group = Pick(observations.group, rows);
  if (numbers == UnitNumbers::kKeep) return selected;
  selected.unit_count = NumberAnew(observations.unit_count, selected.unit);
  selected.unit_2_count = NumberAnew(observations.unit_2_count, selected.unit_2);
  return selected;
}

std::int64_t Observations::record_count() const {
  if (score_variance.empty()) return static_cast<std::int64_t>(size());
  return std::llround(std::accumulate(weight.begin(), weight.end(), 0.0));
}

std::map<std::string, std::vector<std::size_t>> RowsByTask(const ObservationTable& table) {
  return GroupByTask(table, [](std::size_t) { return true; });
}

std::map<std::string, std::vector<std::size_t>> HeldOutRowsByTask(const ObservationTable& table) {
  return GroupByTask(table, [&table](std::size_t row) { return !table.held_out.empty() && table.held_out[row]; });
}

absl::Status Validate(const ObservationTable& table) {
  if (absl::Status status = CheckLengths(table); !status.ok()) return status;
  const std::pair<absl::string_view, const std::vector<double>*> positive[] = {
      {"training_compute_flops", &table.training_compute_flops},
      {"prompt_tokens", &table.prompt_tokens},
      {"context_limit_tokens", &table.context_limit_tokens},
      {"weight", &table.weight},
  };
  for (const auto& [name, values] : positive) {
    if (absl::Status status = CheckPositive(name, *values); !status.ok()) return status;
  }
  if (absl::Status status = CheckScores(table.score); !status.ok()) return status;
  if (absl::Status status = CheckVariances(table); !status.ok()) return status;
  if (absl::Status status = CheckLabels("cluster", table.cluster); !status.ok()) return status;
  if (absl::Status status = CheckLabels("cluster_2", table.cluster_2); !status.ok()) return status;
  return CheckHeldOut(table);
}

absl::StatusOr<std::vector<Observations>> SplitTasks(const ObservationTable& table, Resampling resampling) {
  if (absl::Status status = Validate(table); !status.ok()) return status;
  if (resampling == Resampling::kCluster && table.cluster.empty()) {
    return absl::InvalidArgumentError(
        "observations.cluster has 0 values: clusters can be resampled where rows name theirs");
  }
  std::vector<Observations> tasks;
  const auto fitted = [&table](std::size_t row) {
    return (table.held_out.empty() || !table.held_out[row]) && (table.group.empty() || table.group[row] >= 0);
  };
  std::map<std::string, std::vector<std::size_t>> rows_by_task = GroupByTask(table, fitted);
  for (auto& [task, rows] : rows_by_task) tasks.push_back(Extract(table, task, std::move(rows), resampling));
  return tasks;
}

}  // namespace ctxfit
