#include "client/command/fitting.h"

#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "client/command/fit_choice.h"
#include "client/command/fit_options.h"
#include "client/text/json.h"
#include "client/text/text_table.h"

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

// Tells that variances change no interval where the units that are resampled are rows. "" if they are not, or there are
// no variances or no replicates.
std::string NoteOnVariances(const v1::FitOptions& options, const v1::Observations& rows) {
  const v1::BootstrapOptions& bootstrap = options.bootstrap();
  const bool has_replicates = !bootstrap.has_replicates() || bootstrap.replicates() > 0;
  const bool by_row = rows.cluster().empty() || bootstrap.resampling() == v1::RESAMPLING_RECORD;
  if (rows.score_variance().empty() || !by_row || !has_replicates) return "";
  return "score_variance changes no interval here: a row without a cluster is one unit, whatever its variance, and "
         "intervals show how rows scatter about the law. For those of the evaluations behind the rows, fit the "
         "evaluations themselves, or name the rows that err together in a column cluster";
}

}  // namespace

absl::StatusOr<FittingInput> PrepareFitting(const FittingArguments& arguments) {
  v1::FitOptions options = arguments.options;
  if (const absl::Status status = ParseLaw(arguments, options); !status.ok()) return status;
  ObservationSource source = arguments.source;
  const UsedVariables used = FindUsedVariables(options);
  source.needs_limits = used.limits;
  source.needs_prompts = used.prompts || arguments.draws;
  absl::StatusOr<ObservationInput> rows = ReadObservations(source);
  if (!rows.ok()) return rows.status();
  if (!arguments.quiet) {
    for (const std::string& warning : rows->warnings) absl::FPrintF(stderr, "ctxfit: %s\n", warning);
    const std::string note = NoteOnVariances(options, rows->observations);
    if (!note.empty()) absl::FPrintF(stderr, "%s", Wrapped("ctxfit: ", note, kTextWidth));
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
