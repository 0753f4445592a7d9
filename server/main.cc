#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/base/logfmt.h"
#include "server/flags.h"
#include "server/health_check.h"
#include "server/keep_memory.h"
#include "server/last_resort.h"
#include "server/monitor.h"
#include "server/observe/metrics.h"
#include "server/observe/process_log.h"
#include "server/observe/process_state.h"
#include "server/queue/machine_memory.h"
#include "server/queue/memory_budget.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

// Time that an orderly end may take beyond the grace: running fits stop, answers are flushed, threads are joined.
constexpr std::chrono::seconds kLastResort(10);

// Writes to a temporary name and renames: readers see the whole file or none.
bool WritePortFile(const std::string& path, int port) {
  if (path.empty()) return true;
  const std::string partial = path + ".partial";
  std::ofstream file(partial);
  file << port << '\n';
  file.close();
  std::error_code error;
  std::filesystem::rename(partial, path, error);
  return file.good() && !error;
}

int TellHealth(const std::string& address) {
  const absl::Status health = CheckHealth(address, absl::Seconds(2));
  if (health.ok()) return 0;
  std::fprintf(stderr, "ctxfitd: %s\n", std::string(health.message()).c_str());
  return 1;
}

// Why the process ends.
enum class Cause { kNone, kSignal, kDeviceFailure, kDeafness };

// Ends the process by SIGTERM from within, in order.
void Leave(Cause cause, std::atomic<Cause>& first) {
  Cause none = Cause::kNone;
  if (first.compare_exchange_strong(none, cause)) kill(getpid(), SIGTERM);
}

int Fail(spdlog::logger& logger, absl::string_view message) {
  logger.critical("event=not_started message={}", LogfmtQuoted(message));
  return 1;
}

// Chooses the memory for requests, and logs it with its reason.
std::int64_t ChooseMemory(const Flags& flags, spdlog::logger& logger) {
  // The rest is for the process itself, for requests under way and for what the allocator keeps.
  constexpr double kShare = 0.7;
  const MemoryLimit limit = FindMemoryLimit();
  const std::int64_t bytes =
      flags.memory_bytes.value_or(static_cast<std::int64_t>(kShare * static_cast<double>(limit.bytes)));
  logger.info("event=memory budget=\"{}\" limit=\"{}\" limited_by=\"{}\" largest_request=\"{}\"", InMebibytes(bytes),
              InMebibytes(limit.bytes), flags.memory_bytes ? "--memory" : limit.source,
              InMebibytes(std::min<std::int64_t>(flags.server.max_message_bytes, LargestRequest(bytes))));
  return bytes;
}

// Waits for a signal, and ends the server in order.
void AwaitEnd(const TerminationSignals& signals, Server& server, Monitor& monitor, absl::Duration grace,
              std::atomic<Cause>& cause, LastResort& last_resort, spdlog::logger& logger) {
  const int signal = signals.Wait();
  Cause none = Cause::kNone;
  cause.compare_exchange_strong(none, Cause::kSignal);
  if (cause == Cause::kDeviceFailure) grace = absl::ZeroDuration();
  logger.info("event=draining signal={} grace_s={:.1f}", signal, absl::ToDoubleSeconds(grace));
  last_resort.In(absl::ToChronoNanoseconds(grace) + kLastResort);
  monitor.ReportDraining();
  std::thread impatience([&] {
    signals.Wait();
    last_resort.In(kLastResort);
    server.CancelAll();
  });
  const bool finished = server.Shutdown(grace);
  logger.info("event=stopped finished={}", finished);
  // Ends the wait for a second signal that did not come.
  kill(getpid(), SIGTERM);
  impatience.join();
}

int Serve(const Flags& flags) {
  KeepFreedMemory();
  RaiseDescriptorLimit();
  signal(SIGPIPE, SIG_IGN);
  const TerminationSignals signals;
  LastResort last_resort([] { _exit(1); });
  const ProcessLog log("ctxfitd", flags.log_level);
  spdlog::logger& logger = *log.logger();
  Metrics metrics(Services::Methods());
  metrics.AddProcess();
  metrics.AddCounter("ctxfit_log_lines_dropped_total", "Log lines that were dropped or could not be written.", {},
                     [&log] { return static_cast<double>(log.Dropped()); });
  metrics.AddGauge("ctxfit_build_info", "Version of ctxfitd.", {{"version", Version()}}, [] { return 1.0; });

  std::atomic<Cause> cause{Cause::kNone};
  ServiceOptions service_options;
  service_options.devices = flags.devices;
  service_options.logger = log.logger();
  service_options.metrics = &metrics;
  service_options.memory_bytes = ChooseMemory(flags, logger);
  service_options.limits = flags.limits;
  service_options.log_labels = flags.log_labels;
  service_options.on_device_failure = [&](const absl::Status& status) {
    logger.critical("event=device_failed message={}", LogfmtQuoted(status.message()));
    Leave(Cause::kDeviceFailure, cause);
  };
  const absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(flags.server, std::move(service_options));
  if (!server.ok()) return Fail(logger, server.status().message());
  const auto on_deaf = [&](const absl::Status& status) {
    logger.critical("event=deaf message={}",
                    LogfmtQuoted(absl::StrCat("new connections are not answered, see gRPC issue 20418; ending for a "
                                              "restart: ",
                                              status.message())));
    Leave(Cause::kDeafness, cause);
  };
  const absl::StatusOr<std::unique_ptr<Monitor>> monitor = Monitor::Start(flags.monitor, **server, metrics, on_deaf);
  if (!monitor.ok()) return Fail(logger, monitor.status().message());
  for (const auto& [path, port] : {std::pair(flags.port_file, (*server)->port()),
                                   std::pair(flags.metrics_port_file, (*monitor)->metrics_port())}) {
    if (!WritePortFile(path, port)) return Fail(logger, absl::StrCat("cannot write ", path));
  }
  logger.info("event=serving version={} address={} metrics_port={} descriptors={}", Version(),
              Escaped((*server)->LocalAddress()), (*monitor)->metrics_port(), DescriptorLimit());
  const IdleTrimmer trimmer([&server] { return (*server)->services().IsIdle(); });
  AwaitEnd(signals, **server, **monitor, flags.grace, cause, last_resort, logger);
  return cause == Cause::kSignal ? 0 : 1;
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  const ctxfit::ParsedFlags parsed = ctxfit::ParseFlags(argc, argv);
  if (!parsed.flags) return parsed.exit_code;
  const std::optional<std::string>& to_check = parsed.flags->check_health;
  return to_check ? ctxfit::TellHealth(*to_check) : ctxfit::Serve(*parsed.flags);
}
