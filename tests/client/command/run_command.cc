#include "tests/client/command/run_command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/hang_guard.h"

namespace ctxfit {
namespace {

std::string ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

// Redirects a standard stream to a file, in a child between fork() and exec().
void Redirect(const std::string& path, int flags, int stream) {
  const int file = open(path.c_str(), flags, 0600);
  dup2(file, stream);
}

}  // namespace

RunningCommand::RunningCommand(const std::vector<std::string>& command, const std::string& input)
    : folder_(testing::TempDir() + "ctxfit_command_XXXXXX") {
  mkdtemp(folder_.data());
  std::ofstream(folder_ + "/in", std::ios::binary) << input;
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Redirect(folder_ + "/in", O_RDONLY, STDIN_FILENO);
  Redirect(folder_ + "/out", O_WRONLY | O_CREAT, STDOUT_FILENO);
  Redirect(folder_ + "/err", O_WRONLY | O_CREAT, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

RunningCommand::~RunningCommand() {
  if (!ended_) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  std::filesystem::remove_all(folder_);
}

void RunningCommand::Signal(int signal) const { kill(process_, signal); }

std::string RunningCommand::Out() const { return ReadWhole(folder_ + "/out"); }

std::string RunningCommand::Err() const { return ReadWhole(folder_ + "/err"); }

bool RunningCommand::AwaitErr(const std::string& text) const {
  const absl::Time deadline = absl::Now() + kHangGuard;
  while (Err().find(text) == std::string::npos) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

CommandResult RunningCommand::Wait(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  int status = 0;
  while (waitpid(process_, &status, WNOHANG) == 0) {
    if (absl::Now() > deadline) kill(process_, SIGKILL);
    absl::SleepFor(absl::Milliseconds(5));
  }
  ended_ = true;
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), Out(), Err()};
}

CommandResult RunCommand(const std::vector<std::string>& command, const std::string& input) {
  return RunningCommand(command, input).Wait();
}

}  // namespace ctxfit
