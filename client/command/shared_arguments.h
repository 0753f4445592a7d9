#ifndef CTXFIT_CLIENT_COMMAND_SHARED_ARGUMENTS_H_
#define CTXFIT_CLIENT_COMMAND_SHARED_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "client/command/commands.h"
#include "client/command/service_connection.h"

// Options that several commands have in common.

namespace ctxfit {

// Adds an option that takes one of a few names.
template <class T>
void AddChoice(CLI::App& command, const std::string& name, T& target, const std::map<std::string, T>& choices,
               const std::string& what) {
  std::vector<std::string> names;
  for (const auto& [choice, value] : choices) names.push_back(choice);
  command
      .add_option_function<std::string>(
          name, [&target, choices](const std::string& choice) { target = choices.at(choice); }, what)
      ->type_name(absl::StrJoin(names, "|"))
      ->check(CLI::IsMember(names).description(""));
}

void AddConnection(CLI::App& command, ConnectionOptions& connection);

void AddFormat(CLI::App& command, OutputFormat& format, const std::string& what);

// Which observations to read.
void AddInput(CLI::App& command, ObservationSource& source);

// Which fits to ask about.
void AddFit(CLI::App& command, std::string& fit);
void AddTask(CLI::App& command, std::optional<std::string>& task);
void AddConfidence(CLI::App& command, std::optional<double>& confidence);

// Where to draw score contours.
void AddContours(CLI::App& command, std::string& path);

// Adds an option that takes numbers, or texts that ParseNumbers() reads, with commas between them.
template <class T>
CLI::Option* AddList(CLI::App& command, const std::string& name, std::vector<T>& values, const std::string& what,
                     const std::string& type) {
  return command.add_option(name, values, what)
      ->type_name(type)
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_SHARED_ARGUMENTS_H_
