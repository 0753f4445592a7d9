#include "client/convert/unit_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/convert/eval_outputs.h"
#include "client/convert/lm_eval.h"
#include "client/convert/lm_eval_means.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(UnitTallyTest, AdvisesTwoWayResamplingOfSharedItemsOnly) {
  UnitTally tally;
  tally.Add("a", "1");
  tally.Add("a", "2");
  tally.Add("b", "3");
  const std::string alone = tally.Describe(kLmEvalUnits);
  EXPECT_THAT(alone,
              StartsWith("2 clusters, each a file, one model on one task. fit resamples clusters by default: its "
                         "intervals answer for further models on these items"));
  EXPECT_THAT(alone, HasSubstr("fit --resample record answers for these models alone, if items err one by one."));
  EXPECT_THAT(alone,
              HasSubstr("3 items in cluster_2, none of them in several clusters: the intervals of fit --resample "
                        "two-way are 2 to 4 times too wide."));
  tally.Add("b", "1");
  tally.Add("c", "1");
  EXPECT_THAT(tally.Describe(kLmEvalUnits),
              HasSubstr("3 items in cluster_2, 1 of them in several clusters: fit --resample two-way answers for other "
                        "items, too, if an item is hard or easy for all clusters alike; if not, its intervals are"));
}

TEST(UnitTallyTest, TellsOfItemsThatRepeatWithinACluster) {
  UnitTally tally;
  for (const char* item : {"1", "2", "1", "1"}) tally.Add("a", item);
  EXPECT_THAT(tally.Describe(kLmEvalUnits), HasSubstr("1 item occurs more than once in a cluster, as epochs do"));
  tally.Add("a", "2");
  EXPECT_THAT(tally.Describe(kLmEvalUnits), HasSubstr("2 items occur more than once in a cluster"));
}

TEST(UnitTallyTest, DoesNotAdviseToResampleRowsThatErrTogether) {
  UnitTally tally;
  tally.Add("a", "1");
  EXPECT_THAT(tally.Describe(kEvalOutputsUnits), StartsWith("1 cluster, each a run, whose items share their shots. "));
  EXPECT_THAT(tally.Describe(kEvalOutputsUnits), Not(HasSubstr("--resample record")));
}

TEST(UnitTallyTest, SpeaksOfNoItemsWhereThereAreMeans) {
  UnitTally tally;
  tally.Add("a", "");
  EXPECT_THAT(tally.Describe(kLmEvalMeansUnits), Not(HasSubstr("cluster_2")));
  EXPECT_THAT(UnitsHelp(kLmEvalMeansUnits), Not(HasSubstr("cluster_2")));
}

TEST(UnitTallyTest, HelpSaysWhatClusterAndItemAre) {
  EXPECT_THAT(UnitsHelp(kEvalOutputsUnits),
              StartsWith("The column cluster is a run, whose items share their shots. fit "
                         "resamples clusters by default: "));
  EXPECT_THAT(UnitsHelp(kLmEvalUnits),
              HasSubstr("cluster_2 is the item. fit --resample two-way answers for other items"));
}

}  // namespace
}  // namespace ctxfit
