#include "server/wire/backtest_conversion.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"
#include "server/wire/baseline_conversion.h"
#include "server/wire/evaluation_conversion.h"
#include "server/wire/field_checks.h"
#include "server/wire/law_conversion.h"

namespace ctxfit {
namespace {

constexpr int kMostCuts = 64;

std::optional<FoldScheme> FromProto(v1::FoldScheme scheme) {
  switch (scheme) {
    case v1::FOLD_SCHEME_UNSPECIFIED:
    case v1::FOLD_SCHEME_LEVEL:
      return FoldScheme::kLevel;
    case v1::FOLD_SCHEME_GROUP:
      return FoldScheme::kGroup;
    case v1::FOLD_SCHEME_COMPUTE:
      return FoldScheme::kCompute;
    case v1::FOLD_SCHEME_PROMPT:
      return FoldScheme::kPrompt;
    case v1::FOLD_SCHEME_LIMIT:
      return FoldScheme::kLimit;
    default:
      return std::nullopt;
  }
}

v1::FoldScheme ToProto(FoldScheme scheme) {
  switch (scheme) {
    case FoldScheme::kLevel:
      return v1::FOLD_SCHEME_LEVEL;
    case FoldScheme::kGroup:
      return v1::FOLD_SCHEME_GROUP;
    case FoldScheme::kCompute:
      return v1::FOLD_SCHEME_COMPUTE;
    case FoldScheme::kPrompt:
      return v1::FOLD_SCHEME_PROMPT;
    case FoldScheme::kLimit:
      return v1::FOLD_SCHEME_LIMIT;
  }
  return v1::FOLD_SCHEME_UNSPECIFIED;
}

absl::Status CheckCuts(const v1::BacktestRequest& request, FoldScheme scheme) {
  if (request.cuts_size() == 0) return absl::OkStatus();
  if (IsPartition(scheme)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cuts has ", request.cuts_size(), " values: must have none unless scheme is COMPUTE, PROMPT or LIMIT"));
  }
  if (request.cuts_size() > kMostCuts) {
    return absl::InvalidArgumentError(
        absl::StrCat("cuts has ", request.cuts_size(), " values: must have at most ", kMostCuts));
  }
  CTXFIT_RETURN_IF_ERROR(CheckMagnitudes("cuts", request.cuts()));
  for (int i = 1; i < request.cuts_size(); ++i) {
    if (request.cuts(i) > request.cuts(i - 1)) continue;
    return Reject(absl::StrCat("cuts[", i, "]"), request.cuts(i),
                  absl::StrCat("above cuts[", i - 1, "] = ", request.cuts(i - 1)));
  }
  return absl::OkStatus();
}

absl::Status CheckGroups(const v1::BacktestRequest& request, FoldScheme scheme, std::size_t rows) {
  if (scheme == FoldScheme::kGroup) {
    return CheckLength("group", request.group_size(), static_cast<int>(rows), "observations.score");
  }
  if (request.group_size() == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("group has ", request.group_size(), " values: must have none unless scheme is GROUP"));
}

v1::HeldOutMean ToProto(const HeldOutMean& mean) {
  v1::HeldOutMean converted;
  converted.set_training_compute_flops(mean.observed.compute);
  if (std::isfinite(mean.observed.limit)) converted.set_context_limit_tokens(mean.observed.limit);
  converted.set_prompt_tokens(mean.observed.prompt);
  converted.set_record_count(mean.observed.row_count);
  converted.set_score(mean.observed.score);
  converted.set_law(mean.predicted.front());
  converted.mutable_baselines()->Assign(mean.predicted.begin() + 1, mean.predicted.end());
  if (mean.band) {
    converted.set_lower(mean.band->lower);
    converted.set_upper(mean.band->upper);
  }
  converted.set_compute_distance(mean.distance.compute);
  converted.set_prompt_distance(mean.distance.prompt);
  return converted;
}

v1::Fold ToProto(const FoldResult& result, const BacktestOptions& options, const std::vector<std::string>& labels) {
  v1::Fold converted;
  const Fold& fold = result.fold;
  if (options.scheme == FoldScheme::kLevel) {
    converted.set_training_compute_flops(fold.compute);
    if (std::isfinite(fold.limit)) converted.set_context_limit_tokens(fold.limit);
  } else if (options.scheme == FoldScheme::kGroup) {
    converted.set_group(labels[fold.group]);
  } else {
    converted.set_cut(fold.cut);
  }
  converted.set_fitted_count(static_cast<std::int64_t>(fold.fitted.size()));
  converted.set_held_out_count(static_cast<std::int64_t>(fold.held_out.size()));
  converted.set_reason(fold.reason);
  if (!fold.reason.empty()) return converted;
  *converted.mutable_parameters() = ToProto(*result.law);
  converted.set_converged(result.converged);
  *converted.mutable_law() = ToProto(result.errors.front());
  for (std::size_t i = 0; i < result.baselines.size(); ++i) {
    v1::Baseline& baseline = *converted.add_baselines();
    baseline = ToProto(result.baselines[i]);
    *baseline.mutable_held_out() = ToProto(result.errors[i + 1]);
  }
  if (result.coverage) {
    *converted.mutable_band_coverage() = ToProto(*result.coverage, options.fit.bootstrap.confidence);
  }
  for (const HeldOutMean& mean : result.means) *converted.add_means() = ToProto(mean);
  return converted;
}

v1::DistanceBin ToProto(const DistanceBin& bin) {
  v1::DistanceBin converted;
  converted.set_lower(bin.distance.lower);
  if (std::isfinite(bin.distance.upper)) converted.set_upper(bin.distance.upper);
  if (bin.errors.empty()) return converted;
  *converted.mutable_law() = ToProto(bin.errors.front());
  for (std::size_t i = 1; i < bin.errors.size(); ++i) *converted.add_baselines() = ToProto(bin.errors[i]);
  return converted;
}

}  // namespace

absl::StatusOr<BacktestOptions> OptionsOf(const v1::BacktestRequest& request, const FitOptions& fit, std::size_t rows) {
  const std::optional<FoldScheme> scheme = FromProto(request.scheme());
  if (!scheme) {
    return absl::InvalidArgumentError(
        absl::StrCat("scheme = ", static_cast<int>(request.scheme()), ": must be a value of FoldScheme"));
  }
  CTXFIT_RETURN_IF_ERROR(CheckCuts(request, *scheme));
  CTXFIT_RETURN_IF_ERROR(CheckGroups(request, *scheme, rows));
  BacktestOptions options = {fit, *scheme, {request.cuts().begin(), request.cuts().end()}};
  if (!request.options().bootstrap().has_replicates()) options.fit.bootstrap.replicates = kBacktestReplicates;
  // Profiles tell nothing of predictions, and would take several times as long as all the rest.
  options.fit.profile = false;
  return options;
}

GroupLabels GroupsOf(const v1::BacktestRequest& request) {
  std::map<std::string, std::int32_t> index;
  for (const std::string& label : request.group()) index.emplace(label, 0);
  GroupLabels groups;
  for (auto& [label, at] : index) {
    at = static_cast<std::int32_t>(groups.labels.size());
    groups.labels.push_back(label);
  }
  for (const std::string& label : request.group()) groups.group.push_back(index[label]);
  return groups;
}

v1::Backtest ToProto(const TaskBacktest& backtest, const BacktestOptions& options,
                     const std::vector<std::string>& labels) {
  v1::Backtest converted;
  converted.set_task(backtest.task);
  converted.set_scheme(ToProto(options.scheme));
  for (const FoldResult& result : backtest.folds) *converted.add_folds() = ToProto(result, options, labels);
  converted.set_fitted_count(backtest.fitted_count);
  if (backtest.errors.empty()) return converted;
  *converted.mutable_law() = ToProto(backtest.errors.front());
  for (std::size_t i = 1; i < backtest.errors.size(); ++i) {
    v1::NamedErrors& baseline = *converted.add_baselines();
    baseline.set_form(ToProto(kBaselineForms[i - 1]));
    baseline.set_name(NameOf(kBaselineForms[i - 1]));
    *baseline.mutable_errors() = ToProto(backtest.errors[i]);
  }
  if (backtest.coverage) {
    *converted.mutable_band_coverage() = ToProto(*backtest.coverage, options.fit.bootstrap.confidence);
  }
  for (const DistanceBin& bin : backtest.bins) *converted.add_distances() = ToProto(bin);
  const char* held_out = options.scheme == FoldScheme::kGroup ? "groups" : "models";
  if (backtest.verdict) *converted.mutable_verdict() = ToProto(*backtest.verdict, held_out);
  return converted;
}

}  // namespace ctxfit
