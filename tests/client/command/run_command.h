#ifndef CTXFIT_TESTS_CLIENT_COMMAND_RUN_COMMAND_H_
#define CTXFIT_TESTS_CLIENT_COMMAND_RUN_COMMAND_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/hang_guard.h"

namespace ctxfit {

// Result of a command. A command that a signal ended has the exit code 128 + signal, as in a shell.
struct CommandResult {
  int exit_code;
  std::string out;
  std::string err;
};

// A program that runs concurrently with the test, and is killed with it.
class RunningCommand {
 public:
  // Starts `command`, path first, with `input` on its standard input.
  explicit RunningCommand(const std::vector<std::string>& command, const std::string& input = "");
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;
  ~RunningCommand();

  void Signal(int signal) const;
  pid_t process() const { return process_; }

  // Output so far.
  std::string Out() const;
  std::string Err() const;

  // Waits until `text` has been written to standard error. False if it has not within kHangGuard.
  bool AwaitErr(const std::string& text) const;

  // Waits for the program to end. If it takes longer than `limit`, it is killed and has the exit code 137.
  CommandResult Wait(absl::Duration limit = kHangGuard);

 private:
  std::string folder_;
  pid_t process_;
  bool ended_ = false;
};

// Runs a command to its end.
CommandResult RunCommand(const std::vector<std::string>& command, const std::string& input = "");

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_COMMAND_RUN_COMMAND_H_
