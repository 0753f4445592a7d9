#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "client/command/commands.h"
#include "client/command/fit_options.h"
#include "client/text/csv_text.h"
#include "client/text/json.h"
#include "client/text/number_text.h"
#include "client/text/output_file.h"
#include "client/text/quantity_names.h"
#include "client/text/text_table.h"
#include "ctxfit/v1/law.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/simulate.h"
#include "kernels/law/fitted_law.h"
#include "server/default_options.h"

namespace ctxfit {
namespace {

v1::Parameters MakeParameters(const SimulateArguments& arguments, const v1::Penalty& penalty) {
  v1::Parameters parameters;
  parameters.set_compute_coefficient(arguments.compute_coefficient);
  parameters.set_compute_exponent(arguments.compute_exponent);
  parameters.set_compute_reference_flops(arguments.compute_reference_flops);
  parameters.set_context_coefficient(arguments.context_coefficient);
  parameters.set_context_exponent(arguments.context_exponent);
  parameters.set_prompt_reference_tokens(arguments.prompt_reference_tokens);
  if (penalty.none()) return parameters;
  const v1::Penalty defaults = DefaultFitOptions().penalty();
  if (penalty.has_width_ratio()) {
    parameters.set_penalty_width_ratio(penalty.width_ratio());
  } else {
    parameters.set_penalty_width_tokens((penalty.has_width_tokens() ? penalty : defaults).width_tokens());
  }
  if (const double lag = LagOf(Penalty::Form::kTokens, parameters.penalty_width_tokens()); lag > 0) {
    parameters.set_penalty_lag_tokens(lag);
  }
  parameters.set_penalty_onset_ratio((penalty.has_onset_ratio() ? penalty : defaults).onset_ratio());
  return parameters;
}

// Calls `visit` with the name and value of every set parameter.
template <class Visit>
void ForEachParameter(const v1::Parameters& parameters, Visit visit) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const google::protobuf::Reflection& reflection = *parameters.GetReflection();
  reflection.ListFields(parameters, &fields);
  for (const auto* field : fields) visit(field->name(), reflection.GetDouble(parameters, field));
}

absl::Status CheckParameters(const v1::Parameters& parameters) {
  absl::Status status;
  ForEachParameter(parameters, [&status](const std::string& name, double value) {
    if (std::isfinite(value) && value > 0) return;
    status = absl::InvalidArgumentError(absl::StrCat(name, " = ", value, ": must be finite and > 0"));
  });
  return status;
}

Law MakeLaw(const v1::Parameters& parameters) {
  Law law = {{{std::log(parameters.compute_coefficient()), parameters.compute_exponent(),
               std::log(parameters.context_coefficient()), parameters.context_exponent()}},
             {parameters.compute_reference_flops(), parameters.prompt_reference_tokens()},
             {}};
  law.penalty.onset_ratio = parameters.penalty_onset_ratio();
  if (parameters.has_penalty_width_ratio()) {
    law.penalty.form = Penalty::Form::kRatio;
    law.penalty.width = parameters.penalty_width_ratio();
  } else if (parameters.has_penalty_width_tokens()) {
    law.penalty.form = Penalty::Form::kTokens;
    law.penalty.width = parameters.penalty_width_tokens();
    law.penalty.lag = parameters.penalty_lag_tokens();
  } else {
    law.penalty.form = Penalty::Form::kNone;
  }
  return law;
}

std::string ToCsv(const ObservationTable& table) {
  const bool weighted = !table.weight.empty();
  std::string csv = absl::StrCat("training_compute_flops,prompt_tokens,context_limit_tokens,score,",
                                 weighted ? "weight," : "", "cluster,model,task\n");
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    absl::StrAppend(&csv, ExactNumber(table.training_compute_flops[i]), ",", ExactNumber(table.prompt_tokens[i]), ",");
    absl::StrAppend(&csv, ExactNumber(table.context_limit_tokens[i]), ",", ExactNumber(table.score[i]), ",");
    if (weighted) absl::StrAppend(&csv, ExactNumber(table.weight[i]), ",");
    absl::StrAppend(&csv, CsvField(table.cluster[i]), ",", CsvField(table.model[i]), ",", CsvField(table.task[i]),
                    "\n");
  }
  return csv;
}

std::string LawText(const v1::Parameters& parameters, OutputFormat format) {
  if (format == OutputFormat::kJson) return ToJson(parameters);
  using enum TextTable::Align;
  TextTable table({kLeft, kLeft, kRight, kLeft});
  ForEachParameter(parameters, [&table](const std::string& field, double value) {
    const QuantityName name = FindQuantityName(field);
    table.AddRow({std::string(name.symbol), field, ChosenNumberText(value), std::string(name.unit)});
  });
  return absl::StrCat("Law of the simulation\n\n", table.Print(2));
}

}  // namespace

absl::Status RunSimulate(const SimulateArguments& arguments) {
  CTXFIT_ASSIGN_OR_RETURN(const v1::Penalty penalty, ParsePenalty(arguments.penalty));
  if (penalty.fit_width() || penalty.fit_onset()) {
    return absl::InvalidArgumentError("--penalty-width and --penalty-onset: must be numbers to simulate from");
  }
  const v1::Parameters parameters = MakeParameters(arguments, penalty);
  CTXFIT_RETURN_IF_ERROR(CheckParameters(parameters));
  SimulationDesign design;
  design.record_count = arguments.records;
  design.crossed = arguments.crossed;
  design.score = arguments.run_means ? SimulatedScore::kRunMean : SimulatedScore::kInstance;
  design.task = arguments.task;
  CTXFIT_ASSIGN_OR_RETURN(const ObservationTable table,
                          Simulate(MakeLaw(parameters), design, static_cast<std::uint64_t>(arguments.seed)));
  CTXFIT_RETURN_IF_ERROR(WriteOutput(arguments.out, ToCsv(table)));
  // Keep the law out of the records if these go to standard output.
  absl::FPrintF(arguments.out == "-" ? stderr : stdout, "%s", LawText(parameters, arguments.format));
  return absl::OkStatus();
}

}  // namespace ctxfit
