#include "client/convert/conversion.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/text/csv_text.h"
#include "client/text/number_text.h"

namespace ctxfit {

void Conversion::AddRow(const ConvertedRun& run, const std::string& item, double prompt_tokens, double score) {
  empty_ = false;
  absl::StrAppend(&csv_, ExactNumber(run.model.training_compute_flops), ",", ExactNumber(prompt_tokens), ",",
                  ExactNumber(run.model.context_limit_tokens), ",", ExactNumber(score), ",");
  absl::StrAppend(&csv_, CsvField(run.cluster), ",", CsvField(item), ",", CsvField(run.task), ",",
                  CsvField(run.model.name), ",");
  absl::StrAppend(&csv_, run.shots, "\n");
}

void Conversion::AddNote(std::int64_t count, absl::string_view noun, absl::string_view treatment) {
  if (count > 0) notes_.push_back(absl::StrCat(Plural(count, noun), " ", treatment));
}

absl::Status AtPlace(absl::string_view place, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(place, ": ", status.message()));
}

}  // namespace ctxfit
