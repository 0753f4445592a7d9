#include "kernels/backend/cuda/collapse.h"

#include <memory>
#include <string>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/resampling.h"
#include "tests/gpu/bits.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/option_sets.h"
#include "tests/kernels/random_table.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using CollapseTest = GpuTest;

std::vector<double> ValuesOf(const std::vector<Excess>& excesses) {
  std::vector<double> values;
  for (const Excess& excess : excesses) values.insert(values.end(), {excess.prompt, excess.onset});
  return values;
}

// Expects the same cells, to the bit.
void ExpectSameCells(const Cells& cells, const Cells& expected) {
  EXPECT_EQ(BitsOf(cells.log_compute), BitsOf(expected.log_compute));
  EXPECT_EQ(BitsOf(cells.log_prompt), BitsOf(expected.log_prompt));
  EXPECT_EQ(cells.prompt_begin, expected.prompt_begin);
  EXPECT_EQ(cells.compute, expected.compute);
  EXPECT_EQ(cells.unit, expected.unit);
  EXPECT_EQ(cells.unit_2, expected.unit_2);
  EXPECT_EQ(BitsOf(cells.weight), BitsOf(expected.weight));
  EXPECT_EQ(BitsOf(cells.score), BitsOf(expected.score));
  EXPECT_EQ(BitsOf(cells.penalty), BitsOf(expected.penalty));
  EXPECT_EQ(BitsOf(ValuesOf(cells.excess)), BitsOf(ValuesOf(expected.excess)));
  EXPECT_EQ(cells.loss.loss, expected.loss.loss);
  EXPECT_EQ(BitsOf({cells.within_cost}), BitsOf({expected.within_cost}));
  EXPECT_EQ(cells.record_count, expected.record_count);
  EXPECT_EQ(cells.unit_count, expected.unit_count);
  EXPECT_EQ(cells.unit_2_count, expected.unit_2_count);
  EXPECT_EQ(cells.stratum_begin, expected.stratum_begin);
}

// Expects the host's cells of observations under some options.
void ExpectCellsOfTheHost(const std::shared_ptr<CudaDevice>& device, const Observations& observations,
                          const FitOptions& options) {
  ThreadPool pool(2);
  const LawForm form = LawFormFor(MakeDomain(options), options.loss);
  ASSERT_TRUE(IsForDevice(observations, form));
  const References references = ChooseReferences(observations, options);
  const FitCells expected = CollapseBoth(observations, references, options.penalty, form, pool);
  const auto cells = CollapseOnDevice(device, observations, references, options.penalty, form, StopSignal());
  ASSERT_TRUE(cells.ok()) << cells.status();
  {
    SCOPED_TRACE("units merged");
    ExpectSameCells(cells->merged, expected.merged);
  }
  SCOPED_TRACE("units kept");
  ExpectSameCells(cells->kept, expected.kept);
}

TEST_F(CollapseTest, AnySetOfOptionalColumnsHasTheHostsCells) {
  const auto device = OpenDevice();
  for (unsigned columns = 0; columns < 32; ++columns) {
    const ObservationTable table = DrawTable(DesignWith(columns), columns);
    for (const Loss loss : {Loss::kSquared, Loss::kHuber}) {
      for (const Resampling resampling : {Resampling::kAuto, Resampling::kTwoWay, Resampling::kRecord}) {
        SCOPED_TRACE("columns " + std::to_string(columns) + ", loss " + std::to_string(static_cast<int>(loss)) +
                     ", resampling " + std::to_string(static_cast<int>(resampling)));
        FitOptions options;
        options.loss.loss = loss;
        ExpectCellsOfTheHost(device, OnlyTask(table, resampling), options);
      }
    }
  }
}

TEST_F(CollapseTest, EveryPartOfTheLawHasTheHostsCells) {
  const auto device = OpenDevice();
  for (int part = 0; part <= static_cast<int>(FittedPart::kAll); ++part) {
    for (const Resampling resampling : {Resampling::kAuto, Resampling::kStratified}) {
      const OptionSet set = {Loss::kSquared, static_cast<FittedPart>(part), resampling};
      SCOPED_TRACE(testing::PrintToString(set));
      ExpectCellsOfTheHost(device, OnlyTask(Simulate(WithAllParts(set)), resampling), OptionsOf(set));
    }
  }
}

TEST_F(CollapseTest, AHeldFloorAndCeilingHaveTheHostsCells) {
  FitOptions options;
  options.parameters[kFloor].fixed = 0.1;
  options.parameters[kHeadroom].fixed = 0.05;
  ExpectCellsOfTheHost(OpenDevice(), OnlyTask(Simulate({.distinct_prompts = false, .clusters = 4})), options);
}

TEST_F(CollapseTest, OneRowAndOneCellHaveTheHostsCells) {
  const auto device = OpenDevice();
  ExpectCellsOfTheHost(device, OnlyTask(Simulate({.models = 1, .per_model = 1})), {});
  ObservationTable table = DrawTable({.rows = Scaled(50000), .prompts = 1, .computes = 1, .limits = 1}, 3);
  ExpectCellsOfTheHost(device, OnlyTask(table), {});
}

// Products and sums that round: contracted ones would have other bits.
TEST_F(CollapseTest, SumsThatRoundHaveTheHostsCells) {
  ObservationTable table = Simulate({.per_model = 2000, .noise = 0.1, .distinct_prompts = false, .clusters = 4});
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    const double score = table.score[row];
    table.weight.push_back(1 + 0.1 * static_cast<double>(row % 7));
    table.score_variance.push_back(score * (1 - score) / 3);
  }
  ExpectCellsOfTheHost(OpenDevice(), OnlyTask(table), {});
}

// Many cells, whose rows stand in more than one block of threads.
TEST_F(CollapseTest, ManyRowsHaveTheHostsCells) {
  const ObservationTable table = DrawTable({.rows = Scaled(200000), .prompts = 300, .clusters = 50, .weight = true}, 4);
  ExpectCellsOfTheHost(OpenDevice(), OnlyTask(table), {});
}

TEST_F(CollapseTest, DeviancesAndVeryLargeCellsAreLeftToTheHost) {
  FitOptions options;
  options.loss.loss = Loss::kBernoulli;
  Observations observations = OnlyTask(Simulate({}));
  EXPECT_FALSE(IsForDevice(observations, LawFormFor(MakeDomain(options), options.loss)));
  EXPECT_TRUE(IsForDevice(observations, {}));
  observations.row_begin.back() += std::size_t{1} << 18;
  EXPECT_FALSE(IsForDevice(observations, {}));
}

TEST_F(CollapseTest, AStopEndsTheCollapse) {
  StopSignal stop;
  stop.Cancel();
  const Observations observations = OnlyTask(Simulate({}));
  EXPECT_EQ(CollapseOnDevice(OpenDevice(), observations, {}, {}, {}, stop).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit
