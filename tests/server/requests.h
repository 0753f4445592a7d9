#ifndef CTXFIT_TESTS_SERVER_REQUESTS_H_
#define CTXFIT_TESTS_SERVER_REQUESTS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/base/available_cpus.h"
#include "kernels/data/observations.h"
#include "kernels/data/simulate.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {

// The factor by which this build may be slower than a release: sanitizers slow the engine down by an order of
// magnitude.
#ifdef CTXFIT_SANITIZED
inline constexpr int kSlowdown = 10;
#else
inline constexpr int kSlowdown = 1;
#endif

// The law that requests are simulated from.
inline Law TrueLaw() { return {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e23, 1000}, {}}; }

// Models whose computes lie a factor of 3 apart, so that they determine alpha.
inline std::vector<SimulatedModel> SpreadModels() {
  return {{"a", 1e22, 4096}, {"b", 3e22, 16384}, {"c", 9e22, 65536}, {"d", 2.7e23, 131072}, {"e", 8.1e23, 131072}};
}

// Single evaluations simulated from TrueLaw(), 50 to a run.
inline v1::Observations SimulatedObservations(std::int64_t record_count) {
  SimulationDesign design;
  design.models = SpreadModels();
  design.record_count = record_count;
  design.instances_per_run = 50;
  const ObservationTable table = Simulate(TrueLaw(), design, 7).value();
  v1::Observations observations;
  observations.mutable_training_compute_flops()->Assign(table.training_compute_flops.begin(),
                                                        table.training_compute_flops.end());
  observations.mutable_prompt_tokens()->Assign(table.prompt_tokens.begin(), table.prompt_tokens.end());
  observations.mutable_context_limit_tokens()->Assign(table.context_limit_tokens.begin(),
                                                      table.context_limit_tokens.end());
  observations.mutable_score()->Assign(table.score.begin(), table.score.end());
  for (const std::int32_t code : table.cluster.codes()) observations.add_cluster(table.cluster.dictionary()[code]);
  return observations;
}

// A fit of milliseconds.
template <class Request = v1::FitRequest>
Request ShortRequest() {
  Request request;
  *request.mutable_observations() = SimulatedObservations(500);
  request.mutable_options()->mutable_search()->set_candidates(64);
  request.mutable_options()->mutable_bootstrap()->set_replicates(20);
  return request;
}

// A fit whose replicates take a while: records that are resampled one by one do not collapse into cells.
template <class Request>
Request ResamplingRequest(std::int64_t records, int replicates) {
  Request request;
  *request.mutable_observations() = SimulatedObservations(records / kSlowdown);
  request.mutable_observations()->clear_cluster();
  request.mutable_options()->mutable_bootstrap()->set_replicates(replicates);
  return request;
}

// A fit of some seconds, which leave time for something to happen while it runs.
inline v1::StreamFitRequest RequestOfSeconds() {
  return ResamplingRequest<v1::StreamFitRequest>(30000, std::min(100000, 2000 * AvailableCpus()));
}

// A fit whose replicates take so many seconds that no test waits for their end.
template <class Request = v1::FitRequest>
Request LongRequest() {
  return ResamplingRequest<Request>(200000, 100000);
}

// A fit whose search takes as long: its population is the largest allowed, and only ends once it no longer moves.
template <class Request = v1::FitRequest>
Request LongSearchRequest() {
  Request request;
  *request.mutable_observations() = SimulatedObservations(200000 / kSlowdown);
  v1::SearchOptions& search = *request.mutable_options()->mutable_search();
  search.set_candidates(65536);
  search.set_max_generations(10000);
  search.set_tolerance_deviance(1e-300);
  return request;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_REQUESTS_H_
