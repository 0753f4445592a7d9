#ifndef CTXFIT_TESTS_CLIENT_SAMPLE_FIT_H_
#define CTXFIT_TESTS_CLIENT_SAMPLE_FIT_H_

#include <string>

#include "ctxfit/v1/fit.pb.h"
#include "google/protobuf/text_format.h"

namespace ctxfit {

// A fit with every displayed field set: an interval, a fixed value, a parameter that is not identified.
inline v1::Fit SampleFit() {
  v1::Fit fit;
  google::protobuf::TextFormat::ParseFromString(
      R"pb(
        task: "arithmetic"
        parameters {
          compute_coefficient: 0.8
          compute_exponent: 0.5
          compute_reference_flops: 1e23
          context_coefficient: 1.2
          context_exponent: 0.4
          prompt_reference_tokens: 2048
          penalty_width_tokens: 1
          penalty_onset_ratio: 1
        }
        estimates {
          name: "compute_coefficient"
          value: 0.8
          standard_error: 0.01234567
          lower: 0.78
          upper: 0.82
          identified: true
        }
        estimates { name: "compute_exponent" value: 0.5 reason: "there is one compute level only" }
        estimates { name: "compute_reference_flops" value: 1e23 fixed: true identified: true }
        estimates { name: "penalty_width_tokens" value: 1 fixed: true identified: true }
        goodness {
          record_count: 65500
          sse: 12
          rmse: 0.4
          mae: 0.0367
          mae_within_limit: 0.006
          mae_beyond_limit: 0.1012
          r_squared: 0.61
          aic: -1893.4
          bic: -1873.2
        }
        diagnostics { warnings: "there is one compute level only: the exponent of compute is not identified" }
        search {
          termination: SEARCH_TERMINATION_CONVERGED
          termination_message: "spread 0.05 < 0.1"
          generation_count: 23
          candidate_count: 64
          evaluation_count: 1536
          duration { nanos: 12300000 }
          over: SEARCH_OVER_BINS
          cell_count: 960
          candidate_records_per_second: 1.25e9
        }
        refinement {
          converged: true
          termination_message: "gradient 1e-9 < 1e-6"
          start_count: 8
          agreeing_count: 8
          distinct_optimum_count: 1
        }
        bootstrap {
          unit: RESAMPLING_UNIT_CLUSTER
          unit_count: 262
          replicate_count: 1000
          converged_count: 998
          confidence: 0.95
        }
        provenance { seed: 7 backend: "cpu" device: "2 threads, AVX-512" version: "0.1.0" }
        replicates { compute_coefficient: 0.8 compute_exponent: 0.5 context_coefficient: 1.2 context_exponent: 0.4 }
      )pb",
      &fit);
  return fit;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_SAMPLE_FIT_H_
