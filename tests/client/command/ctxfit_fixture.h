#ifndef CTXFIT_TESTS_CLIENT_COMMAND_CTXFIT_FIXTURE_H_
#define CTXFIT_TESTS_CLIENT_COMMAND_CTXFIT_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/command/run_command.h"

namespace ctxfit {

// Fixture that runs the `ctxfit` of this build, with a folder of its own for files.
class CtxfitTest : public testing::Test {
 protected:
  CtxfitTest() : folder_(testing::TempDir() + "ctxfit_test_XXXXXX") { mkdtemp(folder_.data()); }
  ~CtxfitTest() override { std::filesystem::remove_all(folder_); }

  static std::vector<std::string> Command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CTXFIT_BINARY);
    return arguments;
  }

  static CommandResult Run(const std::vector<std::string>& arguments, const std::string& input = "") {
    return RunCommand(Command(arguments), input);
  }

  // Runs a command that must succeed and print JSON.
  static nlohmann::json RunForJson(const std::vector<std::string>& arguments, const std::string& input = "") {
    const CommandResult result = Run(arguments, input);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out, nullptr, false);
  }

  static std::string Data(const std::string& name) { return std::string(CTXFIT_TEST_DATA "/") + name; }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  std::string Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }

  std::string folder_;
};

// Removes durations, which differ between equal requests, from a response.
inline nlohmann::json WithoutDurations(nlohmann::json json) {
  if (json.is_object()) {
    json.erase("duration");
    json.erase("candidate_records_per_second");
  }
  for (auto& child : json) {
    if (child.is_structured()) child = WithoutDurations(child);
  }
  return json;
}

// Returns the estimate with that name in the first fit.
inline nlohmann::json EstimateOf(const nlohmann::json& response, const std::string& name) {
  for (const auto& estimate : response["fits"][0]["estimates"]) {
    if (estimate["name"] == name) return estimate;
  }
  ADD_FAILURE() << "no estimate " << name;
  return {};
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_COMMAND_CTXFIT_FIXTURE_H_
