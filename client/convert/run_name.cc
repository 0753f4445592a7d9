#include "client/convert/run_name.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace ctxfit {
namespace {

// Truncates `text` at the last occurrence of `key` and returns the part after `key`; "" if `key` does not occur.
absl::string_view TakeLast(absl::string_view key, absl::string_view& text) {
  const std::size_t at = text.rfind(key);
  if (at == absl::string_view::npos) return "";
  const absl::string_view value = text.substr(at + key.size());
  text = text.substr(0, at);
  return value;
}

}  // namespace

std::optional<RunName> ParseRunName(absl::string_view file_name) {
  constexpr absl::string_view kModel = ",model=";
  if (!absl::ConsumeSuffix(&file_name, ".json")) return std::nullopt;
  absl::string_view rest = file_name;
  // Parsed from the end: shots and seed contain neither ',' nor '=', but the other values may.
  const absl::string_view seed = TakeLast(",local_seed=", rest);
  const absl::string_view shots = TakeLast(",shots=", rest);
  if (!absl::ConsumePrefix(&rest, "dataset=")) return std::nullopt;
  const std::size_t model_at = rest.find(kModel);
  if (model_at == absl::string_view::npos) return std::nullopt;
  const absl::string_view dataset = rest.substr(0, model_at);
  const absl::string_view behind = rest.substr(model_at + kModel.size());
  const absl::string_view model = behind.substr(0, behind.find(",config="));
  const bool counted = !shots.empty() && std::all_of(shots.begin(), shots.end(), absl::ascii_isdigit);
  if (dataset.empty() || model.empty() || seed.empty() || !counted) return std::nullopt;
  RunName name = {std::string(file_name), "", std::string(dataset), std::string(model), std::string(shots)};
  name.items = absl::StrCat("dataset=", dataset, behind.substr(model.size()), ",shots=", shots, ",local_seed=", seed);
  return name;
}

}  // namespace ctxfit
