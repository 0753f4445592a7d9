#include "client/text/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Permissions that open() would set; mkstemp() sets stricter ones.
mode_t DefaultMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

absl::StatusOr<OutputFile> OutputFile::Create(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return absl::UnknownError(absl::StrCat(path, ": is a directory"));
  }
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int descriptor = mkstemp(temporary.data());
  if (descriptor < 0) return absl::UnknownError(absl::StrCat(path, ": cannot be written: ", std::strerror(errno)));
  fchmod(descriptor, DefaultMode());
  return OutputFile(path, std::move(temporary), descriptor);
}

OutputFile::OutputFile(std::string path, std::string temporary, int descriptor)
    : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, "")),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

absl::Status OutputFile::Commit(absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error();
    content.remove_prefix(written);
  }
  if (close(std::exchange(descriptor_, -1)) != 0) return Error();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return Error();
  temporary_.clear();
  return absl::OkStatus();
}

absl::Status OutputFile::Error() const {
  return absl::UnknownError(absl::StrCat(path_, ": cannot be written: ", std::strerror(errno)));
}

absl::Status WriteOutput(const std::string& path, absl::string_view content) {
  if (path == "-") {
    if (std::fwrite(content.data(), 1, content.size(), stdout) == content.size()) return absl::OkStatus();
    return absl::UnknownError("standard output cannot be written");
  }
  CTXFIT_ASSIGN_OR_RETURN(OutputFile file, OutputFile::Create(path));
  return file.Commit(content);
}

}  // namespace ctxfit
