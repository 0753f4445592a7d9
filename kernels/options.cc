#include "kernels/options.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

// A penalty below this leaves nothing of a score in double precision. It is 0 then: the subnormal products that it
// would bring about take a hundred times the time of others.
constexpr double kNoScore = 1e-20;

absl::Status Reject(absl::string_view field, double value, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("options.", field, " = ", value, ": must be ", rule));
}

bool IsPositive(double value) { return std::isfinite(value) && value > 0; }

bool IsCoefficient(Coordinate coordinate) {
  return coordinate == kLogComputeCoefficient || coordinate == kLogContextCoefficient;
}

absl::Status CheckParameter(Coordinate coordinate, const ParameterOptions& parameter) {
  const bool coefficient = IsCoefficient(coordinate);
  const absl::string_view rule = coefficient ? "finite and > 0" : "finite and >= 0";
  const auto in_range = [coefficient](double value) {
    return std::isfinite(value) && (coefficient ? value > 0 : value >= 0);
  };
  const absl::string_view name = ParameterName(coordinate);
  if (!in_range(parameter.bounds.lower)) {
    return Reject(absl::StrCat("bounds[", name, "].lower"), parameter.bounds.lower, rule);
  }
  if (!std::isfinite(parameter.bounds.upper) || parameter.bounds.upper <= parameter.bounds.lower) {
    return Reject(absl::StrCat("bounds[", name, "].upper"), parameter.bounds.upper,
                  absl::StrCat("finite and > its lower bound ", parameter.bounds.lower));
  }
  if (parameter.fixed && !in_range(*parameter.fixed)) {
    return Reject(absl::StrCat("fixed[", name, "].value"), *parameter.fixed, rule);
  }
  return absl::OkStatus();
}

absl::Status CheckPenalty(const Penalty& penalty) {
  if (penalty.form == Penalty::Form::kNone) return absl::OkStatus();
  if (!IsPositive(penalty.width)) {
    return Reject(penalty.form == Penalty::Form::kTokens ? "penalty.width_tokens" : "penalty.width_ratio",
                  penalty.width, "finite and > 0");
  }
  if (!IsPositive(penalty.onset_ratio)) return Reject("penalty.onset_ratio", penalty.onset_ratio, "finite and > 0");
  return absl::OkStatus();
}

absl::Status CheckReference(absl::string_view field, const std::optional<double>& value) {
  if (value && !IsPositive(*value)) return Reject(field, *value, "finite and > 0");
  return absl::OkStatus();
}

absl::Status CheckSearch(const SearchOptions& search) {
  if (search.candidates && (*search.candidates < 8 || *search.candidates > 65536)) {
    return Reject("search.candidates", *search.candidates, "in [8, 65536]");
  }
  if (search.max_generations < 1 || search.max_generations > 10000) {
    return Reject("search.max_generations", search.max_generations, "in [1, 10000]");
  }
  if (!IsPositive(search.tolerance_deviance)) {
    return Reject("search.tolerance_deviance", search.tolerance_deviance, "finite and > 0");
  }
  if (search.stagnation_generations < 1) {
    return Reject("search.stagnation_generations", search.stagnation_generations, ">= 1");
  }
  if (!(search.crossover >= 0 && search.crossover <= 1))
    return Reject("search.crossover", search.crossover, "in [0, 1]");
  if (!(search.mutation.lower > 0 && search.mutation.lower <= search.mutation.upper && search.mutation.upper <= 2)) {
    return Reject("search.mutation.lower", search.mutation.lower,
                  absl::StrCat("> 0 and <= its upper end ", search.mutation.upper, ", which must be <= 2"));
  }
  if (search.refined_candidates < 2) return Reject("search.refined_candidates", search.refined_candidates, ">= 2");
  return absl::OkStatus();
}

absl::Status CheckBootstrap(const BootstrapOptions& bootstrap) {
  if (bootstrap.replicates != 0 && (bootstrap.replicates < 20 || bootstrap.replicates > 100000)) {
    return Reject("bootstrap.replicates", bootstrap.replicates, "0 or in [20, 100000]");
  }
  if (!(bootstrap.confidence > 0 && bootstrap.confidence < 1)) {
    return Reject("bootstrap.confidence", bootstrap.confidence, "in (0, 1)");
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view ParameterName(Coordinate coordinate) {
  constexpr absl::string_view kNames[] = {"compute_coefficient", "compute_exponent", "context_coefficient",
                                          "context_exponent"};
  return kNames[coordinate];
}

double ToCoordinate(Coordinate coordinate, double parameter) {
  return IsCoefficient(coordinate) ? std::log(parameter) : parameter;
}

double ToParameter(Coordinate coordinate, double value) { return IsCoefficient(coordinate) ? std::exp(value) : value; }

double PenaltyFactor(const Penalty& penalty, double prompt_tokens, double limit_tokens) {
  if (penalty.form == Penalty::Form::kNone) return 1;
  const double width = penalty.form == Penalty::Form::kTokens ? penalty.width : penalty.width * limit_tokens;
  const double factor = Penalize(prompt_tokens, penalty.onset_ratio * limit_tokens, width);
  return factor < kNoScore ? 0 : factor;
}

absl::Status Validate(const FitOptions& options) {
  if (absl::Status status = CheckPenalty(options.penalty); !status.ok()) return status;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (absl::Status status = CheckParameter(static_cast<Coordinate>(i), options.parameters[i]); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = CheckReference("compute_reference_flops", options.compute_reference_flops); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckReference("prompt_reference_tokens", options.prompt_reference_tokens); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckSearch(options.search); !status.ok()) return status;
  return CheckBootstrap(options.bootstrap);
}

Domain MakeDomain(const FitOptions& options) {
  Domain domain;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const auto coordinate = static_cast<Coordinate>(i);
    const ParameterOptions& parameter = options.parameters[i];
    domain.free[i] = !parameter.fixed.has_value();
    domain.lower.at[i] = ToCoordinate(coordinate, parameter.fixed.value_or(parameter.bounds.lower));
    domain.upper.at[i] = ToCoordinate(coordinate, parameter.fixed.value_or(parameter.bounds.upper));
  }
  return domain;
}

}  // namespace ctxfit
