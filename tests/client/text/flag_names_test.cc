#include "client/text/flag_names.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace ctxfit {
namespace {

TEST(NameFlagsTest, FieldsBecomeTheFlagsThatSetThem) {
  const std::pair<std::string, std::string> messages[] = {
      {"options.bootstrap.confidence = 1.5: must be in (0, 1)", "--confidence = 1.5: must be in (0, 1)"},
      {"options.penalty.width_ratio = -1: must be finite and > 0", "--penalty-width = -1: must be finite and > 0"},
      {"options.bounds[floor].upper = 2: must be in [0, 1]", "--bound floor upper = 2: must be in [0, 1]"},
      {"options.bounds[1].name = \"gamma\": must be one of floor, ceiling",
       "--bound \"gamma\": must be one of floor, ceiling"},
      {"options.fixed[compute_exponent].value = -1: must be finite and >= 0",
       "--fix compute_exponent = -1: must be finite and >= 0"},
      {"options.fixed[floor].value = 2: must be in [0, 1]", "--floor = 2: must be in [0, 1]"},
      {"options.fixed[0].name = \"floor\": contradicts options.floor, which is set too",
       "--fix \"floor\": contradicts --floor, which is set too"},
      {"options.floor.by_task[\"q a\"]: must name a task of the observations",
       "--floor q a: must name a task of the observations"},
      {"grid.prompt_tokens[3] = -1: must be finite and > 0", "--prompt = -1: must be finite and > 0"},
      {"training_compute.target_score[0] = 2: must be in (0, 1)", "--target = 2: must be in (0, 1)"},
      {"prompt_length.training_compute_flops[0] = 0: must be finite and > 0", "--compute = 0: must be finite and > 0"},
      {"confidence = 0: must be in (0, 1)", "--confidence = 0: must be in (0, 1)"},
      {"new_mean_items = 0: must be >= 1", "--new-mean = 0: must be >= 1"},
  };
  for (const auto& [message, expected] : messages) EXPECT_EQ(NameFlags(message), expected);
}

TEST(NameFlagsTest, ColumnsLoseTheirPrefixUnlessARowFollows) {
  EXPECT_EQ(NameFlags("observations.cluster has 0 values: clusters can be resampled where rows name theirs"),
            "column cluster has 0 values: clusters can be resampled where rows name theirs");
  EXPECT_EQ(NameFlags("observations.score[17] = 1.2: must be in [0, 1]"),
            "observations.score[17] = 1.2: must be in [0, 1]");
}

TEST(NameFlagsTest, AdviceMayNameFieldsWithinASentence) {
  const std::pair<std::string, std::string> messages[] = {
      {"fit the penalty (penalty.fit_onset, penalty.fit_width), and do not extrapolate",
       "fit the penalty (--penalty-onset fit, --penalty-width fit), and do not extrapolate"},
      {"fit both: options.penalty.fit_onset = true and options.penalty.fit_width = true.",
       "fit both: --penalty-onset fit and --penalty-width fit."},
      {"by chance: fit the floor (floor.fitted), or set floor.value",
       "by chance: fit the floor (--floor fit), or set --floor"},
      {"or set options.floor. Or set `options.ceiling.fitted`.", "or set --floor. Or set `--ceiling fit`."},
      {"resample two-way with bootstrap.resampling, or set no_context_factor",
       "resample two-way with --resample, or set --no-context-factor"},
      {"floor.by_task[\"q a\"] is too high", "--floor q a is too high"},
  };
  for (const auto& [message, expected] : messages) EXPECT_EQ(NameFlags(message), expected);
}

TEST(NameFlagsTest, OtherTextStaysAsItIs) {
  for (const std::string message : {"", "the confidence of folds", "fit.parameters.floor = 2: must be in [0, 1)",
                                    "observations.", "the floor. The loss is", "compute_reference_flops at its bound",
                                    "no service at localhost:1", "options.unknown = 1", "grid["}) {
    EXPECT_EQ(NameFlags(message), message);
  }
}

}  // namespace
}  // namespace ctxfit
