#include "client/convert/conversion.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/text/csv_text.h"
#include "client/text/number_text.h"

namespace ctxfit {

Conversion::Conversion(const ConversionColumns& columns) : columns_(columns) {
  absl::StrAppend(&csv_, "training_compute_flops,", columns.prompts ? "prompt_tokens," : "",
                  "context_limit_tokens,score,", columns.weights ? "weight," : "",
                  columns.variances ? "score_variance," : "", "cluster,", columns.items ? "cluster_2," : "",
                  "task,model,shots", columns.truncated ? ",truncated" : "", "\n");
}

void Conversion::AddRow(const ConvertedRun& run, const ConvertedRow& row) {
  empty_ = false;
  units_.Add(run.cluster, row.item);
  const auto add_number = [this](bool has, const std::optional<double>& value) {
    if (has) absl::StrAppend(&csv_, value ? ExactNumber(*value) : "", ",");
  };
  add_number(true, run.model.training_compute_flops);
  add_number(columns_.prompts, row.prompt_tokens);
  add_number(true, run.model.context_limit_tokens);
  add_number(true, row.score);
  add_number(columns_.weights, row.weight);
  add_number(columns_.variances, row.variance);
  absl::StrAppend(&csv_, CsvField(run.cluster), ",");
  if (columns_.items) absl::StrAppend(&csv_, CsvField(row.item), ",");
  absl::StrAppend(&csv_, CsvField(run.task), ",", CsvField(run.model.name), ",", run.shots);
  absl::StrAppend(&csv_, columns_.truncated ? (row.truncated ? ",1" : ",0") : "", "\n");
}

void Conversion::AddNote(std::int64_t count, absl::string_view noun, absl::string_view treatment) {
  if (count > 0) notes_.push_back(absl::StrCat(Plural(count, noun), " ", treatment));
}

absl::Status AtPlace(absl::string_view place, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(place, ": ", status.message()));
}

}  // namespace ctxfit
