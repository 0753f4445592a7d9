#include "kernels/search/multistart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/law/domain.h"
#include "kernels/law/law.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "tests/kernels/defaults.h"

namespace ctxfit {
namespace {

constexpr Point kLaw = {{-0.5, 0.3, 0.4, 1.2}};

// The law with its two factors exchanged.
constexpr Point kMirroredLaw = {{0.4, 1.2, -0.5, 0.3}};

double LawScore(double log_compute, double log_prompt) {
  return Saturate(LogRate(kLaw.at[0], kLaw.at[1], log_compute)) * Saturate(LogRate(kLaw.at[2], kLaw.at[3], log_prompt));
}

// Scores of kLaw, 0.02 above and below it in turn, where compute and prompt length are equal shares of their
// references: the two factors can be exchanged, so the cost has two basins of one depth. One more cell per prompt
// length, of the weight `contrast`, breaks the tie in favour of kLaw.
Cells CellsWithTwoBasins(double contrast) {
  constexpr int kLevels = 40;
  Cells cells;
  cells.references = {1, 1};
  for (int k = 0; k < kLevels; ++k) {
    const double level = -4 + 8 * (k + 0.5) / kLevels;
    cells.log_compute.push_back(level);
    cells.log_prompt.push_back(level);
  }
  const auto add = [&](std::int32_t compute, int prompt, double weight, double error) {
    cells.compute.push_back(compute);
    cells.weight.push_back(weight);
    cells.score.push_back(LawScore(cells.log_compute[compute], cells.log_prompt[prompt]) + error);
    cells.penalty.push_back(1);
  };
  for (int k = 0; k < kLevels; ++k) {
    cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
    std::pair<int, double> pair[] = {{k, 1}, {kLevels - 1 - k, contrast}};
    std::sort(std::begin(pair), std::end(pair));
    for (const auto& [compute, weight] : pair) add(compute, k, weight, compute == k ? (k % 2 == 0 ? 0.02 : -0.02) : 0);
  }
  cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
  cells.record_count = cells.size();
  cells.unit_count = static_cast<std::int32_t>(cells.size());
  return cells;
}

constexpr double kSlightContrast = 1e-4;
constexpr double kStrongContrast = 1;

// The lower basin has the smaller exponent in the factor of compute.
bool InLowerBasin(const Point& point) { return point.at[kComputeExponent] < point.at[kContextExponent]; }

// `count` starts about a point, of which no two are alike.
std::vector<Point> StartsAbout(Point point, int count) {
  std::vector<Point> starts;
  for (int i = 0; i < count; ++i) {
    point.at[kLogComputeCoefficient] += 0.001;
    starts.push_back(point);
  }
  return starts;
}

std::vector<Point> Join(std::vector<Point> starts, const std::vector<Point>& more) {
  starts.insert(starts.end(), more.begin(), more.end());
  return starts;
}

absl::StatusOr<std::vector<Point>> ProposeNothing(const Point&) { return std::vector<Point>(); }

class MultistartTest : public testing::Test {
 protected:
  std::vector<Point> EndsFrom(const Cells& cells, const std::vector<Point>& best,
                              const std::vector<Point>& extra_starts) const {
    return Multistart(cells, domain_, best, ProposeNothing, extra_starts, host_, StopSignal()).value();
  }

  const Domain domain_ = DefaultDomain();
  mutable ThreadPool pool_{2};
  const HostCompute host_{BestVectorKernels(), pool_};

