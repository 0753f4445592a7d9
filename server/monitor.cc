#include "server/monitor.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"
#include "server/health_check.h"
#include "server/observe/process_state.h"

namespace ctxfit {
namespace {

constexpr int kFailuresOfADeafServer = 3;
constexpr double kMostDescriptors = 0.9;  // share of the limit

absl::Status CheckDescriptors() {
  const std::int64_t open = OpenDescriptors();
  const std::int64_t limit = DescriptorLimit();
  if (static_cast<double>(open) <= kMostDescriptors * static_cast<double>(limit)) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(open, " of ", limit, " are open"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Monitor>> Monitor::Start(const MonitorOptions& options, Server& server, Metrics& metrics,
                                                        std::function<void(const absl::Status&)> on_deaf) {
  std::unique_ptr<Monitor> monitor(new Monitor(options, server, metrics, std::move(on_deaf)));
  if (!options.metrics_address.empty()) {
    const auto page = [monitor = monitor.get()](const std::string& path, const std::string& query) {
      return monitor->Page(path, query);
    };
    CTXFIT_ASSIGN_OR_RETURN(monitor->pages_, HttpPages::Listen(options.metrics_address, page));
  }
  return monitor;
}

Monitor::Monitor(const MonitorOptions& options, Server& server, Metrics& metrics,
                 std::function<void(const absl::Status&)> on_deaf)
    : server_(server), metrics_(metrics), self_check_(options.self_check), on_deaf_(std::move(on_deaf)) {
  liveness_ = server.services().LivenessChecks();
  liveness_.push_back({"listener", [this]() -> absl::Status {
                         if (failures_ < kFailuresOfADeafServer) return absl::OkStatus();
                         return absl::UnavailableError("new connections are not answered");
                       }});
  readiness_ = liveness_;
  for (Check& check : server.services().ReadinessChecks()) readiness_.push_back(std::move(check));
  readiness_.push_back({"descriptors", CheckDescriptors});
  readiness_.push_back({"draining", [this]() -> absl::Status {
                          if (!draining_) return absl::OkStatus();
                          return absl::UnavailableError("the server is shutting down");
                        }});
  for (const Check& check : readiness_) {
    metrics.AddGauge("ctxfit_check", "1 where a check of /readyz holds, 0 where it fails.", {{"check", check.name}},
                     [run = check.run] { return run().ok() ? 1.0 : 0.0; });
  }
  metrics.AddGauge("ctxfit_listener_failures", "Calls of the server to itself, in a row, that were not answered.", {},
                   [this] { return static_cast<double>(failures_); });
  if (self_check_ > absl::ZeroDuration()) caller_ = std::thread([this] { CallServer(); });
}

Monitor::~Monitor() {
  pages_.reset();
  ReportDraining();
  if (caller_.joinable()) caller_.join();
}

void Monitor::ReportDraining() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
}

void Monitor::CallServer() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, absl::ToChronoNanoseconds(self_check_), [this] { return draining_.load(); })) return;
    }
    const absl::Status health = CheckHealth(server_.LocalAddress(), self_check_);
    if (draining_) return;
    failures_ = health.ok() ? 0 : failures_ + 1;
    if (failures_ == kFailuresOfADeafServer) on_deaf_(health);
  }
}

HttpPage Monitor::Page(const std::string& path, const std::string& query) {
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.Page()};
  if (path != "/livez" && path != "/readyz") return {404, "text/plain; charset=utf-8", "no such page\n"};
  CheckReport report = RunChecks(path == "/livez" ? liveness_ : readiness_);
  const std::string last = absl::StrCat(path.substr(1), report.ok ? " check passed\n" : " check failed\n");
  const bool verbose = !report.ok || absl::StrContains(query, "verbose");
  return {report.ok ? 200 : 503, "text/plain; charset=utf-8", verbose ? report.text + last : "ok\n"};
}

}  // namespace ctxfit
