#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "client/command/arguments.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUnusable = 2;
constexpr int kInterrupted = 130;  // 128 + SIGINT, the convention of shells

int ToExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kInvalidArgument:
      return kUnusable;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("", "ctxfit");
  std::function<absl::Status()> run;
  ctxfit::DefineCommands(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request);  // --help or --version
  } catch (const CLI::ParseError& error) {
    absl::FPrintF(stderr, "ctxfit: %s\nRun ctxfit --help or ctxfit COMMAND --help for usage\n", error.what());
    return kUnusable;
  }
  if (!run) {
    absl::FPrintF(stderr, "%s", app.help());
    return kUnusable;
  }
  absl::Status status = run();
  if (status.ok() && std::fflush(stdout) != 0) status = absl::UnknownError("standard output cannot be written");
  if (!status.ok()) absl::FPrintF(stderr, "ctxfit: %s\n", std::string(status.message()));
  return ToExitCode(status);
}
