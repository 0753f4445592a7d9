#include "kernels/data/valid_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "tests/kernels/data/three_rows.h"

namespace ctxfit {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

static_assert(!std::is_default_constructible_v<ValidTable> && !std::is_copy_constructible_v<ValidTable> &&
              !std::is_constructible_v<ValidTable, ObservationTable>);

// Expects an INVALID_ARGUMENT whose message contains `message`.
void ExpectRejected(const ObservationTable& table, const std::string& message) {
  const absl::Status status = Validate(table).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(message));
}

TEST(ValidateTest, ScoresOfZeroAndOneAreValid) {
  ObservationTable table = ThreeRows();
  table.score = {0, 1, 0.5};
  EXPECT_TRUE(Validate(table).ok());
}

TEST(ValidateTest, ABadValueIsReportedByColumnRowValueAndRule) {
  ObservationTable table = ThreeRows();
  table.score[1] = 1.2;
  ExpectRejected(table, "observations.score[1] = 1.2: must be in [0, 1]");

  table = ThreeRows();
  table.prompt_tokens[2] = -5;
  ExpectRejected(table, "observations.prompt_tokens[2] = -5: must be finite and > 0");

  table = ThreeRows();
  table.training_compute_flops[0] = std::numeric_limits<double>::infinity();
  ExpectRejected(table, "observations.training_compute_flops[0] = inf: must be finite and > 0");

  table = ThreeRows();
  table.context_limit_tokens[0] = std::nan("");
  ExpectRejected(table, "observations.context_limit_tokens[0] = nan: must be finite and > 0");

  table = ThreeRows();
  table.score[0] = std::nan("");
  ExpectRejected(table, "observations.score[0] = nan: must be in [0, 1]");

  table = ThreeRows();
  table.weight = {1, 0, 1};
  ExpectRejected(table, "observations.weight[1] = 0: must be finite and > 0");

  table = ThreeRows();
  table.cluster = {"a", "b", ""};
  ExpectRejected(table, "observations.cluster[2] = \"\": must not be empty");

  table = ThreeRows();
  table.score = {0.5, 0.1, 0.2};
  table.score_variance = {0.25, 0.1, 0};
  ExpectRejected(table,
                 "observations.score_variance[1] = 0.1: must be in [0, score * (1 - score)] = [0, 0.09], with 0.1 % "
                 "more for rounding");
}

// 0.219 * 0.781 = 0.171039, which a table prints as 0.17104.
TEST(ValidateTest, AVarianceAboveItsMaximumByThePrintedDigitsIsTakenAsItIs) {
  ObservationTable table = ThreeRows();
  table.score = {0.219, 0.219, 1};
  table.score_variance = {0.17104, 0.1712, 0};
  const absl::StatusOr<ValidTable> valid = Validate(table);
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ((*valid)->score_variance, table.score_variance);

  table.score_variance[1] = 0.1713;  // 0.15 % above
  ExpectRejected(table, "observations.score_variance[1] = 0.1713: must be in [0, score * (1 - score)]");
}

TEST(ValidateTest, ColumnsOfUnequalLengthAreRefusedWithBothLengths) {
  ObservationTable table = ThreeRows();
  table.prompt_tokens.pop_back();
  ExpectRejected(table, "observations.prompt_tokens has 2 rows: must have 3");

  table = ThreeRows();
  table.task = {"a"};
  ExpectRejected(table, "observations.task has 1 rows: must have 3");
}

TEST(ValidateTest, AScoreJustAboveOneIsShownInFull) {
  ObservationTable table = ThreeRows();
  table.score[1] = std::nextafter(1.0, 2.0);
  ExpectRejected(table, "observations.score[1] = 1.0000000000000002: must be in [0, 1]");
}

TEST(ValidateTest, TheRemedyForPercentagesIsNamedWhereMostScoresExceedOne) {
  ObservationTable table = ThreeRows();
  table.score = {60.6, 0.9, 84.2};
  ExpectRejected(table,
                 "observations.score[0] = 60.6: must be in [0, 1]; 2 of 3 scores are above 1: divide all by the "
                 "highest possible score, as percentages by 100 (ctxfit: --score-scale 100)");
  table.score = {0.6, 0.9, 84.2};
  EXPECT_EQ(Validate(table).status().message(), "observations.score[2] = 84.2: must be in [0, 1]");
}

