#ifndef CTXFIT_SERVER_MONITOR_H_
#define CTXFIT_SERVER_MONITOR_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/observe/checks.h"
#include "server/observe/http_pages.h"
#include "server/observe/metrics.h"
#include "server/server.h"

namespace ctxfit {

struct MonitorOptions {
  std::string metrics_address;                    // HOST:PORT for metrics and probes; "" for none
  absl::Duration self_check = absl::Seconds(10);  // between calls of the server to itself, and their limit; 0: none
};

// Watches a server and shows what it sees. Over HTTP: /metrics, /livez and /readyz, whose checks `?verbose` names.
// Besides, it asks the server for its health by a new connection each time, as gRPC 1.51 may accept no more of them
// after the process has run out of descriptors (gRPC issue 20418).
class Monitor {
 public:
  // `on_deaf` is called once, if three such calls in a row have failed. Server and metrics must outlive it. UNAVAILABLE
  // where the port cannot be had.
  static absl::StatusOr<std::unique_ptr<Monitor>> Start(const MonitorOptions& options, Server& server, Metrics& metrics,
                                                        std::function<void(const absl::Status&)> on_deaf);
  ~Monitor();

  // Returns the port of the metrics; 0 for none.
  int metrics_port() const { return pages_ == nullptr ? 0 : pages_->port(); }

  // Makes the server not ready, because it ends, and ends the calls to itself.
  void ReportDraining();

 private:
  Monitor(const MonitorOptions& options, Server& server, Metrics& metrics,
          std::function<void(const absl::Status&)> on_deaf);

  HttpPage Page(const std::string& path, const std::string& query);
  void CallServer();

  Server& server_;
  Metrics& metrics_;
  const absl::Duration self_check_;
  const std::function<void(const absl::Status&)> on_deaf_;
  std::vector<Check> liveness_;
  std::vector<Check> readiness_;
  std::atomic<int> failures_{0};  // calls in a row that the server has not answered
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> draining_{false};  // written under mutex_
  std::thread caller_;
  std::unique_ptr<HttpPages> pages_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_MONITOR_H_
