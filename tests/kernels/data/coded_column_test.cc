#include "kernels/data/coded_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ctxfit {
namespace {

using testing::ElementsAre;

TEST(CodedColumnTest, EveryDistinctValueIsInTheDictionaryOnce) {
  const Labels labels = {"b", "a", "b", "", "a"};
  EXPECT_THAT(labels.dictionary(), ElementsAre("b", "a", ""));
  EXPECT_THAT(labels.codes(), ElementsAre(0, 1, 0, 2, 1));
  EXPECT_EQ(labels[3], "");
  EXPECT_EQ(labels.size(), 5u);
}

// Values come in runs and cycles of random length, so that the guess at the next one is both right and wrong.
TEST(CodedColumnTest, EveryRowHasTheValueThatWasAppended) {
  std::mt19937 random(1);
  std::vector<double> values;
  for (int round = 0; round < 200; ++round) {
    const auto begin = static_cast<int>(random() % 20);
    const auto length = static_cast<int>(random() % 30);
    const int step = static_cast<int>(random() % 3);
    for (int i = 0; i < length; ++i) values.push_back((begin + i * step) % 20);
  }
  const CodedColumn<double> column(values.begin(), values.end());
  ASSERT_EQ(column.size(), values.size());
  for (std::size_t row = 0; row < values.size(); ++row) EXPECT_EQ(column[row], values[row]);
  EXPECT_LE(column.dictionary().size(), 20u);
}

TEST(CodedColumnTest, ACopyIsIndependentOfItsOriginal) {
  Labels labels = {"a", "b", "a"};
  Labels copy = labels;
  labels.clear();
  EXPECT_TRUE(labels.empty());
  copy.push_back("b");
  copy.push_back("c");
  EXPECT_THAT(copy.codes(), ElementsAre(0, 1, 0, 1, 2));
  labels.assign(2, "c");
  EXPECT_THAT(labels.dictionary(), ElementsAre("c"));
  EXPECT_EQ(labels, Labels({"c", "c"}));
  EXPECT_FALSE(labels == copy);
}

}  // namespace
}  // namespace ctxfit
