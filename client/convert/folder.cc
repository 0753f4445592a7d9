#include "client/convert/folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace ctxfit {

absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::recursive_directory_iterator()) {
    std::error_code unknown;  // a broken link is listed: reading it reports why it fails
    if (!entry->is_directory(unknown)) files.push_back(entry->path().lexically_relative(folder).string());
    entry.increment(error);
  }
  if (error) return absl::InvalidArgumentError(absl::StrCat(folder, ": cannot be listed: ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::string content;
  if (file) {
    content.resize(static_cast<std::string::size_type>(file.tellg()));
    file.seekg(0);
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
  }
  if (!file) return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno)));
  return content;
}

}  // namespace ctxfit
