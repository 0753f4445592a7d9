#ifndef CTXFIT_CLIENT_CONVERT_FOLDER_H_
#define CTXFIT_CLIENT_CONVERT_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ctxfit {

// Lists all files in `folder` and its subfolders by their paths relative to `folder`, ordered by bytes. Links to
// folders are not followed, since they may form cycles. INVALID_ARGUMENT, with path and reason, if `folder` is not a
// folder or a subfolder cannot be read.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& folder);

// Reads the content of a file. INVALID_ARGUMENT, with path and reason, if it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_FOLDER_H_
