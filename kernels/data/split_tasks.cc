#include "kernels/data/split_tasks.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/canonical_order.h"
#include "kernels/data/compute_levels.h"
#include "kernels/data/ranked_rows.h"
#include "kernels/data/ranks.h"
#include "kernels/data/select_rows.h"
#include "kernels/law/law_options.h"
#include "kernels/law/used_variables.h"

namespace ctxfit {
namespace {

using RowsOfTasks = std::map<std::string, std::vector<std::size_t>>;

// Collects the rows that are `wanted` by task, tasks ordered by name.
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

// Renumbers the units level by level. INVALID_ARGUMENT if one lies in several levels.
absl::Status Stratify(const ObservationTable& table, const std::vector<std::size_t>& rows, Observations& observations) {
  const Ranks levels = RankLevels(table, rows);
  std::vector<std::int32_t> level(observations.unit_count, -1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::int32_t& unit_level = level[observations.unit[i]];
    if (unit_level >= 0 && unit_level != levels.of_row[i]) {
      return absl::InvalidArgumentError(absl::StrCat("observations.cluster[", rows[i], "] = \"", table.cluster[rows[i]],
                                                     "\": must lie in one model level (compute and context limit) to "
                                                     "be resampled within it, and lies in several"));
    }
    unit_level = levels.of_row[i];
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
                                     const RowSorter& sort, ThreadPool& pool) {
  CTXFIT_ASSIGN_OR_RETURN(CanonicalOrder order, sort(table, task_rows, pool));
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
  CTXFIT_RETURN_IF_ERROR(AssignUnits(table, std::move(order), resampling, observations));
  return observations;
}

// Extracts all tasks: concurrently, on one thread each, if none has more than half of the rows, else one after the
// other on all threads. RunConcurrently(), of the room fit, has the same threshold but gives each fit several threads:
// a fit profits from them at any size, whereas the passes over the rows of one of many tasks are too short for that.
absl::StatusOr<std::vector<Observations>> ExtractAll(const ObservationTable& table, const RowsOfTasks& rows_by_task,
                                                     Resampling resampling, const RowSorter& sort, ThreadPool& pool) {
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
    extracted[i] = Extract(table, tasks[i]->first, tasks[i]->second, resampling, sort, threads);
  };
  if (2 * largest > total) {
    for (std::size_t i = 0; i < tasks.size(); ++i) extract(i, pool);
  } else {
    const auto extract_on_one_thread = [&](std::size_t i, int) {
      ThreadPool caller_only(1);
      extract(i, caller_only);
    };
    pool.ParallelFor(tasks.size(), StopSignal(), extract_on_one_thread).IgnoreError();
  }
  std::vector<Observations> observations;
  for (absl::StatusOr<Observations>& task : extracted) {
    CTXFIT_RETURN_IF_ERROR(task.status());
    observations.push_back(*std::move(task));
  }
  return observations;
}

// The names of the first tasks by name, quoted, and the number of the others.
std::string ListTasks(const std::set<absl::string_view>& tasks) {
  constexpr std::size_t kListed = 10;
  std::vector<std::string> names;
  for (const absl::string_view task : tasks) {
    if (names.size() == kListed) break;
    names.push_back(absl::StrCat("\"", task, "\""));
  }
  const std::string list = absl::StrJoin(names, ", ");
  return tasks.size() > kListed ? absl::StrCat(list, " and ", tasks.size() - kListed, " more") : list;
}

absl::Status CheckIsThere(absl::string_view column, std::size_t length, const ObservationTable& table) {
  if (length > 0 || table.score.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("observations.", column, " has 0 rows: must have ", table.score.size(),
                                                 ", as many as observations.score"));
}

absl::Status CheckByTask(absl::string_view field, const std::map<std::string, double>& by_task,
                         const ObservationTable& table) {
  if (by_task.empty()) return absl::OkStatus();
  std::set<absl::string_view> tasks(table.task.dictionary().begin(), table.task.dictionary().end());
  if (table.task.empty()) tasks = {""};
  for (const auto& [task, value] : by_task) {
    if (tasks.contains(task)) continue;
    return absl::InvalidArgumentError(absl::StrCat("options.", field, ".by_task[\"", task,
                                                   "\"]: must name a task of the observations, which are ",
                                                   ListTasks(tasks)));
  }
  return absl::OkStatus();
}

}  // namespace

std::map<std::string, std::vector<std::size_t>> RowsByTask(const ValidTable& table) {
  return GroupByTask(*table, [](std::size_t) { return true; });
}

std::map<std::string, std::vector<std::size_t>> HeldOutRowsByTask(const ValidTable& table) {
  return GroupByTask(*table, [&](std::size_t row) { return !table->held_out.empty() && table->held_out[row]; });
}

absl::StatusOr<std::vector<Observations>> SplitTasks(const ValidTable& table, Resampling resampling,
                                                     const RowSorter& sort) {
  if (resampling == Resampling::kCluster && table->cluster.empty()) {
    return absl::InvalidArgumentError(
        "observations.cluster has 0 values: clusters can be resampled where rows name theirs");
  }
  return CatchExceptions([&]() -> absl::StatusOr<std::vector<Observations>> {
    const auto is_fitted = [&table](std::size_t row) {
      return (table->held_out.empty() || !table->held_out[row]) && (table->group.empty() || table->group[row] >= 0);
    };
    ThreadPool pool(CpusFor(table->score.size()));
    return ExtractAll(*table, GroupByTask(*table, is_fitted), resampling, sort, pool);
  });
}

absl::Status CheckTaskOptions(const LawOptions& options, const ObservationTable& table) {
  const UsedVariables used = FindUsedVariables(options);
  if (used.prompts) {
    CTXFIT_RETURN_IF_ERROR(CheckIsThere("prompt_tokens", table.prompt_tokens.size(), table));
  }
  if (used.limits) {
    CTXFIT_RETURN_IF_ERROR(CheckIsThere("context_limit_tokens", table.context_limit_tokens.size(), table));
  }
  CTXFIT_RETURN_IF_ERROR(CheckByTask("floor", options.floor_by_task, table));
  return CheckByTask("ceiling", options.ceiling_by_task, table);
}

absl::StatusOr<std::vector<Observations>> ValidateAndSplit(ObservationTable table, Resampling resampling,
                                                           const RowSorter& sort) {
  CTXFIT_ASSIGN_OR_RETURN(const ValidTable valid, Validate(std::move(table)));
  return SplitTasks(valid, resampling, sort);
}

}  // namespace ctxfit
