#ifndef CTXFIT_TESTS_CLIENT_CONVERT_CONVERT_FIXTURE_H_
#define CTXFIT_TESTS_CLIENT_CONVERT_CONVERT_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "client/convert/conversion.h"

namespace ctxfit {

// Fixture with a folder of evaluation outputs, and a table of models: a/one with 1e22 FLOP and 4,096 tokens, b/two with
// 2e22 FLOP and 8,192 tokens.
class ConvertTest : public testing::Test {
 protected:
  ConvertTest() : folder_(testing::TempDir() + "ctxfit_convert_XXXXXX") {
    mkdtemp(folder_.data());
    std::filesystem::create_directory(folder_ + "/runs");
    std::ofstream(source_.models = folder_ + "/models.csv") << "model,training_compute_flops,context_limit_tokens\n"
                                                               "a/one,1e22,4096\n"
                                                               "b/two,2e22,8192\n";
    source_.folder = folder_ + "/runs";
  }
  ~ConvertTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = source_.folder + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  // Returns the rows after the header.
  static std::vector<std::string> Rows(const Conversion& conversion) {
    std::vector<std::string> lines = absl::StrSplit(conversion.csv(), '\n', absl::SkipEmpty());
    lines.erase(lines.begin());
    return lines;
  }

  std::string folder_;
  ConversionSource source_;
};

// Returns the message of an INVALID_ARGUMENT.
template <class T>
std::string ErrorOf(const T& result) {
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.status();
  return std::string(result.status().message());
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_CONVERT_CONVERT_FIXTURE_H_
