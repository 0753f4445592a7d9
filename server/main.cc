#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "server/flags.h"
#include "server/health_check.h"
#include "server/keep_memory.h"
#include "server/queue/machine_memory.h"
#include "server/queue/memory_budget.h"
#include "server/queue/request_log.h"
#include "server/server.h"
#include "server/signals.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

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

int Serve(const Flags& flags) {
  KeepFreedMemory();
  const TerminationSignals signals;
  const std::shared_ptr<spdlog::logger> logger = MakeStderrLogger("ctxfitd", flags.log_level);
  bool device_failed = false;
  ServiceOptions service_options;
  service_options.devices = flags.devices;
  service_options.logger = logger;
  service_options.memory_bytes = ChooseMemory(flags, *logger);
  service_options.limits = flags.limits;
  service_options.on_device_failure = [&](const absl::Status& status) {
    logger->critical("event=device_failed message=\"{}\"", std::string(status.message()));
    device_failed = true;
    kill(getpid(), SIGTERM);
  };
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(flags.server, std::move(service_options));
  if (!server.ok()) {
    logger->critical("event=not_started message=\"{}\"", std::string(server.status().message()));
    return 1;
  }
  if (!WritePortFile(flags.port_file, (*server)->port())) {
    logger->critical("event=not_started message=\"cannot write {}\"", flags.port_file);
    return 1;
  }
  logger->info("event=serving version={} host={} port={}", Version(), flags.server.host, (*server)->port());

  const IdleTrimmer trimmer([&server] { return (*server)->JobCount() == 0; });

  const int signal = signals.Wait();
  logger->info("event=draining signal={} grace_s={:.1f}", signal, absl::ToDoubleSeconds(flags.grace));
  std::thread impatience([&] {
    signals.Wait();
    (*server)->CancelAll();
  });
  const bool finished = (*server)->Shutdown(device_failed ? absl::ZeroDuration() : flags.grace);
  logger->info("event=stopped finished={}", finished);
  // Ends the wait for a second signal that did not come.
  kill(getpid(), SIGTERM);
  impatience.join();
  return device_failed ? 1 : 0;
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  const ctxfit::ParsedFlags parsed = ctxfit::ParseFlags(argc, argv);
  if (!parsed.flags) return parsed.exit_code;
  const std::optional<std::string>& to_check = parsed.flags->check_health;
  return to_check ? ctxfit::TellHealth(*to_check) : ctxfit::Serve(*parsed.flags);
}
