#include "kernels/data/valid_table.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/exact_text.h"
#include "kernels/base/magnitude.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"

namespace ctxfit {
namespace {

absl::Status CheckLength(absl::string_view column, std::size_t length, std::size_t rows, bool required) {
  if (length == rows || (!required && length == 0)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("observations.", column, " has ", length, " rows: must have ", rows,
                                                 ", as many as observations.score"));
}

// Names the first row whose value breaks a rule. The first pass is free of branches, as the values of most columns all
// keep it.
template <class Keeps>
absl::Status CheckValues(absl::string_view column, const std::vector<double>& values, const Keeps& keeps,
                         absl::string_view rule) {
  bool all = true;
  for (const double value : values) all &= keeps(value);
  if (all) return absl::OkStatus();
  const auto bad = std::find_if_not(values.begin(), values.end(), keeps);
  return absl::InvalidArgumentError(
      absl::StrCat("observations.", column, "[", bad - values.begin(), "] = ", ExactText(*bad), ": must be ", rule));
}

// Names the first value that is not a positive number, or else the first that is too small or too large.
absl::Status CheckMagnitudes(absl::string_view column, const std::vector<double>& values) {
  const absl::Status status = CheckValues(column, values, IsMagnitude, kMagnitudeRule);
  if (status.ok()) return status;
  constexpr double kLargest = std::numeric_limits<double>::max();
  const auto is_positive = [](double value) { return value > 0 && value <= kLargest; };
  absl::Status not_positive = CheckValues(column, values, is_positive, "finite and > 0");
  return not_positive.ok() ? status : not_positive;
}

// Names the remedy if most scores exceed 1, as percentages do.
absl::Status CheckScores(const std::vector<double>& scores) {
  absl::Status status = CheckValues(
      "score", scores, [](double score) { return (score >= 0) & (score <= 1); }, "in [0, 1]");
  if (status.ok()) return status;
  constexpr double kRounding = 1e-9;
  const auto bad = std::find_if_not(scores.begin(), scores.end(), [](double s) { return s >= 0 && s <= 1; });
  if (*bad >= -kRounding && *bad <= 1 + kRounding) {
    return absl::InvalidArgumentError(
        absl::StrCat(status.message(), "; it is outside by rounding: clip scores to [0, 1]"));
  }
  const auto above = std::count_if(scores.begin(), scores.end(), [](double score) { return score > 1; });
  if (2 * static_cast<std::size_t>(above) <= scores.size()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(status.message(), "; ", above, " of ", scores.size(),
                   " scores are above 1: divide all by the highest possible score, as percentages by 100 "
                   "(ctxfit: --score-scale 100)"));
}

// Checks that no variance exceeds m (1 - m), the largest that values in [0, 1] with mean m can have, by more than the
// rounding of the last digits printed: that of scores of 0 and 1 is m (1 - m), rounded up as often as down.
absl::Status CheckVariances(const ObservationTable& table) {
  constexpr double kPrinted = 1e-3;
  constexpr double kRounding = 1e-9;
  for (std::size_t row = 0; row < table.score_variance.size(); ++row) {
    const double variance = table.score_variance[row];
    const double largest = table.score[row] * (1 - table.score[row]);
    if (!(variance >= 0 && variance <= largest * (1 + kPrinted) + kRounding)) {
      return absl::InvalidArgumentError(absl::StrCat("observations.score_variance[", row, "] = ", ExactText(variance),
                                                     ": must be in [0, score * (1 - score)] = [0, ", largest,
                                                     "], with 0.1 % more for rounding"));
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

// Checks that every task keeps a row to fit the law to; names the first task, by name, that does not.
absl::Status CheckHeldOut(const ObservationTable& table) {
  if (table.held_out.empty()) return absl::OkStatus();
  const std::vector<std::string> tasks = table.task.empty() ? std::vector<std::string>{""} : table.task.dictionary();
  std::vector<std::size_t> rows(tasks.size());
  std::vector<std::size_t> held_out(tasks.size());
  for (std::size_t row = 0; row < table.held_out.size(); ++row) {
    const std::size_t task = table.task.empty() ? 0 : table.task.codes()[row];
    ++rows[task];
    held_out[task] += table.held_out[row] ? 1 : 0;
  }
  std::map<absl::string_view, std::size_t> rows_by_task;  // tasks without a row to fit
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (held_out[task] == rows[task]) rows_by_task.emplace(tasks[task], rows[task]);
  }
  if (rows_by_task.empty()) return absl::OkStatus();
  const auto& [task, count] = *rows_by_task.begin();
  return absl::InvalidArgumentError(absl::StrCat("observations.held_out is true in all ", count, " rows of task \"",
                                                 task, "\": must be false in at least 1, to fit the law to"));
}

// Checks the values of columns that have the right lengths. Of several errors, returns that of the first check.
absl::Status ValidateValues(const ObservationTable& table) {
  const std::vector<std::function<absl::Status()>> checks = {
      [&table] { return CheckMagnitudes("training_compute_flops", table.training_compute_flops); },
      [&table] { return CheckMagnitudes("prompt_tokens", table.prompt_tokens); },
      [&table] { return CheckMagnitudes("context_limit_tokens", table.context_limit_tokens); },
      [&table] { return CheckMagnitudes("weight", table.weight); },
      [&table] { return CheckScores(table.score); },
      [&table] { return CheckVariances(table); },
      [&table] { return CheckLabels("cluster", table.cluster); },
      [&table] { return CheckLabels("cluster_2", table.cluster_2); },
      [&table] { return CheckHeldOut(table); },
  };
  std::vector<absl::Status> statuses(checks.size());
  ThreadPool pool(CpusFor(table.score.size()));
  pool.ParallelFor(checks.size(), StopSignal(), [&](std::size_t i, int) { statuses[i] = checks[i](); }).IgnoreError();
  for (absl::Status& status : statuses) CTXFIT_RETURN_IF_ERROR(std::move(status));
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateLengths(const ObservationTable& table) {
  const std::size_t rows = table.score.size();
  const std::tuple<absl::string_view, std::size_t, bool> columns[] = {
      {"training_compute_flops", table.training_compute_flops.size(), true},
      {"prompt_tokens", table.prompt_tokens.size(), false},
      {"context_limit_tokens", table.context_limit_tokens.size(), false},
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
    CTXFIT_RETURN_IF_ERROR(CheckLength(name, length, rows, required));
  }
  if (rows == 0) return absl::InvalidArgumentError("observations.score has 0 rows: must have at least 1");
  return absl::OkStatus();
}

absl::StatusOr<ValidTable> Validate(ObservationTable table) {
  return CatchExceptions([&table]() -> absl::StatusOr<ValidTable> {
    CTXFIT_RETURN_IF_ERROR(ValidateLengths(table));
    CTXFIT_RETURN_IF_ERROR(ValidateValues(table));
    const std::size_t rows = table.score.size();
    if (table.prompt_tokens.empty()) table.prompt_tokens.assign(rows, 1);
    if (table.context_limit_tokens.empty()) {
      table.context_limit_tokens.assign(rows, std::numeric_limits<double>::infinity());
    }
    return ValidTable(std::move(table));
  });
}

}  // namespace ctxfit
