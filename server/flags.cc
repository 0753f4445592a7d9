#include "server/flags.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

// Splits HOST:PORT, where HOST may be an IPv6 address in brackets. Returns the reason why it cannot, or "".
std::string SplitAddress(const std::string& address, ServerOptions& options) {
  const std::size_t colon = address.rfind(':');
  int port = -1;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return "must be HOST:PORT with a port in [0, 65535]";
  }
  std::string host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  options.host = host;
  options.port = port;
  return "";
}

}  // namespace

ParsedFlags ParseFlags(int argc, char** argv) {
  Flags flags;
  double grace_seconds = absl::ToDoubleSeconds(flags.grace);
  double max_deadline_seconds = absl::ToDoubleSeconds(flags.limits.max_deadline);
  std::uint64_t memory = 0;  // bytes; 0 where none are given
  int max_message_mib = flags.server.max_message_bytes >> 20;
  CLI::App app("ctxfitd fits the context-aware scaling law (arXiv 2510.14919) over gRPC.");
  app.set_version_flag("--version", "ctxfitd " + Version());
  app.add_option_function<std::string>(
         "--listen",
         [&flags](const std::string& address) {
           const std::string error = SplitAddress(address, flags.server);
           if (!error.empty()) throw CLI::ValidationError("--listen " + address, error);
         },
         "Where to listen, HOST:PORT; port 0 takes a free one")
      ->default_str("127.0.0.1:8431");
  app.add_option("--port-file", flags.port_file, "Writes the port to this file once it serves");
  app.add_option("--cpu-threads", flags.devices.cpu_threads, "Threads of the CPU backend; 0 takes every core")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--fits-at-once", flags.devices.fits_at_once, "Fits that share a device at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--short-fits-at-once", flags.devices.short_fits_at_once,
                 "Fits besides, of at most 0.1 s of processor time each, which do not wait for larger ones")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  app.add_option("--queue-capacity", flags.devices.capacity,
                 "Fits that may wait for a device before RESOURCE_EXHAUSTED; a caller's share is what stays free")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option(
         "--memory", memory,
         "Memory for requests and their work, as 1500MiB. Default: 70 % of the limit of the control group, or of "
         "half the machine's")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(std::uint64_t{64} << 20, std::uint64_t{1} << 50));
  app.add_option("--max-message-mib", max_message_mib, "Largest request, in MiB; at most a sixteenth of --memory")
      ->check(CLI::Range(1, 2047))
      ->capture_default_str();
  app.add_option("--max-cpu-seconds", flags.limits.max_cpu_seconds,
                 "Largest estimate of the processor time of a call, in seconds")
      ->check(CLI::Range(0.001, 1e9))
      ->capture_default_str();
  app.add_option("--max-deadline", max_deadline_seconds, "Seconds that a call may take at most, whatever its deadline")
      ->check(CLI::Range(0.001, 1e9))
      ->capture_default_str();
  app.add_option("--grace", grace_seconds, "Seconds that running fits get to finish after SIGTERM")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_option("--log-level", flags.log_level, "trace, debug, info, warn or error; trace shows the steps of fits")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option("--check-health", flags.check_health,
                 "Asks the server at HOST:PORT for its health and ends: 0 where it is serving, otherwise 1");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : 2};
  }
  flags.grace = absl::Seconds(grace_seconds);
  flags.server.max_message_bytes = max_message_mib << 20;
  flags.limits.max_deadline = absl::Seconds(max_deadline_seconds);
  if (memory > 0) flags.memory_bytes = static_cast<std::int64_t>(memory);
  return {flags, 0};
}

}  // namespace ctxfit