TEST(ValidateTest, ATableWithoutRowsIsRefused) { ExpectRejected(ObservationTable{}, "observations.score has 0 rows"); }

TEST(ValidateTest, ATaskAllOfWhoseRowsAreHeldOutIsRefusedByName) {
  ObservationTable table = ThreeRows();
  table.held_out = {true, true};
  ExpectRejected(table, "observations.held_out has 2 rows: must have 3");
  table.held_out = {true, true, true};
  ExpectRejected(table, "observations.held_out is true in all 3 rows of task \"\": must be false in at least 1");
  table.task = {"a", "b", "b"};
  table.held_out = {true, true, false};
  ExpectRejected(table, "all 1 rows of task \"a\"");
}

TEST(ValidateTest, OfSeveralErrorsTheFirstColumnsIsReportedWhateverTheNumberOfRows) {
  for (const std::size_t rows : {std::size_t{3}, std::size_t{200000}}) {
    ObservationTable table;
    table.training_compute_flops.assign(rows, 1e22);
    table.prompt_tokens.assign(rows, 10);
    table.context_limit_tokens.assign(rows, 4096);
    table.score.assign(rows, 0.5);
    table.score.back() = 2;
    table.cluster.assign(rows, "");
    table.prompt_tokens.back() = 0;
    ExpectRejected(table, "observations.prompt_tokens[" + std::to_string(rows - 1) + "] = 0: must be finite and > 0");
    table.prompt_tokens.back() = 10;
    ExpectRejected(table, "observations.score[" + std::to_string(rows - 1) + "] = 2: must be in [0, 1]");
  }
}

TEST(ValidateTest, AValidTableHasTheRowsThatWereValidated) {
  const ValidTable valid = Validate(ThreeRows()).value();
  EXPECT_EQ(valid->score, ThreeRows().score);
  EXPECT_EQ((*valid).prompt_tokens, ThreeRows().prompt_tokens);
}

TEST(ValidateTest, AScoreOutsideItsRangeByRoundingIsNoPercentage) {
  ObservationTable table = ThreeRows();
  table.score = {1.0000000000000002, 1.0000000000000002, 0.5};
  ExpectRejected(
      table, "observations.score[0] = 1.0000000000000002: must be in [0, 1]; it is outside by rounding: clip scores");
  table.score = {0.5, -1e-17, 0.5};
  ExpectRejected(table, "must be in [0, 1]; it is outside by rounding");
  table.score = {0.5, 1.01, 0.5};
  EXPECT_THAT(std::string(Validate(table).status().message()), Not(HasSubstr("rounding")));
}

TEST(ValidateTest, RowsWithoutPromptsOrLimitsHaveOneTokenAndNoLimit) {
  ObservationTable table = ThreeRows();
  table.prompt_tokens.clear();
  table.context_limit_tokens.clear();
  const ValidTable valid = Validate(table).value();
  EXPECT_THAT(valid->prompt_tokens, ElementsAre(1, 1, 1));
  EXPECT_THAT(valid->context_limit_tokens, Each(std::numeric_limits<double>::infinity()));
  EXPECT_EQ(valid->context_limit_tokens.size(), 3u);
  table.context_limit_tokens = {4096};
  ExpectRejected(table, "observations.context_limit_tokens has 1 rows: must have 3");
}

TEST(ValidateLengthsTest, BadValuesInColumnsOfEqualLengthPass) {
  ObservationTable table = ThreeRows();
  table.score[1] = 7;
  EXPECT_TRUE(ValidateLengths(table).ok());
  table.weight = {1};
  EXPECT_EQ(ValidateLengths(table).message(),
            "observations.weight has 1 rows: must have 3, as many as observations.score");
}

}  // namespace
}  // namespace ctxfit
