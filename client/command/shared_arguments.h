#ifndef CTXFIT_CLIENT_COMMAND_SHARED_ARGUMENTS_H_
#define CTXFIT_CLIENT_COMMAND_SHARED_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/command/commands.h"
#include "client/command/service_connection.h"

// Building blocks of command lines, and options that several commands share.

namespace ctxfit {

// "HELP (default: DEFAULT)"; `help` alone if there is no default.
std::string WithDefault(const std::string& help, const std::string& default_text);

// Adds an option that takes one of a few names, and calls `set` with the value of that name.
template <class T>
void AddNamedValues(CLI::App& command, const std::string& name, const std::map<std::string, T>& values,
                    const std::function<void(T)>& set, const std::string& help) {
  std::vector<std::string> names;
  for (const auto& [value_name, value] : values) names.push_back(value_name);
  command
      .add_option_function<std::string>(
          name, [values, set](const std::string& value_name) { set(values.at(value_name)); }, help)
      ->type_name(absl::StrJoin(names, "|"))
      ->check(CLI::IsMember(names).description(""));
}

// Adds an option that sets `target` to one of a few named values. The help names the default: the value that `target`
// has, if it is one of them.
template <class T>
void AddChoice(CLI::App& command, const std::string& name, T& target, const std::map<std::string, T>& choices,
               const std::string& help) {
  std::string default_name;
  for (const auto& [choice, value] : choices) {
    if (value == target) default_name = choice;
  }
  AddNamedValues<T>(
      command, name, choices, [&target](T value) { target = value; }, WithDefault(help, default_name));
}

void AddConnection(CLI::App& command, ConnectionOptions& connection);

void AddFormat(CLI::App& command, OutputFormat& format, const std::string& help);

// Adds the files of observations, their format and --where.
void AddInput(CLI::App& command, ObservationSource& source);

// Adds the file of a fit.
void AddFit(CLI::App& command, std::string& fit);
void AddTask(CLI::App& command, std::optional<std::string>& task);
void AddConfidence(CLI::App& command, std::optional<double>& confidence);

void AddContours(CLI::App& command, std::string& path);

// Adds an option that takes numbers, or texts for ParseNumbers(), separated by commas.
template <class T>
CLI::Option* AddList(CLI::App& command, const std::string& name, std::vector<T>& values, const std::string& help,
                     const std::string& type) {
  return command.add_option(name, values, help)
      ->type_name(type)
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_SHARED_ARGUMENTS_H_
