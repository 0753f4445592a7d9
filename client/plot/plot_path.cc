#include "client/plot/plot_path.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace ctxfit {
namespace {

std::string FileNamePart(std::string task) {
  for (char& byte : task) {
    if (!absl::ascii_isalnum(byte) && byte != '.' && byte != '_') byte = '-';
  }
  return task;
}

}  // namespace

std::vector<std::string> PlotPaths(const std::string& path, const std::vector<std::string>& tasks) {
  if (tasks.size() == 1) return {path};
  const std::string extension = std::filesystem::path(path).extension().string();
  const std::string stem = path.substr(0, path.size() - extension.size());
  std::vector<std::string> paths;
  for (const std::string& task : tasks) {
    const std::string name = absl::StrCat(stem, "-", FileNamePart(task));
    std::string candidate = absl::StrCat(name, extension);
    for (int i = 2; std::find(paths.begin(), paths.end(), candidate) != paths.end(); ++i) {
      candidate = absl::StrCat(name, "-", i, extension);
    }
    paths.push_back(candidate);
  }
  return paths;
}

}  // namespace ctxfit
