#ifndef CTXFIT_CLIENT_CONVERT_FOLDER_H_
#define CTXFIT_CLIENT_CONVERT_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ctxfit {

// The paths, relative to `folder`, of all that is not a folder in it and in the folders below it, ordered by their
// bytes. Links to folders are not followed, since they may lead back. INVALID_ARGUMENT, with path and reason, if
// `folder` is not a folder or one below it cannot be read.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& folder);

// The content of a file. INVALID_ARGUMENT, with path and reason, if it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_FOLDER_H_
