#include "client/text/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/status/status.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() : folder_(testing::TempDir() + "ctxfit_output_XXXXXX") { mkdtemp(folder_.data()); }
  ~OutputFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path() const { return folder_ + "/out"; }
  std::string Content() const {
    std::ifstream file(Path());
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  auto FileCount() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  std::string folder_;
};

TEST_F(OutputFileTest, CommitReplacesAFileAtomically) {
  std::ofstream(Path()) << "old";
  absl::StatusOr<OutputFile> file = OutputFile::Create(Path());
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Content(), "old");
  ASSERT_TRUE(file->Commit("new").ok());
  EXPECT_EQ(Content(), "new");
  EXPECT_EQ(FileCount(), 1);
}

TEST_F(OutputFileTest, LeavesNoFileWithoutACommit) {
  { ASSERT_TRUE(OutputFile::Create(Path()).ok()); }
  EXPECT_EQ(FileCount(), 0);
}

TEST_F(OutputFileTest, NamesTheReasonForAnUnwritablePath) {
  const absl::Status missing = OutputFile::Create(folder_ + "/no/such/folder").status();
  EXPECT_THAT(std::string(missing.message()), HasSubstr("No such file or directory"));
  EXPECT_THAT(std::string(OutputFile::Create(folder_).status().message()), HasSubstr("is a directory"));
}

}  // namespace
}  // namespace ctxfit
