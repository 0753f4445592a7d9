#ifndef CTXFIT_TESTS_CLIENT_INPUT_TEMPORARY_FILE_H_
#define CTXFIT_TESTS_CLIENT_INPUT_TEMPORARY_FILE_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace ctxfit {

// A temporary file with the given content. Its name contains the process id, so that tests may run concurrently.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content, const std::string& name = "input")
      : path_(testing::TempDir() + "ctxfit_" + std::to_string(getpid()) + "_" + name) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_INPUT_TEMPORARY_FILE_H_
