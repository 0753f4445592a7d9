#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/hang_guard.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

class CompareTest : public ServerTest {
 protected:
  grpc::Status Compare(const v1::CompareRequest& request, v1::CompareResponse* response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kHangGuard));
    return fitting_->Compare(&context, request, response);
  }

  void ExpectRefused(const v1::CompareRequest& request, const char* message) {
    v1::CompareResponse response;
    const grpc::Status status = Compare(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
  }
};

// The rows of a short request in turn: "yarn", "interpolation" and none.
v1::CompareRequest GroupRequest(int record_count = 500) {
  const std::string names[] = {"yarn", "interpolation", ""};
  v1::CompareRequest request = ShortRequest<v1::CompareRequest>();
  *request.mutable_observations() = SimulatedObservations(record_count);
  for (int row = 0; row < request.observations().score_size(); ++row) request.add_group(names[row % 3]);
  return request;
}

// Selects the rows of the request that belong to a group.
v1::FitRequest RowsOf(const v1::CompareRequest& request, const std::string& group) {
  v1::FitRequest rows;
  *rows.mutable_options() = request.options();
  rows.mutable_options()->mutable_bootstrap()->set_replicates(0);
  for (int row = 0; row < request.group_size(); ++row) {
    if (request.group(row) != group) continue;
    v1::Observations& observations = *rows.mutable_observations();
    observations.add_training_compute_flops(request.observations().training_compute_flops(row));
    observations.add_prompt_tokens(request.observations().prompt_tokens(row));
    observations.add_context_limit_tokens(request.observations().context_limit_tokens(row));
    observations.add_score(request.observations().score(row));
    observations.add_cluster(request.observations().cluster(row));
  }
  return rows;
}

TEST_F(CompareTest, PointsNeedNoVariablesThatTheLawDoesNotUse) {
  v1::CompareRequest request = GroupRequest(4000);
  request.mutable_points()->add_training_compute_flops(1e23);
  ExpectRefused(request, "points.prompt_tokens has 0 values");
  request.mutable_options()->mutable_penalty()->set_none(true);
  request.mutable_options()->set_no_context_factor(true);
  v1::CompareResponse response;
  const grpc::Status status = Compare(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.comparisons(0).predictions_size(), 1);
  EXPECT_FALSE(response.comparisons(0).predictions(0).has_prompt_tokens());
  EXPECT_FALSE(response.comparisons(0).predictions(0).has_context_limit_tokens());
  EXPECT_TRUE(response.comparisons(0).predictions(0).determined());
}

TEST_F(CompareTest, FitsOfAComparisonAreThoseOfTheGroups) {
  v1::CompareRequest request = GroupRequest(4000);
  request.mutable_points()->add_training_compute_flops(1e23);
  request.mutable_points()->add_prompt_tokens(1000);
  request.mutable_points()->add_context_limit_tokens(4096);
  v1::CompareResponse response;
  const grpc::Status status = Compare(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.first_group(), "interpolation") << "by the order of the names";
  EXPECT_EQ(response.second_group(), "yarn");
  EXPECT_EQ(response.confidence(), 0.95);
  ASSERT_EQ(response.comparisons_size(), 1);
  const v1::Comparison& comparison = response.comparisons(0);

  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(RowsOf(request, "yarn"), &fitted).ok());
  EXPECT_EQ(comparison.second_fit().parameters().SerializeAsString(), fitted.fits(0).parameters().SerializeAsString());
  EXPECT_EQ(comparison.second_fit().provenance().observations_digest(),
            fitted.fits(0).provenance().observations_digest());
  EXPECT_EQ(comparison.second_fit().bootstrap().unit_count(), 80);
  EXPECT_EQ(comparison.shared_cluster_count(), 80);
  EXPECT_EQ(comparison.pooled_fit().goodness().record_count(), 2667);

  ASSERT_EQ(comparison.parameters_size(), 4);
  for (const v1::ParameterDifference& parameter : comparison.parameters()) {
    EXPECT_EQ(parameter.difference(), parameter.second() - parameter.first());
    EXPECT_LT(parameter.lower(), parameter.upper());
  }
  ASSERT_EQ(comparison.predictions_size(), 1);
  EXPECT_EQ(comparison.predictions(0).prompt_tokens(), 1000);
  EXPECT_TRUE(comparison.predictions(0).determined());
  EXPECT_LT(comparison.predictions(0).lower(), comparison.predictions(0).upper());
  EXPECT_EQ(comparison.wald_test().numerator_degrees(), 4);
  EXPECT_EQ(comparison.wald_test().denominator_degrees(), 16) << "20 replicates less 4 parameters";
  EXPECT_EQ(comparison.f_test().denominator_degrees(), 2659);
}

TEST_F(CompareTest, ABadRequestNamesFieldValueAndRule) {
  v1::CompareRequest request = GroupRequest();
  request.mutable_points()->add_prompt_tokens(-1);
  ExpectRefused(request, "points.training_compute_flops has 0 values: must have 1");
  request = GroupRequest();
  request.set_group(2, "ntk");
  ExpectRefused(request, R"(group has 3 names, as "interpolation", "ntk", "yarn": must have 2)");
  request.clear_group();
  ExpectRefused(request, "group has 0 values: must have 500, as many as observations.score");
  request = GroupRequest();
  const std::string tasks[] = {"most", "last"};
  for (int row = 0; row < 500; ++row) request.mutable_observations()->add_task(tasks[row == 499]);
  ExpectRefused(request, "group: the rows of task \"last\" are all of one group: must be of both");
}

TEST_F(CompareTest, ADeadlineEndsAComparison) {
  const std::string names[] = {"a", "b"};
  v1::CompareRequest request = LongRequest<v1::CompareRequest>();
  for (int row = 0; row < request.observations().score_size(); ++row) request.add_group(names[row % 2]);
  grpc::ClientContext context;
  v1::CompareResponse response;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(300)));
  EXPECT_EQ(fitting_->Compare(&context, request, &response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // The worker is free again: a short fit does not wait for its 200,000 replicates.
  EXPECT_TRUE(Fit(ShortRequest()).ok());
}

}  // namespace
}  // namespace ctxfit
