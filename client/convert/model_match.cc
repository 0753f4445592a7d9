#include "client/convert/model_match.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "client/convert/models.h"
#include "client/input/utf8.h"

namespace ctxfit {
namespace {

bool MayMean(absl::string_view spelling, const Model& model) {
  if (spelling == model.name) return true;
  for (const char* slash : {"--", "__", "_"}) {
    if (spelling == absl::StrReplaceAll(model.name, {{"/", slash}})) return true;
  }
  return spelling == model.name.substr(model.name.rfind('/') + 1);
}

}  // namespace

absl::StatusOr<std::map<std::string, Model>> MatchModels(const std::vector<Model>& models,
                                                         const std::set<std::string>& spellings) {
  const auto name_of = [](std::string* out, const Model& model) { out->append(model.name); };
  std::map<std::string, Model> matches;
  std::vector<std::string> missing;
  for (const std::string& spelling : spellings) {
    std::vector<Model> meant;
    for (const Model& model : models) {
      if (MayMean(spelling, model)) meant.push_back(model);
    }
    if (meant.size() > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("model ", Quoted(spelling), " may be any of ", absl::StrJoin(meant, ", ", name_of)));
    }
    if (meant.empty()) {
      missing.push_back(spelling);
    } else {
      matches.emplace(spelling, meant[0]);
    }
  }
  if (missing.empty()) return matches;
  return absl::InvalidArgumentError(absl::StrCat("not among the models: ", absl::StrJoin(missing, ", "), "; there are ",
                                                 absl::StrJoin(models, ", ", name_of)));
}

}  // namespace ctxfit
