#include "kernels/data/split_tasks.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/base/within_memory.h"
#include "kernels/data/canonical_order.h"
#include "kernels/data/compute_levels.h"
#include "kernels/data/select_rows.h"

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

// The first row whose value breaks a rule. Values mostly keep it: that all of them do is found without a branch for
// each.
template <class Keeps>
absl::Status CheckValues(absl::string_view column, const std::vector<double>& values, const Keeps& keeps,
                         absl::string_view rule) {
  bool all = true;
  for (const double value : values) all &= keeps(value);
  if (all) return absl::OkStatus();
  const auto bad = std::find_if_not(values.begin(), values.end(), keeps);
  return absl::InvalidArgumentError(
      absl::StrCat("observations.", column, "[", bad - values.begin(), "] = ", *bad, ": must be ", rule));
}

absl::Status CheckPositive(absl::string_view column, const std::vector<double>& values) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return CheckValues(
      column, values, [](double value) { return (value > 0) & (value <= kLargest); }, "finite and > 0");
}

absl::Status CheckScores(const std::vector<double>& scores) {
  return CheckValues(
      "score", scores, [](double score) { return (score >= 0) & (score <= 1); }, "in [0, 1]");
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

absl::Status CheckLabels(absl::string_view column, const Labels& labels) {
  const auto& distinct = labels.dictionary();
  const auto empty = std::find(distinct.begin(), distinct.end(), "");
  if (empty == distinct.end()) return absl::OkStatus();
  const auto row = std::find(labels.codes().begin(), labels.codes().end(), empty - distinct.begin());
  return absl::InvalidArgumentError(
      absl::StrCat("observations.", column, "[", row - labels.codes().begin(), "] = \"\": must not be empty"));
}

using RowsOfTasks = std::map<std::string, std::vector<std::size_t>>;

// The rows that are `wanted`, by task, tasks in the order of their names.
template <class Wanted>
RowsOfTasks GroupByTask(const ObservationTable& table, const Wanted& wanted) {
  std::vector<std::string> names = table.task.dictionary();
  if (table.task.empty()) names = {""};
  std::vector<std::vector<std::size_t>> rows(names.size());
  if (names.size() == 1) rows.front().reserve(table.score.size());
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (wanted(row)) rows[table.task.empty() ? 0 : table.task.codes()[row]].push_back(row);
  }
  RowsOfTasks rows_by_task;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!rows[i].empty()) rows_by_task.emplace(names[i], std::move(rows[i]));
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

// Renumbers the units level by level. INVALID_ARGUMENT where one lies in several.
absl::Status Stratify(const ObservationTable& table, const std::vector<std::size_t>& rows, Observations& observations) {
  const Ranks levels = RankLevels(table, rows);
  std::vector<std::int32_t> level(observations.unit_count, -1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::int32_t& known = level[observations.unit[i]];
    if (known >= 0 && known != levels.of_row[i]) {
      return absl::InvalidArgumentError(absl::StrCat("observations.cluster[", rows[i], "] = \"", table.cluster[rows[i]],
                                                     "\": must lie in one model level (compute and context limit) to "
                                                     "be resampled within it, and lies in several"));
    }
    known = levels.of_row[i];
  }
  std::vector<std::int32_t> order(level.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return level[a] < level[b]; });
  std::vector<std::int32_t> number(level.size());
  observations.stratum_begin.assign(levels.count + 1, 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    number[order[i]] = static_cast<std::int32_t>(i);
    observations.stratum_begin[level[order[i]] + 1] = static_cast<std::int32_t>(i) + 1;
  }
  for (std::int32_t& unit : observations.unit) unit = number[unit];
  return absl::OkStatus();
}

// Numbers the resampling units: clusters by the order of their labels, or rows by their canonical order.
absl::Status AssignUnits(const ObservationTable& table, CanonicalOrder order, Resampling resampling,
                         Observations& observations) {
  observations.clustered = !table.cluster.empty() && resampling != Resampling::kRecord;
  if (observations.clustered) {
    observations.unit = std::move(order.cluster.of_row);
    observations.unit_count = order.cluster.count;
  } else {
    observations.unit.resize(order.rows.size());
    std::iota(observations.unit.begin(), observations.unit.end(), 0);
    observations.unit_count = static_cast<std::int32_t>(order.rows.size());
  }
  if (resampling == Resampling::kStratified) return Stratify(table, order.rows, observations);
  if (resampling != Resampling::kTwoWay) return absl::OkStatus();
  Ranks second = table.cluster_2.empty() ? RankLevels(table, order.rows) : std::move(order.cluster_2);
  observations.unit_2 = std::move(second.of_row);
  observations.unit_2_count = second.count;
  return absl::OkStatus();
}

