#include "client/command/fitting.h"

#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "client/command/fit_options.h"
#include "client/text/json.h"

namespace ctxfit {
namespace {

// Parses the texts of --penalty-..., --floor, --ceiling, --fix and --bound into `options`.
absl::Status ParseLaw(const FittingArguments& arguments, v1::FitOptions& options) {
  absl::StatusOr<v1::Penalty> penalty = ParsePenalty(arguments.penalty);
  if (!penalty.ok()) return penalty.status();
  *options.mutable_penalty() = *std::move(penalty);
  if (!arguments.floor.empty()) {
    absl::StatusOr<v1::Asymptote> floor = ParseAsymptote("--floor", arguments.floor);
    if (!floor.ok()) return floor.status();
    *options.mutable_floor() = *std::move(floor);
  }
  if (!arguments.ceiling.empty()) {
    absl::StatusOr<v1::Asymptote> ceiling = ParseAsymptote("--ceiling", arguments.ceiling);
    if (!ceiling.ok()) return ceiling.status();
    *options.mutable_ceiling() = *std::move(ceiling);
  }
  for (const std::string& text : arguments.fixed) {
    absl::StatusOr<v1::FixedParameter> fixed = ParseFixed(text);
    if (!fixed.ok()) return fixed.status();
    *options.add_fixed() = *std::move(fixed);
  }
  for (const std::string& text : arguments.bounds) {
    absl::StatusOr<v1::Bound> bound = ParseBound(text);
    if (!bound.ok()) return bound.status();
    *options.add_bounds() = *std::move(bound);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FittingInput> PrepareFitting(const FittingArguments& arguments) {
  v1::FitOptions options = arguments.options;
  if (const absl::Status status = ParseLaw(arguments, options); !status.ok()) return status;
  ObservationSource source = arguments.source;
  source.needs_limits = arguments.draws || !options.penalty().none();
  source.needs_prompts = source.needs_limits || !options.no_context_factor();
  absl::StatusOr<ObservationInput> rows = ReadObservations(source);
  if (!rows.ok()) return rows.status();
  if (!arguments.quiet) {
    for (const std::string& warning : rows->warnings) absl::FPrintF(stderr, "ctxfit: %s\n", warning);
  }
  FittingInput input = {std::move(options), *std::move(rows), {}};
  if (arguments.out.empty()) return input;
  absl::StatusOr<OutputFile> out = OutputFile::Create(arguments.out);
  if (!out.ok()) return out.status();
  input.out.emplace(*std::move(out));
  return input;
}

absl::Status WriteOut(const google::protobuf::Message& response, std::optional<OutputFile>& out) {
  if (!out.has_value()) return absl::OkStatus();
  return out->Commit(ToJson(response));
}

}  // namespace ctxfit
