#include "server/fit_count.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "kernels/fit/backtest.h"
#include "kernels/fit/folds.h"
#include "server/default_options.h"

namespace ctxfit {
namespace {

constexpr int kMaxFolds = 1'000'000;

std::int64_t DistinctCount(const std::vector<double>& column) {
  return static_cast<std::int64_t>(absl::flat_hash_set<double>(column.begin(), column.end()).size());
}

// The folds of a task on average.
double FoldsOf(const v1::BacktestRequest& request, const ObservationTable& table) {
  const double tasks = std::max<double>(1, static_cast<double>(table.task.dictionary().size()));
  const auto task_of = [&codes = table.task.codes()](std::size_t row) { return row < codes.size() ? codes[row] : 0; };
  const auto value_of = [](const std::vector<double>& column, std::size_t row) {
    return row < column.size() ? column[row] : 0;
  };
  const double cuts = request.cuts_size();
  switch (request.scheme()) {
    case v1::FOLD_SCHEME_GROUP: {
      absl::flat_hash_set<std::pair<std::int32_t, absl::string_view>> groups;
      for (int row = 0; row < request.group_size(); ++row) groups.emplace(task_of(row), request.group(row));
      return static_cast<double>(groups.size()) / tasks;
    }
    case v1::FOLD_SCHEME_COMPUTE:
      if (cuts > 0) return cuts;
      return static_cast<double>(std::min<std::int64_t>(DistinctCount(table.training_compute_flops), kMaxCuts));
    case v1::FOLD_SCHEME_LIMIT:
      if (cuts > 0) return cuts;
      return static_cast<double>(std::min<std::int64_t>(DistinctCount(table.context_limit_tokens), kMaxCuts));
    case v1::FOLD_SCHEME_PROMPT:
      return cuts > 0 ? cuts : kMaxCuts;
    default: {
      absl::flat_hash_set<std::tuple<std::int32_t, double, double>> levels;
      for (std::size_t row = 0; row < table.score.size(); ++row) {
        levels.emplace(task_of(row), value_of(table.training_compute_flops, row),
                       value_of(table.context_limit_tokens, row));
      }
      return static_cast<double>(levels.size()) / tasks;
    }
  }
}

}  // namespace

FitCount CountOf(const v1::FitRequest&, const ObservationTable&) { return {}; }

FitCount CountOf(const v1::StreamFitRequest&, const ObservationTable&) { return {}; }

FitCount CountOf(const v1::AblateRequest& request, const ObservationTable&) {
  constexpr int kVariants = 4;
  const int folds = std::max(0, request.has_folds() ? request.folds() : DefaultFolds());
  FitCount count;
  count.point_fits = kVariants * (1 + std::min(folds, kMaxFolds));
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
  constexpr double kShareOfFrontiers = 0.5;
  FitCount count;
  count.folds = static_cast<int>(std::clamp<double>(std::ceil(FoldsOf(request, observations)), 1, kMaxFolds));
  const bool is_frontier = request.scheme() == v1::FOLD_SCHEME_COMPUTE || request.scheme() == v1::FOLD_SCHEME_PROMPT ||
                           request.scheme() == v1::FOLD_SCHEME_LIMIT;
  if (is_frontier) count.fitted_share = kShareOfFrontiers;
  if (!request.options().bootstrap().has_replicates()) count.replicates = kBacktestReplicates;
  count.profiles = false;
  return count;
}

}  // namespace ctxfit
