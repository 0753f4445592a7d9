#include <cmath>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/convert/conversion.h"
#include "client/convert/eval_outputs.h"
#include "client/convert/lm_eval.h"
#include "client/convert/lm_eval_sample.h"
#include "client/text/output_file.h"
#include "client/text/text_table.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

absl::StatusOr<Conversion> Convert(const ConversionSource& source, const EvalOutputsOptions&) {
  return ConvertEvalOutputs(source);
}

absl::StatusOr<Conversion> Convert(const ConversionSource& source, const LmEvalOptions& options) {
  const double ratio = options.tokens_per_character.value_or(1);
  if (std::isfinite(ratio) && ratio > 0) return ConvertLmEval(source, options);
  return absl::InvalidArgumentError(absl::StrCat("--tokens-per-character ", ratio, ": must be finite and > 0"));
}

}  // namespace

absl::Status RunConvert(const ConvertArguments& arguments) {
  const auto convert = [&arguments](const auto& options) { return Convert(arguments.source, options); };
  CTXFIT_ASSIGN_OR_RETURN(const Conversion conversion, std::visit(convert, arguments.evaluations));
  for (const std::string& note : conversion.notes()) absl::FPrintF(stderr, "ctxfit: %s\n", note);
  absl::FPrintF(stderr, "%s", Wrapped("ctxfit: ", conversion.units_text(), kTextWidth));
  return WriteOutput(arguments.out, conversion.csv());
}

}  // namespace ctxfit
