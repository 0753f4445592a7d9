#include "client/convert/lm_eval_results.h"

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/convert/conversion.h"
#include "client/convert/folder.h"
#include "client/convert/python_json.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// True if `text` begins with a date such as 2024-05-29T.
bool IsTimestamp(absl::string_view text) {
  constexpr absl::string_view kShape = "0000-00-00T";
  if (text.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !absl::ascii_isdigit(text[i]) : text[i] != kShape[i]) return false;
  }
  return true;
}

// The folder of a file, with a name of its own.
std::filesystem::path FolderOf(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().parent_path();
}

}  // namespace

std::optional<SamplesName> ParseSamplesName(absl::string_view file_name) {
  if (!absl::ConsumePrefix(&file_name, "samples_") || !absl::ConsumeSuffix(&file_name, ".jsonl")) return std::nullopt;
  const std::size_t end = file_name.rfind('_');
  if (end == 0 || end == absl::string_view::npos || !IsTimestamp(file_name.substr(end + 1))) return std::nullopt;
  return SamplesName{std::string(file_name.substr(0, end)), std::string(file_name.substr(end + 1))};
}

bool IsResultsName(absl::string_view file_name) {
  if (!absl::ConsumeSuffix(&file_name, ".json")) return false;
  const std::size_t end = file_name.rfind('_');
  return end != 0 && end != absl::string_view::npos && IsTimestamp(file_name.substr(end + 1));
}

absl::StatusOr<LmEvalResults> ReadLmEvalResults(const std::string& path) {
  LmEvalResults results;
  std::error_code unknown;
  if (std::filesystem::exists(path, unknown)) {
    CTXFIT_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
    const absl::StatusOr<nlohmann::json> file = ParsePythonJson(content);
    if (!file.ok()) return AtPlace(path, file.status());
    const nlohmann::json& model = Member(*file, "model_name");
    if (model.is_string()) results.model = model;
    const nlohmann::json& max_length = Member(*file, "max_length");
    if (max_length.is_number() && max_length.get<double>() > 0) results.max_length = max_length.get<double>();
    for (const auto& [task, shots] : Member(*file, "n-shot").items()) {
      if (shots.is_number_integer()) results.shots[task] = shots.dump();
    }
  }
  if (results.model.empty()) results.model = FolderOf(path).filename();
  return results;
}

absl::StatusOr<LmEvalResults> ReadLmEvalResults(const std::string& samples_path, const SamplesName& name) {
  const std::string expected = absl::StrCat("_", name.timestamp, ".json");
  const std::filesystem::path folder = FolderOf(samples_path);
  const std::filesystem::path results = folder / absl::StrCat("results", expected);
  std::error_code unknown;
  if (std::filesystem::exists(results, unknown)) return ReadLmEvalResults(results.string());
  std::string found = results;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(folder, unreadable)) {
    const std::string file = entry.path().filename().string();
    if (IsResultsName(file) && absl::EndsWith(file, expected)) found = entry.path().string();
  }
  return ReadLmEvalResults(found);
}

}  // namespace ctxfit
