#include "server/wire/law_conversion.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/backend/backend.h"
#include "kernels/base/status_macros.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "server/wire/field_checks.h"
#include "server/wire/limits.h"

namespace ctxfit {
namespace {

absl::Status CheckParameters(const v1::Parameters& parameters) {
  const struct {
    absl::string_view name;
    double value;
    bool may_be_zero;
  } fields[] = {
      {"compute_coefficient", parameters.compute_coefficient(), false},
      {"compute_exponent", parameters.compute_exponent(), true},
      {"compute_reference_flops", parameters.compute_reference_flops(), false},
      {"context_coefficient", parameters.context_coefficient(), false},
      {"context_exponent", parameters.context_exponent(), true},
      {"prompt_reference_tokens", parameters.prompt_reference_tokens(), false},
  };
  for (const auto& field : fields) {
    if (IsPositive(field.value) || (field.may_be_zero && field.value == 0)) continue;
    return Reject(absl::StrCat("fit.parameters.", field.name), field.value,
                  field.may_be_zero ? "finite and >= 0" : "finite and > 0");
  }
  const double floor = parameters.floor();
  const double ceiling = parameters.has_ceiling() ? parameters.ceiling() : 1;
  if (!(floor >= 0 && floor < 1)) return Reject("fit.parameters.floor", floor, "in [0, 1)");
  if (!(ceiling > floor && ceiling <= 1)) {
    return Reject("fit.parameters.ceiling", ceiling, absl::StrCat("in (", floor, ", 1]"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Penalty> PenaltyOf(const v1::Parameters& parameters) {
  Penalty penalty;
  if (parameters.has_penalty_width_tokens() && parameters.has_penalty_width_ratio()) {
    return Reject("fit.parameters.penalty_width_ratio", parameters.penalty_width_ratio(),
                  "unset where penalty_width_tokens is set");
  }
  if (parameters.has_penalty_width_tokens()) {
    penalty.width = parameters.penalty_width_tokens();
  } else if (parameters.has_penalty_width_ratio()) {
    penalty.form = Penalty::Form::kRatio;
    penalty.width = parameters.penalty_width_ratio();
  } else {
    penalty.form = Penalty::Form::kNone;
  }
  if (!IsPositive(penalty.width)) {
    return Reject(penalty.form == Penalty::Form::kRatio ? "fit.parameters.penalty_width_ratio"
                                                        : "fit.parameters.penalty_width_tokens",
                  penalty.width, "finite and > 0");
  }
  if (parameters.has_penalty_onset_ratio()) penalty.onset_ratio = parameters.penalty_onset_ratio();
  if (!IsPositive(penalty.onset_ratio)) {
    return Reject("fit.parameters.penalty_onset_ratio", penalty.onset_ratio, "finite and > 0");
  }
  penalty.lag = parameters.penalty_lag_tokens();
  if (!(std::isfinite(penalty.lag) && penalty.lag >= 0)) {
    return Reject("fit.parameters.penalty_lag_tokens", penalty.lag, "finite and >= 0");
  }
  if (penalty.lag > 0 && penalty.form != Penalty::Form::kTokens) {
    return Reject("fit.parameters.penalty_lag_tokens", penalty.lag, "unset where penalty_width_tokens is unset");
  }
  return penalty;
}

// A column of replicates and its rules.
struct ReplicateColumn {
  Coordinate coordinate;
  absl::string_view name;
  const Column& values;
  bool optional;
};

absl::Status CheckReplicate(Coordinate coordinate, absl::string_view field, int replicate, double value) {
  const auto reject = [&](absl::string_view rule) {
    return Reject(absl::StrCat("fit.replicates.", field, "[", replicate, "]"), value, rule);
  };
  switch (coordinate) {
    case kComputeExponent:
    case kContextExponent:
      return IsPositive(value) || value == 0 ? absl::OkStatus() : reject("finite and >= 0");
    case kFloor:
    case kHeadroom:
      return value >= 0 && value <= 1 ? absl::OkStatus() : reject("in [0, 1]");
    default:
      return IsPositive(value) ? absl::OkStatus() : reject("finite and > 0");
  }
}

// Lists the columns, the first of which gives the number of replicates.
std::vector<ReplicateColumn> ColumnsOf(const v1::Replicates& replicates) {
  return {{kLogComputeCoefficient, "compute_coefficient", replicates.compute_coefficient(), false},
          {kComputeExponent, "compute_exponent", replicates.compute_exponent(), false},
          {kLogContextCoefficient, "context_coefficient", replicates.context_coefficient(), false},
          {kContextExponent, "context_exponent", replicates.context_exponent(), false},
          {kLogPenaltyWidth, "penalty_width", replicates.penalty_width(), true},
          {kLogPenaltyOnset, "penalty_onset_ratio", replicates.penalty_onset_ratio(), true},
          {kFloor, "floor", replicates.floor(), true},
          {kHeadroom, "ceiling", replicates.ceiling(), true}};
}

}  // namespace

v1::Parameters ToProto(const Law& law) {
  const auto parameter = [&law](Coordinate coordinate) {
    return ToParameter(coordinate, law.point.at[coordinate], law.penalty);
  };
  v1::Parameters parameters;
  parameters.set_compute_coefficient(parameter(kLogComputeCoefficient));
  parameters.set_compute_exponent(parameter(kComputeExponent));
  parameters.set_compute_reference_flops(law.references.compute_flops);
  parameters.set_context_coefficient(parameter(kLogContextCoefficient));
  parameters.set_context_exponent(parameter(kContextExponent));
  parameters.set_prompt_reference_tokens(law.references.prompt_tokens);
  if (law.point.at[kFloor] != 0) parameters.set_floor(parameter(kFloor));
  if (law.point.at[kHeadroom] != 0) parameters.set_ceiling(parameter(kHeadroom));
  if (law.penalty.form == Penalty::Form::kNone) return parameters;
  if (law.penalty.form == Penalty::Form::kTokens) {
    parameters.set_penalty_width_tokens(parameter(kLogPenaltyWidth));
  } else {
    parameters.set_penalty_width_ratio(parameter(kLogPenaltyWidth));
  }
  parameters.set_penalty_onset_ratio(parameter(kLogPenaltyOnset));
  if (law.penalty.lag > 0) parameters.set_penalty_lag_tokens(law.penalty.lag);
  return parameters;
}

v1::Replicates ToProto(const ReplicateFits& replicates, const Law& law, const Domain& domain) {
  v1::Replicates converted;
  const auto fill = [&](Coordinate coordinate, Column& column) {
    for (const Point& point : replicates.points) {
      column.Add(ToParameter(coordinate, point.at[coordinate], law.penalty));
    }
  };
  fill(kLogComputeCoefficient, *converted.mutable_compute_coefficient());
  fill(kComputeExponent, *converted.mutable_compute_exponent());
  fill(kLogContextCoefficient, *converted.mutable_context_coefficient());
  fill(kContextExponent, *converted.mutable_context_exponent());
  if (domain.free[kLogPenaltyWidth]) fill(kLogPenaltyWidth, *converted.mutable_penalty_width());
  if (domain.free[kLogPenaltyOnset]) fill(kLogPenaltyOnset, *converted.mutable_penalty_onset_ratio());
  if (domain.free[kFloor]) fill(kFloor, *converted.mutable_floor());
  if (domain.free[kHeadroom]) fill(kHeadroom, *converted.mutable_ceiling());
  for (const bool converged : replicates.converged) converted.add_converged(converged);
  return converted;
}

absl::StatusOr<Law> LawOf(const v1::Parameters& parameters) {
  CTXFIT_RETURN_IF_ERROR(CheckParameters(parameters));
  CTXFIT_ASSIGN_OR_RETURN(const Penalty penalty, PenaltyOf(parameters));
  Law law = {{}, {parameters.compute_reference_flops(), parameters.prompt_reference_tokens()}, penalty};
  law.point.at[kLogComputeCoefficient] = std::log(parameters.compute_coefficient());
  law.point.at[kComputeExponent] = parameters.compute_exponent();
  law.point.at[kLogContextCoefficient] = std::log(parameters.context_coefficient());
  law.point.at[kContextExponent] = parameters.context_exponent();
  law.point.at[kFloor] = parameters.floor();
  law.point.at[kHeadroom] = parameters.has_ceiling() ? 1 - parameters.ceiling() : 0;
  return law;
}

absl::StatusOr<std::vector<Point>> PointsOf(const v1::Replicates& replicates, const Law& law) {
  const int count = replicates.compute_coefficient_size();
  CTXFIT_RETURN_IF_ERROR(CheckCount("fit.replicates.compute_coefficient", count, kMaxReplicates));
  std::vector<Point> points(count, law.point);
  for (const ReplicateColumn& column : ColumnsOf(replicates)) {
    if (column.optional && column.values.empty()) continue;
    if (column.values.size() != count) {
      return absl::InvalidArgumentError(absl::StrCat("fit.replicates.", column.name, " has ", column.values.size(),
                                                     " values: must have ", count,
                                                     ", as many as fit.replicates.compute_coefficient"));
    }
    for (int b = 0; b < count; ++b) {
      const double value = column.values.Get(b);
      CTXFIT_RETURN_IF_ERROR(CheckReplicate(column.coordinate, column.name, b, value));
      points[b].at[column.coordinate] = ToCoordinate(column.coordinate, value, law.penalty);
    }
  }
  return points;
}

}  // namespace ctxfit
