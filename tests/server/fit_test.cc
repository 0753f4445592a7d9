#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "kernels/law/fitted_law.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

// Requests that succeed.
class FitTest : public ServerTest {};

// A law's reading that needs no reference scale, as an estimate of that name.
double CharacteristicScale(double log_coefficient, double exponent, double reference) {
  return reference * std::exp(-log_coefficient / exponent);
}

const v1::Estimate& FindEstimate(const v1::Fit& fit, const std::string& name) {
  const auto found = std::find_if(fit.estimates().begin(), fit.estimates().end(),
                                  [&name](const v1::Estimate& estimate) { return estimate.name() == name; });
  EXPECT_NE(found, fit.estimates().end()) << name;
  return *found;
}

TEST_F(FitTest, RecoversTheLawThatTheObservationsAreDrawnFrom) {
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(20000);
  v1::FitResponse response;
  const grpc::Status status = Fit(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.fits_size(), 1);
  const v1::Fit& fit = response.fits(0);
  EXPECT_TRUE(fit.refinement().converged()) << fit.refinement().termination_message();
  EXPECT_EQ(fit.goodness().record_count(), 20000);
  EXPECT_EQ(fit.bootstrap().unit(), v1::RESAMPLING_UNIT_CLUSTER);
  EXPECT_EQ(fit.bootstrap().unit_count(), 400);
  EXPECT_EQ(fit.replicates().compute_exponent_size(), 1000);
  EXPECT_EQ(fit.provenance().options().bootstrap().replicates(), 1000);

  const Law law = TrueLaw();
  const std::pair<std::string, double> truths[] = {
      {"compute_exponent", law.point.at[kComputeExponent]},
      {"context_exponent", law.point.at[kContextExponent]},
      {"characteristic_compute_flops",
       CharacteristicScale(law.point.at[kLogComputeCoefficient], law.point.at[kComputeExponent],
                           law.references.compute_flops)},
      {"characteristic_prompt_tokens",
       CharacteristicScale(law.point.at[kLogContextCoefficient], law.point.at[kContextExponent],
                           law.references.prompt_tokens)},
  };
  for (const auto& [name, truth] : truths) {
    const v1::Estimate& estimate = FindEstimate(fit, name);
    ASSERT_TRUE(estimate.has_standard_error()) << name << ": " << estimate.reason();
    // Five standard errors: one of four correct and nearly normal estimates leaves them in 2 of a million data sets.
    EXPECT_NEAR(estimate.value(), truth, 5 * estimate.standard_error()) << name;
    EXPECT_LT(estimate.lower(), estimate.value()) << name;
    EXPECT_GT(estimate.upper(), estimate.value()) << name;
  }
}

TEST_F(FitTest, FitsOneLawPerTaskOrderedByName) {
  v1::FitRequest request = ShortRequest();
  for (int row = 0; row < 500; ++row) request.mutable_observations()->add_task(row % 2 == 0 ? "zebra" : "ant");
  v1::FitResponse response;
  const grpc::Status status = Fit(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.fits_size(), 2);
  EXPECT_EQ(response.fits(0).task(), "ant");
  EXPECT_EQ(response.fits(1).task(), "zebra");
  EXPECT_EQ(response.fits(0).goodness().record_count(), 250);
  EXPECT_NE(response.fits(0).provenance().observations_digest(), response.fits(1).provenance().observations_digest());
}

v1::FitResponse WithoutDurations(v1::FitResponse response) {
  for (v1::Fit& fit : *response.mutable_fits()) {
    EXPECT_TRUE(fit.search().has_duration() && fit.refinement().has_duration() && fit.bootstrap().has_duration());
    fit.mutable_search()->clear_duration();
    fit.mutable_search()->clear_candidate_records_per_second();
    fit.mutable_refinement()->clear_duration();
    fit.mutable_bootstrap()->clear_duration();
  }
  return response;
}

TEST_F(FitTest, SameRequestHasTheSameBits) {
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(5000);
  v1::FitResponse first;
  v1::FitResponse second;
  ASSERT_TRUE(Fit(request, &first).ok());
  ASSERT_TRUE(Fit(request, &second).ok());
  const std::string bits = WithoutDurations(first).SerializeAsString();
  EXPECT_TRUE(bits == WithoutDurations(second).SerializeAsString());
  request.mutable_options()->set_seed(1);
  ASSERT_TRUE(Fit(request, &second).ok());
  EXPECT_FALSE(bits == WithoutDurations(second).SerializeAsString());
}

template <class Column>
void Permute(const std::vector<int>& order, Column* column) {
  Column permuted;
  for (const int row : order) *permuted.Add() = column->Get(row);
  *column = permuted;
}

TEST_F(FitTest, OrderOfRowsChangesNothingBeyondRounding) {
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(5000);
  v1::FitResponse in_order;
  ASSERT_TRUE(Fit(request, &in_order).ok());

  v1::Observations& rows = *request.mutable_observations();
  std::vector<int> order(rows.score_size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  Permute(order, rows.mutable_training_compute_flops());
  Permute(order, rows.mutable_prompt_tokens());
  Permute(order, rows.mutable_context_limit_tokens());
  Permute(order, rows.mutable_score());
  Permute(order, rows.mutable_cluster());
  v1::FitResponse shuffled;
  ASSERT_TRUE(Fit(request, &shuffled).ok());

  const v1::Fit& expected = in_order.fits(0);
  const v1::Fit& fit = shuffled.fits(0);
  EXPECT_EQ(fit.provenance().observations_digest(), expected.provenance().observations_digest());
  ASSERT_EQ(fit.estimates_size(), expected.estimates_size());
  for (int i = 0; i < fit.estimates_size(); ++i) {
    const v1::Estimate& a = expected.estimates(i);
    const v1::Estimate& b = fit.estimates(i);
    // Sums of 5,000 terms in another order differ by about 5,000 x 1.1e-16 at most, 6e-13; an optimum of condition 100
    // turns that into less than 1e-10.
    EXPECT_NEAR(b.value(), a.value(), 1e-10 * std::abs(a.value())) << a.name();
    EXPECT_NEAR(b.standard_error(), a.standard_error(), 1e-10 * std::abs(a.standard_error())) << a.name();
    EXPECT_NEAR(b.lower(), a.lower(), 1e-10 * std::abs(a.lower())) << a.name();
    EXPECT_NEAR(b.upper(), a.upper(), 1e-10 * std::abs(a.upper())) << a.name();
  }
}

}  // namespace
}  // namespace ctxfit