absl::StatusOr<Observations> Extract(const ObservationTable& table, absl::string_view task,
                                     const std::vector<std::size_t>& task_rows, Resampling resampling,
                                     ThreadPool& pool) {
  CanonicalOrder order = SortCanonically(table, task_rows, pool);
  const std::vector<std::size_t>& rows = order.rows;
  Observations observations;
  observations.task = std::string(task);
  pool.RunAll({
      [&] { observations.levels = FindComputeLevels(order.covariates); },
      [&] { observations.weight = Pick(table.weight, rows); },
      [&] { observations.score_variance = Pick(table.score_variance, rows); },
      [&] { observations.group = Pick(table.group, rows); },
  });
  observations.covariates = std::move(order.covariates);
  observations.row_begin = std::move(order.begin);
  observations.score = std::move(order.score);
  absl::Status status = AssignUnits(table, std::move(order), resampling, observations);
  if (!status.ok()) return status;
  return observations;
}

// All tasks: one after the other on all threads, or side by side where none has most of the rows.
absl::StatusOr<std::vector<Observations>> ExtractAll(const ObservationTable& table, const RowsOfTasks& rows_by_task,
                                                     Resampling resampling, ThreadPool& pool) {
  std::vector<RowsOfTasks::const_iterator> tasks;
  std::size_t largest = 0;
  std::size_t total = 0;
  for (auto task = rows_by_task.begin(); task != rows_by_task.end(); ++task) {
    tasks.push_back(task);
    largest = std::max(largest, task->second.size());
    total += task->second.size();
  }
  std::vector<absl::StatusOr<Observations>> extracted(tasks.size());
  const auto extract = [&](std::size_t i, ThreadPool& threads) {
    extracted[i] = Extract(table, tasks[i]->first, tasks[i]->second, resampling, threads);
  };
  if (2 * largest > total) {
    for (std::size_t i = 0; i < tasks.size(); ++i) extract(i, pool);
  } else {
    const auto extract_alone = [&](std::size_t i, int) {
      ThreadPool alone(1);
      extract(i, alone);
    };
    pool.ParallelFor(tasks.size(), StopSignal(), extract_alone).IgnoreError();
  }
  std::vector<Observations> observations;
  for (absl::StatusOr<Observations>& of_task : extracted) {
    if (!of_task.ok()) return of_task.status();
    observations.push_back(*std::move(of_task));
  }
  return observations;
}

// The rules of a table whose columns have the right lengths, in the order in which they are told of.
std::vector<std::function<absl::Status()>> ChecksOf(const ObservationTable& table) {
  return {
      [&table] { return CheckPositive("training_compute_flops", table.training_compute_flops); },
      [&table] { return CheckPositive("prompt_tokens", table.prompt_tokens); },
      [&table] { return CheckPositive("context_limit_tokens", table.context_limit_tokens); },
      [&table] { return CheckPositive("weight", table.weight); },
      [&table] { return CheckScores(table.score); },
      [&table] { return CheckVariances(table); },
      [&table] { return CheckLabels("cluster", table.cluster); },
      [&table] { return CheckLabels("cluster_2", table.cluster_2); },
      [&table] { return CheckHeldOut(table); },
  };
}

}  // namespace

std::map<std::string, std::vector<std::size_t>> RowsByTask(const ObservationTable& table) {
  return GroupByTask(table, [](std::size_t) { return true; });
}

std::map<std::string, std::vector<std::size_t>> HeldOutRowsByTask(const ObservationTable& table) {
  return GroupByTask(table, [&table](std::size_t row) { return !table.held_out.empty() && table.held_out[row]; });
}

absl::Status Validate(const ObservationTable& table) {
  if (absl::Status status = CheckLengths(table); !status.ok()) return status;
  for (const auto& check : ChecksOf(table)) {
    if (absl::Status status = check(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Observations>> SplitTasks(const ObservationTable& table, Resampling resampling) {
  return WithinMemory([&]() -> absl::StatusOr<std::vector<Observations>> {
    if (absl::Status status = CheckLengths(table); !status.ok()) return status;
    const auto fitted = [&table](std::size_t row) {
      return (table.held_out.empty() || !table.held_out[row]) && (table.group.empty() || table.group[row] >= 0);
    };
    ThreadPool pool(CpusFor(table.score.size()));
    const std::vector<std::function<absl::Status()>> checks = ChecksOf(table);
    std::vector<absl::Status> statuses(checks.size());
    RowsOfTasks rows_by_task;
    const auto check_or_group = [&](std::size_t i, int) {
      if (i == 0) {
        rows_by_task = GroupByTask(table, fitted);
      } else {
        statuses[i - 1] = checks[i - 1]();
      }
    };
    pool.ParallelFor(1 + checks.size(), StopSignal(), check_or_group).IgnoreError();
    for (const absl::Status& status : statuses) {
      if (!status.ok()) return status;
    }
    if (resampling == Resampling::kCluster && table.cluster.empty()) {
      return absl::InvalidArgumentError(
          "observations.cluster has 0 values: clusters can be resampled where rows name theirs");
    }
    return ExtractAll(table, rows_by_task, resampling, pool);
  });
}

}  // namespace ctxfit
