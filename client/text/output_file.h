#ifndef CTXFIT_CLIENT_TEXT_OUTPUT_FILE_H_
#define CTXFIT_CLIENT_TEXT_OUTPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// A file that appears under its name complete or not at all: a temporary file in the same folder is renamed.
class OutputFile {
 public:
  // Creates the temporary file, so that an unwritable path is found before any work is done. UNKNOWN, with path and
  // reason, if it cannot be created.
  static absl::StatusOr<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;

  // Removes the temporary file if there was no Commit().
  ~OutputFile();

  // Writes `content` and gives the file its name. UNKNOWN, with path and reason, if that fails. May be called once.
  absl::Status Commit(absl::string_view content);

 private:
  OutputFile(std::string path, std::string temporary, int descriptor);

  absl::Status Error() const;

  std::string path_;
  std::string temporary_;  // "" once it is renamed or moved from
  int descriptor_;
};

// Writes `content` to an OutputFile, or to standard output if `path` is "-". Errors are those of OutputFile.
absl::Status WriteOutput(const std::string& path, absl::string_view content);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_OUTPUT_FILE_H_
