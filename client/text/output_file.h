#ifndef CTXFIT_CLIENT_TEXT_OUTPUT_FILE_H_
#define CTXFIT_CLIENT_TEXT_OUTPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// A file that appears under its name at once and complete, or not at all: it is written beside it and renamed.
class OutputFile {
 public:
  // Creates the file to write to, so that a place that cannot be written shows before any work is done. UNKNOWN, with
  // path and reason, if it cannot be created.
  static absl::StatusOr<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;

  // Removes what was written if there was no Commit().
  ~OutputFile();

  // Writes `content` and gives the file its name. UNKNOWN, with path and reason, if it cannot. To be called once.
  absl::Status Commit(absl::string_view content);

 private:
  OutputFile(std::string path, std::string temporary, int descriptor);

  absl::Status Error() const;

  std::string path_;
  std::string temporary_;  // "" once it is gone
  int descriptor_;
};

// Writes `content` to an OutputFile, or to standard output where `path` is "-". Errors as OutputFile's.
absl::Status WriteOutput(const std::string& path, absl::string_view content);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_OUTPUT_FILE_H_
