#ifndef CTXFIT_TESTS_SERVER_PREDICT_FIXTURE_H_
#define CTXFIT_TESTS_SERVER_PREDICT_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include "ctxfit/v1/planning_service.pb.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {

class PredictTest : public ServerTest {
 protected:
  grpc::Status Predict(const v1::PredictRequest& request, v1::PredictResponse* response) {
    grpc::ClientContext context;
    return planning_->Predict(&context, request, response);
  }
};

// A fit without replicates and penalty.
inline v1::Fit HandMadeFit() {
  v1::Fit fit;
  v1::Parameters& parameters = *fit.mutable_parameters();
  parameters.set_compute_coefficient(0.9);
  parameters.set_compute_exponent(0.4);
  parameters.set_compute_reference_flops(1e23);
  parameters.set_context_coefficient(1.1);
  parameters.set_context_exponent(0.6);
  parameters.set_prompt_reference_tokens(1000);
  fit.mutable_observed_ranges()->set_compute_flops_min(1e22);
  fit.mutable_observed_ranges()->set_compute_flops_max(1e24);
  fit.mutable_observed_ranges()->set_prompt_tokens_min(10);
  fit.mutable_observed_ranges()->set_prompt_tokens_max(10000);
  return fit;
}

// Asks for ten points, some of them beyond the limit.
inline void SetGrid(v1::PredictRequest* request) {
  request->mutable_grid()->mutable_training_compute_flops()->Add(1e22);
  request->mutable_grid()->mutable_training_compute_flops()->Add(3e23);
  request->mutable_grid()->mutable_context_limit_tokens()->Add(4096);
  for (const double prompt : {20.0, 4090.0, 4096.0, 4100.0, 8000.0}) {
    request->mutable_grid()->add_prompt_tokens(prompt);
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_PREDICT_FIXTURE_H_
