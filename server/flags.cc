#include "server/flags.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/available_cpus.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

constexpr int kThreadsPerProcessor = 4;  // at most
constexpr double kLongestSeconds = 1e6;

// Splits HOST:PORT, where HOST may be an IPv6 address in brackets, or unix:PATH. Returns the reason why it cannot, or
// "".
std::string SplitAddress(const std::string& address, ServerOptions& options) {
  if (absl::StartsWith(address, "unix:")) {
    options.unix_path = address.substr(5);
    return options.unix_path.empty() ? "must be unix:PATH" : "";
  }
  const std::size_t colon = address.rfind(':');
  int port = -1;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return "must be HOST:PORT with a port in [0, 65535], or unix:PATH";
  }
  std::string host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  options.host = host;
  options.port = port;
  return "";
}

// Adds an option in seconds, within [0, `largest`]: CLI's own range lets NaN through.
void AddSeconds(CLI::App& app, const std::string& name, absl::Duration& duration, const std::string& help,
                double largest = kLongestSeconds) {
  app.add_option_function<double>(
         name,
         [&duration, name, largest](double seconds) {
           if (!(seconds >= 0 && seconds <= largest)) {
             throw CLI::ValidationError(name, absl::StrCat("must be in [0, ", largest, "] seconds"));
           }
           duration = absl::Seconds(seconds);
         },
         help)
      ->default_str(absl::StrCat(absl::ToDoubleSeconds(duration)));
}

void AddConnectionOptions(CLI::App& app, ConnectionOptions& options) {
  AddSeconds(app, "--keepalive-time", options.keepalive_time,
             "Seconds without a sign of life of a client before it is sent a ping; 0 never sends one");
  AddSeconds(app, "--keepalive-timeout", options.keepalive_timeout,
             "Seconds that a client has to answer a ping before its connection is closed");
  AddSeconds(app, "--max-connection-idle", options.max_idle,
             "Seconds without a call after which a connection is closed; 0 never closes it");
  AddSeconds(app, "--max-connection-age", options.max_age,
             "Seconds after which clients are asked to connect anew, within 10 %; 0 never asks them");
  AddSeconds(app, "--max-connection-age-grace", options.max_age_grace,
             "Seconds that calls on such a connection then get to finish; 0 for no limit");
  app.add_option("--max-streams", options.max_streams,
                 "Calls on a connection at a time; the next one waits in its client")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
}

}  // namespace

ParsedFlags ParseFlags(int argc, char** argv) {
  Flags flags;
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
         "Where to listen, HOST:PORT or unix:PATH; port 0 takes a free one")
      ->default_str("127.0.0.1:8431");
  app.add_option("--port-file", flags.port_file, "Writes the port to this file once it serves");
  app.add_option("--cpu-threads", flags.devices.cpu_threads,
                 "Threads of the CPU backend, at most 4 for each core; 0 takes every core")
      ->check(CLI::Range(0, kThreadsPerProcessor * AvailableCpus()))
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
  AddSeconds(app, "--max-deadline", flags.limits.max_deadline,
             "Seconds that a call may take at most, whatever its deadline");
  AddSeconds(app, "--grace", flags.grace,
             "Seconds that running fits and the writing of answers get to finish after SIGTERM", 86400);
  AddConnectionOptions(app, flags.server.connections);
  app.add_option("--metrics-listen", flags.monitor.metrics_address,
                 "Where to serve /metrics, /livez and /readyz over HTTP, HOST:PORT; nowhere by default");
  app.add_option("--metrics-port-file", flags.metrics_port_file, "Writes the port of the metrics to this file");
  AddSeconds(app, "--self-check", flags.monitor.self_check,
             "Seconds between calls of the server to itself, which find that it accepts no connections; 0 makes none");
  app.add_flag("--channelz", flags.server.channelz, "Serves grpc.channelz.v1: connections and calls, for grpcdebug");
  app.add_flag("--log-labels", flags.log_labels, "Logs texts of users too, as the names of tasks in errors and traces");
  app.add_option("--log-level", flags.log_level, "trace, debug, info, warn or error; trace shows the steps of fits")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
      ->capture_default_str();
  app.add_option(
      "--check-health", flags.check_health,
      "Asks the server at HOST:PORT or unix:PATH for its health and ends: 0 where it is serving, otherwise 1");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : 2};
  }
  flags.server.max_message_bytes = max_message_mib << 20;
  if (memory > 0) flags.memory_bytes = static_cast<std::int64_t>(memory);
  return {flags, 0};
}

}  // namespace ctxfit
