#include "server/fit_count.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "kernels/fit/backtest.h"
#include "kernels/fit/folds.h"
#include "server/default_options.h"

namespace ctxfit {
namespace {

constexpr std::int64_t kMaxFolds = 1'000'000;

// The folds of all tasks.
std::int64_t FoldsOf(const v1::BacktestRequest& request, const ObservationTable& table, std::int64_t tasks) {
  const auto rows = static_cast<std::int64_t>(table.score.size());
  const auto task_of = [&table](std::int64_t row) {
    return row < std::ssize(table.task) ? table.task.codes()[row] : 0;
  };
  switch (request.scheme()) {
    case v1::FOLD_SCHEME_UNSPECIFIED:
    case v1::FOLD_SCHEME_LEVEL: {
      const auto value_of = [](const std::vector<double>& column, std::int64_t row) {
        return row < std::ssize(column) ? column[row] : 0;
      };
      absl::flat_hash_set<std::tuple<std::int32_t, double, double>> levels;
      for (std::int64_t row = 0; row < rows; ++row) {
        levels.emplace(task_of(row), value_of(table.training_compute_flops, row),
                       value_of(table.context_limit_tokens, row));
      }
      return static_cast<std::int64_t>(levels.size());
    }
    case v1::FOLD_SCHEME_GROUP: {
      absl::flat_hash_set<std::tuple<std::int32_t, absl::string_view>> groups;
      for (int row = 0; row < request.group_size(); ++row) groups.emplace(task_of(row), request.group(row));
      return static_cast<std::int64_t>(groups.size());
    }
    default:
      return tasks * (request.cuts_size() > 0 ? request.cuts_size() : kMaxCuts);
  }
}

}  // namespace

FitCount CountOf(const v1::FitRequest&, const ObservationTable&) { return {}; }

FitCount CountOf(const v1::StreamFitRequest&, const ObservationTable&) { return {}; }

FitCount CountOf(const v1::AblateRequest& request, const ObservationTable&) {
  constexpr int kVariants = 4;
  const int folds = std::max(0, request.has_folds() ? request.folds() : DefaultFolds());
  FitCount count;
  count.point_fits = kVariants * (1 + static_cast<int>(std::min<std::int64_t>(folds, kMaxFolds)));
  count.bootstraps = 0;
  return count;
}

// Each group and both as one, and each group's replicates.
FitCount CountOf(const v1::CompareRequest& request, const ObservationTable&) {
  FitCount count;
  count.point_fits = 3;
  count.bootstraps = 2;
  count.predictions = 2 * static_cast<std::int64_t>(request.points().training_compute_flops_size());
  return count;
}

FitCount CountOf(const v1::BacktestRequest& request, const ObservationTable& observations) {
  const std::int64_t tasks =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(observations.task.dictionary().size()));
  const std::int64_t folds = (FoldsOf(request, observations, tasks) + tasks - 1) / tasks;
  FitCount count;
  count.folds = static_cast<int>(std::clamp<std::int64_t>(folds, 1, kMaxFolds));
  if (!request.options().bootstrap().has_replicates()) count.replicates = kBacktestReplicates;
  count.profiles = false;
  return count;
}

}  // namespace ctxfit
