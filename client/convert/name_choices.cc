#include "client/convert/name_choices.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input/utf8.h"

namespace ctxfit {
namespace {

struct Choice {
  std::optional<std::string> task;  // unset for all tasks
  std::string name;
};

Choice Parse(const std::string& text) {
  const std::size_t split = text.find('=');
  if (split == std::string::npos) return {std::nullopt, text};
  return {text.substr(0, split), text.substr(split + 1)};
}

}  // namespace

std::optional<std::string> ChooseName(const std::vector<std::string>& choices, const std::string& task,
                                      const std::vector<std::string>& names) {
  const auto find = [&names](const std::string& name) -> std::optional<std::string> {
    if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
    return name;
  };
  for (const std::string& text : choices) {
    const Choice choice = Parse(text);
    if (choice.task == task) return find(choice.name);
  }
  for (const std::string& text : choices) {
    const Choice choice = Parse(text);
    if (choice.task) continue;
    if (auto found = find(choice.name)) return found;
  }
  return std::nullopt;
}

bool IsChosenForTask(const std::vector<std::string>& choices, const std::string& task) {
  return std::any_of(choices.begin(), choices.end(),
                     [&task](const std::string& text) { return Parse(text).task == task; });
}

bool IsChosen(const std::vector<std::string>& choices, const std::string& task) {
  return std::any_of(choices.begin(), choices.end(),
                     [&task](const std::string& text) { return Parse(text).task.value_or(task) == task; });
}

absl::Status CheckTasks(const char* flag, const std::vector<std::string>& choices, const std::set<std::string>& tasks) {
  for (const std::string& text : choices) {
    const Choice choice = Parse(text);
    if (!choice.task || tasks.contains(*choice.task)) continue;
    return absl::InvalidArgumentError(absl::StrCat(flag, " ", text, ": no task is named ", Quoted(*choice.task),
                                                   "; there are ", absl::StrJoin(tasks, ", ")));
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
