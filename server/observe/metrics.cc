#include "server/observe/metrics.h"

#include <prometheus/text_serializer.h>

#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "server/observe/process_state.h"
#include "server/observe/request_id.h"
#include "server/wire/error_details.h"

namespace ctxfit {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets& SecondsBuckets() {
  static const auto* const buckets =
      new Buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200};
  return *buckets;
}

const Buckets& RateBuckets() {
  static const auto* const buckets = new Buckets{1e5, 1e6, 1e7, 3e7, 1e8, 3e8, 1e9, 3e9, 1e10, 1e11, 1e12};
  return *buckets;
}

constexpr const char* kPhaseNames[kFitPhaseCount] = {"collapse", "search", "refine", "resample"};

// A NaN would spoil a sum for good.
void Observe(prometheus::Histogram& histogram, double value) {
  if (std::isfinite(value)) histogram.Observe(value);
}

void Increment(prometheus::Counter& counter, double value) {
  if (std::isfinite(value)) counter.Increment(value);
}

}  // namespace

Metrics::Metrics(const std::vector<std::string>& methods)
    : calls_(BuildCounter()
                 .Name("ctxfit_calls_total")
                 .Help("Calls that have ended, by rpc and status code.")
                 .Register(registry_)),
      received_bytes_(BuildCounter()
                          .Name("ctxfit_received_bytes_total")
                          .Help("Bytes of requests, after decompression.")
                          .Register(registry_)),
      sent_bytes_(BuildCounter()
                      .Name("ctxfit_sent_bytes_total")
                      .Help("Bytes of answers, before compression.")
                      .Register(registry_)),
      seconds_(BuildHistogram()
                   .Name("ctxfit_call_seconds")
                   .Help("Time from a call's arrival until its answer was written.")
                   .Register(registry_)),
      queued_seconds_(BuildHistogram()
                          .Name("ctxfit_queued_seconds")
                          .Help("Time that requests waited for a worker.")
                          .Register(registry_)) {
  for (const std::string& method : methods) AddMethod(method);
  auto& refusals = BuildCounter()
                       .Name("ctxfit_refusals_total")
                       .Help("Requests that no worker took up, by reason.")
                       .Register(registry_);
  for (const absl::string_view reason : kErrorReasons) {
    refusals_[std::string(reason)] = &refusals.Add({{"reason", absl::AsciiStrToLower(reason)}});
  }
  auto& phases =
      BuildCounter().Name("ctxfit_fit_phase_seconds_total").Help("Wall time of fits, by phase.").Register(registry_);
  for (int i = 0; i < kFitPhaseCount; ++i) phase_seconds_[i] = &phases.Add({{"phase", kPhaseNames[i]}});
  search_rate_ = &BuildHistogram()
                      .Name("ctxfit_search_candidate_records_per_second")
                      .Help("Rate of a fit's fastest search.")
                      .Register(registry_)
                      .Add({}, RateBuckets());
}

void Metrics::AddMethod(const std::string& method) {
  const std::string rpc(ShortMethod(method));
  OfMethod& metrics = methods_[method];
  for (int i = 0; i <= static_cast<int>(grpc::StatusCode::UNAUTHENTICATED); ++i) {
    const auto code = static_cast<grpc::StatusCode>(i);
    metrics.calls[code] = &calls_.Add({{"rpc", rpc}, {"code", std::string(CodeName(code))}});
  }
  metrics.received_bytes = &received_bytes_.Add({{"rpc", rpc}});
  metrics.sent_bytes = &sent_bytes_.Add({{"rpc", rpc}});
  metrics.seconds = &seconds_.Add({{"rpc", rpc}}, SecondsBuckets());
  metrics.queued_seconds = &queued_seconds_.Add({{"rpc", rpc}}, SecondsBuckets());
}

void Metrics::Count(const CallRecord& call, const RequestRecord& request) {
  const auto method = methods_.find(call.method);
  if (method == methods_.end()) return;
  const OfMethod& metrics = method->second;
  const auto counter = metrics.calls.find(call.status.error_code());
  Increment(*(counter == metrics.calls.end() ? metrics.calls.at(grpc::StatusCode::UNKNOWN) : counter->second), 1);
  Increment(*metrics.received_bytes, static_cast<double>(call.received_bytes));
  Increment(*metrics.sent_bytes, static_cast<double>(call.sent_bytes));
  Observe(*metrics.seconds, absl::ToDoubleSeconds(absl::Now() - call.arrived));
  if (request.started) {
    Observe(*metrics.queued_seconds, absl::ToDoubleSeconds(request.queued));
  } else if (!call.status.ok()) {
    const auto refusals = refusals_.find(ReasonOf(call.status));
    if (refusals != refusals_.end()) Increment(*refusals->second, 1);
  }
  for (int i = 0; i < kFitPhaseCount; ++i) {
    Increment(*phase_seconds_[i], absl::ToDoubleSeconds(request.phases[i]));
  }
  if (request.candidate_records_per_second > 0) Observe(*search_rate_, request.candidate_records_per_second);
}

void Metrics::AddGauge(const std::string& name, const std::string& help, const prometheus::Labels& labels,
                       std::function<double()> value) {
  prometheus::Gauge& gauge = BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
  samples_.push_back([&gauge, value = std::move(value)] { gauge.Set(value()); });
}

void Metrics::AddCounter(const std::string& name, const std::string& help, const prometheus::Labels& labels,
                         std::function<double()> value) {
  prometheus::Counter& counter = BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
  samples_.push_back([&counter, value = std::move(value)] { Increment(counter, value() - counter.Value()); });
}

void Metrics::AddProcess() {
  AddGauge("process_resident_memory_bytes", "Resident memory.", {}, [] { return ProcessNow().resident_bytes; });
  AddCounter("process_cpu_seconds_total", "Processor time, of user and system.", {},
             [] { return ProcessNow().cpu_seconds; });
  AddGauge("process_threads", "Threads.", {}, [] { return ProcessNow().threads; });
  AddGauge("process_open_fds", "Open descriptors.", {}, [] { return static_cast<double>(OpenDescriptors()); });
  AddGauge("process_max_fds", "Limit on open descriptors.", {}, [] { return static_cast<double>(DescriptorLimit()); });
}

std::string Metrics::Page() {
  const std::lock_guard lock(page_mutex_);
  for (const std::function<void()>& sample : samples_) sample();
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace ctxfit
