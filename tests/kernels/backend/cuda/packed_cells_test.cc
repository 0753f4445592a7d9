#include "kernels/backend/cuda/packed_cells.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "kernels/backend/cuda/compensated_sum.h"
#include "kernels/backend/cuda/objective_forms.h"
#include "kernels/backend/cuda/work_plan.h"
#include "tests/gpu/option_sets.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/backend/cuda/objective_bound.h"

namespace ctxfit {
namespace {

template <class Cell = PackedCell>
std::vector<Cell> Pack(const Cells& cells, const PackedForm& form) {
  std::vector<Cell> packed(PaddedCount(cells));
  PackCells(cells, form, 0, PaddedCount(cells), packed.data());
  return packed;
}

TEST(PackedCellsTest, ARecordTakesSixteenBytesOrTwentyFour) {
  EXPECT_EQ(sizeof(PackedCell), 16u);
  EXPECT_EQ(sizeof(FullCell), 24u);
}

TEST(PackedCellsTest, CellsKeepTheirOrderAndTheirPromptLengths) {
  const Cells cells = MadeUpCells(100, 3, 12, 0);
  const PackedForm form = ChooseForm(cells);
  EXPECT_EQ(form.weight_scale, 5);
  const std::vector<PackedCell> packed = Pack(cells, form);
  for (int i = 0; i < 100; ++i) {
    const double root = std::sqrt(cells.weight[i] / 5);
    EXPECT_EQ(packed[i].target, static_cast<float>(root * cells.score[i])) << i;
    EXPECT_EQ(packed[i].scale, static_cast<float>(root * cells.penalty[i])) << i;
    EXPECT_EQ(packed[i].log_prompt, static_cast<float>(cells.log_prompt[i / 3])) << i;
    EXPECT_EQ(packed[i].compute, i % 12) << i;
  }
}

TEST(PackedCellsTest, TheLastBatchIsFilledUpWithCellsOfNoWeight) {
  const Cells cells = MadeUpCells(33, 1, 4, 0);
  ASSERT_EQ(PaddedCount(cells), 64);
  const std::vector<PackedCell> packed = Pack(cells, ChooseForm(cells));
  for (int i = 33; i < 64; ++i) {
    EXPECT_EQ(packed[i].target, 0) << i;
    EXPECT_EQ(packed[i].scale, 0) << i;
    EXPECT_EQ(packed[i].log_prompt, packed[32].log_prompt) << i;
    EXPECT_EQ(packed[i].compute, packed[32].compute) << i;
  }
}

TEST(PackedCellsTest, PartsPackAsTheWhole) {
  const Cells cells = MadeUpCells(500, 7, 12, 0);
  const PackedForm form = ChooseForm(cells);
  const std::vector<PackedCell> whole = Pack(cells, form);
  for (const std::int64_t part : {1, 13, 96, 512}) {
    for (std::int64_t first = 0; first < PaddedCount(cells); first += part) {
      std::vector<PackedCell> packed(std::min(part, PaddedCount(cells) - first));
      PackCells(cells, form, first, static_cast<std::int64_t>(packed.size()), packed.data());
      for (std::size_t i = 0; i < packed.size(); ++i) {
        EXPECT_EQ(packed[i].target, whole[first + i].target) << first + i;
        EXPECT_EQ(packed[i].log_prompt, whole[first + i].log_prompt) << first + i;
      }
    }
  }
}

TEST(PackedCellsTest, TheFormFollowsFromTheProblem) {
  EXPECT_TRUE(ChooseForm(MadeUpCells(100, 2, kObjectiveTableComputes, 0)).compute_index);
  EXPECT_FALSE(ChooseForm(MadeUpCells(100, 2, kObjectiveTableComputes + 1, 0)).compute_index);
  EXPECT_TRUE(ChooseForm(MadeUpCells(100, 2, 12, 0)).shared_prompts);
  EXPECT_FALSE(ChooseForm(MadeUpCells(101, 2, 12, 0)).shared_prompts);
}

TEST(PackedCellsTest, WithoutATableCellsHoldTheirCompute) {
  const Cells cells = MadeUpCells(200, 2, kObjectiveTableComputes + 1, 0);
  const std::vector<PackedCell> packed = Pack(cells, ChooseForm(cells));
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(std::bit_cast<float>(packed[i].compute), static_cast<float>(cells.log_compute[cells.compute[i]])) << i;
  }
}

TEST(PackedCellsTest, CellsOfTheFullFormHoldTheirVariables) {
  const FitOptions options = OptionsOf({Loss::kHuber, FittedPart::kPenalty});
  const Cells cells = CellsFor(options, {.per_model = 9});
  const PackedForm form = ChooseForm(cells);
  EXPECT_TRUE(form.full);
  EXPECT_EQ(form.loss, Loss::kHuber);
  EXPECT_EQ(form.threshold, 0.05f);
  const std::vector<FullCell> packed = Pack<FullCell>(cells, form);
  ASSERT_EQ(packed.size(), 64u);
  for (std::size_t i = 0; i < packed.size(); ++i) {
    const std::size_t cell = std::min(i, cells.size() - 1);
    EXPECT_EQ(packed[i].score, static_cast<float>(cells.score[cell])) << i;
    EXPECT_EQ(packed[i].weight, i < cells.size() ? 1 : 0) << i;
    EXPECT_EQ(packed[i].compute, cells.compute[cell]) << i;
    EXPECT_EQ(packed[i].prompt, static_cast<float>(cells.excess[cell].prompt)) << i;
    EXPECT_EQ(packed[i].onset, static_cast<float>(cells.excess[cell].onset)) << i;
  }
}

// The cost of a member, summed as one warp of the device would, without ConstantCost().
template <class Form>
double SumBatches(const Cells& cells, const BasicPoint<float>& member) {
  const PackedForm form = ChooseForm(cells);
  const auto law = Form::Load(member);
  CompensatedSum sum;
  float run = 0;
  int in_run = 0;
  for (const auto& cell : Pack<typename Form::Cell>(cells, form)) {
    const float log_compute =
        form.compute_index ? static_cast<float>(cells.log_compute[cell.compute]) : std::bit_cast<float>(cell.compute);
    run = law.AddCost(run, cell, law.ComputeFactor(log_compute), law.ContextFactor(cell.log_prompt), form.threshold);
    if (++in_run < kBatchCells) continue;
    sum.Add(run);
    run = 0;
    in_run = 0;
  }
  return sum.value() * form.weight_scale;
}

TEST(PackedCellsTest, CostsAreWithinTheirBoundOverTheWholeDomain) {
  for (const Cells& cells : {MadeUpCells(3000, 1, 12, 0), MadeUpCells(3000, 12, 100, 0), MadeUpCells(1, 1, 1, 0)}) {
    for (const BasicPoint<float>& member : SpreadMembers(300, 5)) {
      const Point point = InDouble(member);
      const double exact = WeightedCost(cells, point) - cells.within_cost;
      ASSERT_NEAR(SumBatches<FactorForm>(cells, member), exact, CostBound(cells, point));
      ASSERT_LT(CostBound(cells, point), 1e-3 * exact + 1e-6) << "the bound says nothing";
    }
  }
}

TEST(PackedCellsTest, CostsOfTheFullFormAreWithinTheirBoundOverTheWholeDomain) {
  for (const Loss loss : kLosses) {
    for (const FittedPart part : {FittedPart::kPenalty, FittedPart::kPenaltyInTokens, FittedPart::kAll}) {
      const FitOptions options = OptionsOf({loss, part});
      const Cells cells = CellsFor(options, {.per_model = 200, .noise = 0.1});
      for (const BasicPoint<float>& member : SpreadMembers(300, 5, MakeDomain(options))) {
        const Bounded bounded = BoundedFullCost(cells, InDouble(member));
        const double cost =
            DispatchLoss(loss, [&]<Loss kLoss>() { return SumBatches<FullForm<kLoss>>(cells, member); });
        ASSERT_NEAR(cost, bounded.value, bounded.error);
      }
    }
  }
}

}  // namespace
}  // namespace ctxfit
