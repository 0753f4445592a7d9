#include "client/command/fitting.h"

#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "client/command/fit_choice.h"
#include "client/command/fit_options.h"
#include "client/text/json.h"
#include "client/text/text_table.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Parses the texts of --penalty-..., --floor, --ceiling, --fix and --bound into `options`.
absl::Status ParseLaw(const FittingArguments& arguments, v1::FitOptions& options) {
  CTXFIT_ASSIGN_OR_RETURN(*options.mutable_penalty(), ParsePenalty(arguments.penalty));
  if (!arguments.floor.empty()) {
    CTXFIT_ASSIGN_OR_RETURN(*options.mutable_floor(), ParseAsymptote("--floor", arguments.floor));
  }
  if (!arguments.ceiling.empty()) {
    CTXFIT_ASSIGN_OR_RETURN(*options.mutable_ceiling(), ParseAsymptote("--ceiling", arguments.ceiling));
  }
  for (const std::string& text : arguments.fixed) {
    CTXFIT_ASSIGN_OR_RETURN(*options.add_fixed(), ParseFixed(text));
  }
  for (const std::string& text : arguments.bounds) {
    CTXFIT_ASSIGN_OR_RETURN(*options.add_bounds(), ParseBound(text));
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
  CTXFIT_RETURN_IF_ERROR(ParseLaw(arguments, options));
  ObservationSource source = arguments.source;
  const UsedVariables used = FindUsedVariables(options);
  source.needs_limits = used.limits;
  source.needs_prompts = used.prompts || arguments.draws;
  CTXFIT_ASSIGN_OR_RETURN(ObservationInput rows, ReadObservations(source));
  if (!arguments.quiet) {
    for (const std::string& warning : rows.warnings) absl::FPrintF(stderr, "ctxfit: %s\n", warning);
    const std::string note = NoteOnVariances(options, rows.observations);
    if (!note.empty()) absl::FPrintF(stderr, "%s", Wrapped("ctxfit: ", note, kTextWidth));
  }
  FittingInput input = {std::move(options), std::move(rows), {}};
  if (arguments.out.empty()) return input;
  CTXFIT_ASSIGN_OR_RETURN(OutputFile out, OutputFile::Create(arguments.out));
  input.out.emplace(std::move(out));
  return input;
}

absl::Status WriteOut(const google::protobuf::Message& response, std::optional<OutputFile>& out) {
  if (!out.has_value()) return absl::OkStatus();
  return out->Commit(ToJson(response));
}

}  // namespace ctxfit
