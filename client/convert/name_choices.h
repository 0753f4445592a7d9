#ifndef CTXFIT_CLIENT_CONVERT_NAME_CHOICES_H_
#define CTXFIT_CLIENT_CONVERT_NAME_CHOICES_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"

// Choices of a metric or a filter, as the flags --metric and --filter take them: NAME for all tasks, or TASK=NAME for
// one task alone. The task ends at the first "=".

namespace ctxfit {

// Returns the name that `choices` choose for a task among those that it has: the one chosen for the task alone, or else
// the first of those chosen for all tasks. Nothing if they choose none of the names.
std::optional<std::string> ChooseName(const std::vector<std::string>& choices, const std::string& task,
                                      const std::vector<std::string>& names);

// True if one of `choices` is for this task alone.
bool IsChosenForTask(const std::vector<std::string>& choices, const std::string& task);

// True if one of `choices` is for this task or for all tasks. Where none is, the default of the task holds.
bool IsChosen(const std::vector<std::string>& choices, const std::string& task);

// INVALID_ARGUMENT, with flag, choice and the tasks that there are, if a choice is for a task that is not among them.
absl::Status CheckTasks(const char* flag, const std::vector<std::string>& choices, const std::set<std::string>& tasks);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_NAME_CHOICES_H_
