#include "client/convert/eval_outputs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/convert/conversion.h"
#include "client/convert/folder.h"
#include "client/convert/model_match.h"
#include "client/convert/models.h"
#include "client/convert/python_json.h"
#include "client/convert/run_name.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using nlohmann::json;

constexpr absl::string_view kPattern = "dataset=D,model=M[,config=C],shots=N,local_seed=S.json";

struct RunFile {
  std::string path;
  RunName name;
};

// Converts runs, and recognises items that several runs share.
class Converter {
 public:
  explicit Converter(Conversion& conversion) : conversion_(conversion) {}

  // Adds the rows of one file.
  absl::Status AddRun(const RunName& name, const ConvertedRun& run, absl::string_view content) {
    CTXFIT_ASSIGN_OR_RETURN(const json file, ParsePythonJson(content));
    const json& instances = Member(file, "instances");
    if (!instances.is_array()) return absl::InvalidArgumentError("instances: must be an array");
    if (file.contains("metric_value") && Member(file, "metric_value").is_null()) {
      ++runs_without_metric_;
      return absl::OkStatus();
    }
    for (std::size_t i = 0; i < instances.size(); ++i) {
      const absl::Status status = AddInstance(run, absl::StrCat(name.items, "#", i), instances[i]);
      if (!status.ok()) return AtPlace(absl::StrCat("instances[", i, "]"), status);
    }
    return absl::OkStatus();
  }

  void AddNotes() {
    conversion_.AddNote(runs_without_metric_, "run", "without a metric left out");
    conversion_.AddNote(instances_without_score_, "instance", "without a score left out");
    conversion_.AddNote(items_of_other_text_, "instance",
                        "with another input_text than another model's at the same position: not the same item");
  }

 private:
  absl::Status AddInstance(const ConvertedRun& run, const std::string& position, const json& instance) {
    const std::string item = ItemOf(position, instance);
    if (Member(instance, "metric_value").is_null() && instance.contains("metric_value")) {
      ++instances_without_score_;
      return absl::OkStatus();
    }
    CTXFIT_ASSIGN_OR_RETURN(const double score, ScoreOf("metric_value", Member(instance, "metric_value")));
    CTXFIT_ASSIGN_OR_RETURN(const double tokens, PromptTokensOf("prompt_length", Member(instance, "prompt_length")));
    conversion_.AddRow(run, {item, tokens, score});
    return absl::OkStatus();
  }

  // Names an item by its position, with a number appended if earlier runs had a different text at that position.
  std::string ItemOf(const std::string& position, const json& instance) {
    const json& text = Member(instance, "input_text");
    const std::size_t hash = text.is_string() ? std::hash<std::string>()(text.get_ref<const std::string&>()) : 0;
    std::vector<std::size_t>& texts = texts_[position];
    const std::size_t at = std::find(texts.begin(), texts.end(), hash) - texts.begin();
    if (at == texts.size()) texts.push_back(hash);
    if (at == 0) return position;
    ++items_of_other_text_;
    return absl::StrCat(position, "/", at + 1);
  }

  Conversion& conversion_;
  std::unordered_map<std::string, std::vector<std::size_t>>
      texts_;  // hashes of the texts at each position, in order of appearance
  std::int64_t runs_without_metric_ = 0;
  std::int64_t instances_without_score_ = 0;
  std::int64_t items_of_other_text_ = 0;
};

absl::StatusOr<std::vector<RunFile>> FindRuns(const std::string& folder, Conversion& conversion) {
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListFiles(folder));
  std::vector<RunFile> runs;
  std::map<std::string, std::string> paths;  // by run
  std::int64_t other_count = 0;
  for (const std::string& file : files) {
    std::optional<RunName> name = ParseRunName(std::filesystem::path(file).filename().string());
    if (!name) {
      other_count += absl::EndsWith(file, ".json");
      continue;
    }
    const std::string path = absl::StrCat(folder, "/", file);
    const auto [first, is_new] = paths.emplace(name->run, path);
    if (!is_new) return absl::InvalidArgumentError(absl::StrCat(path, ": the same run as ", first->second));
    runs.push_back({path, *std::move(name)});
  }
  if (runs.empty()) return absl::InvalidArgumentError(absl::StrCat(folder, ": no file is named ", kPattern));
  conversion.AddNote(other_count, ".json file", absl::StrCat("left out, not named ", kPattern));
  return runs;
}

}  // namespace

absl::StatusOr<Conversion> ConvertEvalOutputs(const ConversionSource& source) {
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<Model> models, ReadModels(source.models));
  Conversion conversion;
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<RunFile> runs, FindRuns(source.folder, conversion));
  std::set<std::string> spellings;
  for (const RunFile& run : runs) spellings.insert(run.name.model);
  const auto matches = MatchModels(models, spellings);
  if (!matches.ok()) return AtPlace(source.models, matches.status());
  Converter converter(conversion);
  for (const RunFile& run : runs) {
    CTXFIT_ASSIGN_OR_RETURN(const std::string content, ReadFile(run.path));
    const ConvertedRun converted = {matches->at(run.name.model), run.name.run, source.task.value_or(run.name.dataset),
                                    run.name.shots};
    const absl::Status status = converter.AddRun(run.name, converted, content);
    if (!status.ok()) return AtPlace(run.path, status);
  }
  converter.AddNotes();
  if (conversion.empty()) return absl::InvalidArgumentError(absl::StrCat(source.folder, ": no instance has a score"));
  conversion.DescribeUnits(kEvalOutputsUnits);
  return conversion;
}

}  // namespace ctxfit