  const Cells slight_ = CellsWithTwoBasins(kSlightContrast);
  const std::vector<Point> lower_ = StartsAbout(kLaw, 5);
  const std::vector<Point> higher_ = StartsAbout(kMirroredLaw, 5);
  // The extra starts of the first batch.
  const std::vector<Point> first_batch_higher_ = StartsAbout(kMirroredLaw, 32);
};

// The premise of the other tests.
TEST_F(MultistartTest, TheCellsHaveTwoBasinsWithinReachOfEachOther) {
  const DescentEnd lower = Descend(slight_, domain_, kLaw, host_.kernels, StopSignal());
  const DescentEnd higher = Descend(slight_, domain_, kMirroredLaw, host_.kernels, StopSignal());
  ASSERT_TRUE(lower.converged && higher.converged);
  EXPECT_TRUE(InLowerBasin(lower.point));
  EXPECT_FALSE(InLowerBasin(higher.point));
  const double variance = ResidualVariance(slight_, lower.cost, domain_.free_count());
  EXPECT_GT(higher.cost - lower.cost, kAgreement * variance);
  EXPECT_LT(higher.cost - lower.cost, 20 * variance);
}

TEST_F(MultistartTest, BothBasinsOfASetAreFoundTheLowerOneFirst) {
  const std::vector<Point> ends = EndsFrom(slight_, {higher_[0], lower_[0]}, {higher_[1], lower_[1]});
  ASSERT_EQ(ends.size(), 4u);
  EXPECT_TRUE(InLowerBasin(ends[0]) && InLowerBasin(ends[1]));
  EXPECT_TRUE(!InLowerBasin(ends[2]) && !InLowerBasin(ends[3]));
  EXPECT_LE(WeightedCost(slight_, ends[0]), WeightedCost(slight_, ends[2]));
}

TEST_F(MultistartTest, ReturnsAtMostTwoEndsOfAnOptimum) {
  const std::vector<Point> ends = EndsFrom(slight_, Join(lower_, higher_), {});
  EXPECT_EQ(ends.size(), 4u);
  EXPECT_EQ(std::count_if(ends.begin(), ends.end(), InLowerBasin), 2);
}

TEST_F(MultistartTest, EndsOutOfReachOfTheBestAreLeftOut) {
  const std::vector<Point> ends = EndsFrom(CellsWithTwoBasins(kStrongContrast), Join(higher_, lower_), {});
  EXPECT_EQ(ends.size(), 2u);
  EXPECT_TRUE(std::all_of(ends.begin(), ends.end(), InLowerBasin));
}

// The first batch of extra starts confirms the best end: the starts behind it, which would find a better one, are not
// used.
TEST_F(MultistartTest, TwoEndsThatAgreeEndTheMultistart) {
  const std::vector<Point> ends = EndsFrom(slight_, {higher_[0]}, Join(first_batch_higher_, lower_));
  EXPECT_EQ(ends.size(), 2u);
  EXPECT_TRUE(std::none_of(ends.begin(), ends.end(), InLowerBasin));
}

// The best end of the first batch is confirmed by the second. In the other case, the first two batches agree and the
// third is not used.
TEST_F(MultistartTest, ExtraStartsAreUsedWhileTheBestIsUnconfirmed) {
  const std::vector<Point> ends = EndsFrom(slight_, {lower_[0]}, Join(first_batch_higher_, {lower_[1]}));
  EXPECT_EQ(std::count_if(ends.begin(), ends.end(), InLowerBasin), 2);
  const std::vector<Point> second_batch = Join(first_batch_higher_, first_batch_higher_);
  const std::vector<Point> without = EndsFrom(slight_, {higher_[0]}, Join(second_batch, {lower_[1]}));
  EXPECT_EQ(std::count_if(without.begin(), without.end(), InLowerBasin), 0);
}

// The best candidate ends in the higher basin. What is proposed about that end leads to the lower one, about which
// starts are proposed once more.
TEST_F(MultistartTest, StartsAreProposedAboutEveryBetterEnd) {
  std::vector<bool> asked_in_lower_basin;
  const auto propose = [&](const Point& best) -> absl::StatusOr<std::vector<Point>> {
    asked_in_lower_basin.push_back(InLowerBasin(best));
    return lower_;
  };
  const std::vector<Point> ends = Multistart(slight_, domain_, {higher_[0]}, propose, {}, host_, StopSignal()).value();
  EXPECT_TRUE(InLowerBasin(ends.front()));
  EXPECT_EQ(asked_in_lower_basin, std::vector<bool>({false, true}));
}

TEST_F(MultistartTest, AnErrorOfAProposalIsReturned) {
  const auto fail = [](const Point&) -> absl::StatusOr<std::vector<Point>> { return absl::InternalError("device"); };
  EXPECT_EQ(Multistart(slight_, domain_, lower_, fail, higher_, host_, StopSignal()).status().code(),
            absl::StatusCode::kInternal);
}

TEST_F(MultistartTest, AnUnconfirmedEndIsReturnedOnceTheStartsAreUsedUp) {
  const std::vector<Point> ends = EndsFrom(slight_, {lower_[0]}, first_batch_higher_);
  ASSERT_EQ(ends.size(), 3u);
  EXPECT_EQ(std::count_if(ends.begin(), ends.end(), InLowerBasin), 1);
  EXPECT_TRUE(InLowerBasin(ends.front()));
  EXPECT_EQ(EndsFrom(slight_, {lower_[0]}, {}).size(), 1u);
}

TEST_F(MultistartTest, ThreadsChangeNoBit) {
  ThreadPool pool(3);
  const HostCompute host = {host_.kernels, pool};
  const std::vector<Point> best = Join(lower_, higher_);
  const std::vector<Point> a =
      Multistart(slight_, domain_, best, ProposeNothing, first_batch_higher_, host, StopSignal()).value();
  const std::vector<Point> b = EndsFrom(slight_, best, first_batch_higher_);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(std::equal(std::begin(a[i].at), std::end(a[i].at), b[i].at));
}

TEST_F(MultistartTest, AStopSignalIsAnError) {
  StopSignal cancelled;
  cancelled.Cancel();
  EXPECT_EQ(Multistart(slight_, domain_, lower_, ProposeNothing, higher_, host_, cancelled).status().code(),
            absl::StatusCode::kCancelled);
  const StopSignal late(absl::Now() - absl::Seconds(1));
  EXPECT_EQ(Multistart(slight_, domain_, lower_, ProposeNothing, higher_, host_, late).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace ctxfit
