#include "client/convert/models.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/input/csv_reader.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"
#include "client/input/utf8.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

constexpr double kComputeTolerance = 0.01;  // printed computes are rounded, and some count the embeddings

class ModelSink : public RowSink {
 public:
  explicit ModelSink(const std::string& file) : file_(file) {}

  absl::Status OnHeader(const std::vector<std::string>& columns) override {
    columns_ = columns;
    for (const char* required : {"model", "context_limit_tokens"}) {
      if (std::find(columns.begin(), columns.end(), required) != columns.end()) continue;
      return absl::InvalidArgumentError(absl::StrCat(file_, ":1: required column missing: ", required));
    }
    return absl::OkStatus();
  }

  absl::Status OnRow(std::int64_t line, absl::Span<const std::string> fields) override {
    fields_ = fields;
    const absl::Status status = AddModel();
    if (status.ok()) return status;
    return absl::InvalidArgumentError(absl::StrCat(file_, ":", line, ": ", status.message()));
  }

  const std::vector<Model>& models() const { return models_; }

 private:
  // Returns a field of the row without surrounding white space; "" if there is no such column.
  absl::string_view Field(absl::string_view column) const {
    const std::size_t at = std::find(columns_.begin(), columns_.end(), column) - columns_.begin();
    return at == columns_.size() ? "" : absl::StripAsciiWhitespace(fields_[at]);
  }

  // Parses a field of the row as a positive number. Nothing if the field is empty.
  absl::StatusOr<std::optional<double>> Number(absl::string_view column) const {
    const absl::string_view text = Field(column);
    if (text.empty()) return std::nullopt;
    double value = 0;
    if (absl::SimpleAtod(text, &value) && std::isfinite(value) && value > 0) return value;
    return absl::InvalidArgumentError(absl::StrCat(column, " = ", Quoted(text), ": must be a number, finite and > 0"));
  }

  absl::StatusOr<double> Compute() const {
    CTXFIT_ASSIGN_OR_RETURN(const std::optional<double> compute, Number("training_compute_flops"));
    CTXFIT_ASSIGN_OR_RETURN(const std::optional<double> parameters, Number("parameters"));
    CTXFIT_ASSIGN_OR_RETURN(const std::optional<double> tokens, Number("training_tokens"));
    if (!parameters || !tokens) {
      if (compute) return *compute;
      return absl::InvalidArgumentError("give training_compute_flops, or parameters and training_tokens");
    }
    const double product = 6 * *parameters * *tokens;
    if (!compute) return product;
    if (std::abs(*compute - product) <= kComputeTolerance * product) return *compute;
    return absl::InvalidArgumentError(
        absl::StrCat("training_compute_flops = ", Field("training_compute_flops"),
                     ": must be within 1 % of 6 x parameters x training_tokens = ", product));
  }

  absl::Status AddModel() {
    Model model = {std::string(Field("model")), 0, 0};
    if (model.name.empty()) return absl::InvalidArgumentError("model: must not be empty");
    const auto is_this = [&model](const Model& other) { return other.name == model.name; };
    if (std::any_of(models_.begin(), models_.end(), is_this)) {
      return absl::InvalidArgumentError(absl::StrCat("model ", Quoted(model.name), " stands twice in the file"));
    }
    CTXFIT_ASSIGN_OR_RETURN(const std::optional<double> limit, Number("context_limit_tokens"));
    if (!limit) return absl::InvalidArgumentError("context_limit_tokens: must not be empty");
    model.context_limit_tokens = *limit;
    CTXFIT_ASSIGN_OR_RETURN(model.training_compute_flops, Compute());
    models_.push_back(std::move(model));
    return absl::OkStatus();
  }

  const std::string& file_;
  std::vector<std::string> columns_;
  absl::Span<const std::string> fields_;  // fields of the current row
  std::vector<Model> models_;
};

}  // namespace

absl::StatusOr<std::vector<Model>> ReadModels(const std::string& path) {
  CTXFIT_ASSIGN_OR_RETURN(TextInput input, TextInput::Open(path));
  ModelSink sink(input.name());
  CTXFIT_RETURN_IF_ERROR(ReadCsv(input, sink));
  return sink.models();
}

}  // namespace ctxfit
