#ifndef CTXFIT_SERVER_OBSERVE_METRICS_H_
#define CTXFIT_SERVER_OBSERVE_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/labels.h>
#include <prometheus/registry.h>

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "server/observe/call_record.h"

namespace ctxfit {

// The metrics of a process in Prometheus' form; server/README.md lists them. Every labelled counter exists from the
// start, at 0, and labels are names of ours: no user's text becomes one. Thread-safe.
class Metrics {
 public:
  // `methods`: the rpcs that will be counted, as "/ctxfit.v1.FittingService/Fit".
  explicit Metrics(const std::vector<std::string>& methods);

  // Counts a call that has ended.
  void Count(const CallRecord& call, const RequestRecord& request);

  // Has `value` called for every page, as the value of a gauge, or of a counter that something else counts. Call before
  // the first page.
  void AddGauge(const std::string& name, const std::string& help, const prometheus::Labels& labels,
                std::function<double()> value);
  void AddCounter(const std::string& name, const std::string& help, const prometheus::Labels& labels,
                  std::function<double()> value);

  // Adds memory, processor time, threads and descriptors of this process, by the names that all Prometheus clients use.
  void AddProcess();

  // Returns all metrics as text, in version 0.0.4 of the format.
  std::string Page();

 private:
  // The metrics of one rpc.
  struct OfMethod {
    std::map<grpc::StatusCode, prometheus::Counter*> calls;
    prometheus::Counter* received_bytes;
    prometheus::Counter* sent_bytes;
    prometheus::Histogram* seconds;
    prometheus::Histogram* queued_seconds;
  };

  void AddMethod(const std::string& method);

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& calls_;
  prometheus::Family<prometheus::Counter>& received_bytes_;
  prometheus::Family<prometheus::Counter>& sent_bytes_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Family<prometheus::Histogram>& queued_seconds_;
  std::map<std::string, OfMethod> methods_;
  std::map<std::string, prometheus::Counter*> refusals_;  // by reason of an error
  std::array<prometheus::Counter*, kFitPhaseCount> phase_seconds_{};
  prometheus::Histogram* search_rate_ = nullptr;
  std::mutex page_mutex_;                       // one page at a time
  std::vector<std::function<void()>> samples_;  // each sets one metric
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_METRICS_H_
