#ifndef CTXFIT_SERVER_FLAGS_H_
#define CTXFIT_SERVER_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/monitor.h"
#include "server/server.h"

namespace ctxfit {

// The command line of ctxfitd, parsed.
struct Flags {
  ServerOptions server;
  DeviceQueueOptions devices;
  std::optional<std::int64_t> memory_bytes;  // unset: a share of FindMemoryLimit()
  CallLimits limits = {3600, absl::Hours(1)};
  absl::Duration grace = absl::Seconds(30);
  MonitorOptions monitor;
  std::string port_file;          // "" for none
  std::string metrics_port_file;  // "" for none
  std::string log_level = "info";
  bool log_labels = false;
  std::optional<std::string>
      check_health;  // HOST:PORT or unix:PATH of a server to ask for its health, instead of serving
};

// Parses the command line. Returns instead the exit code to end with at once: 0 after --help and --version, 2 for
// unusable arguments, after an error on standard error.
struct ParsedFlags {
  std::optional<Flags> flags;
  int exit_code = 0;
};
ParsedFlags ParseFlags(int argc, char** argv);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_FLAGS_H_
