#include "kernels/backend/proposal.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

namespace ctxfit {
namespace {

constexpr std::uint32_t kMembers = 12;

ProposalSettings WideSettings() {
  ProposalSettings settings{};
  settings.seed = 99;
  for (int i = 0; i < kCoordinateCount; ++i) {
    settings.lower.at[i] = -100;
    settings.upper.at[i] = 100;
    settings.free[i] = true;
  }
  settings.crossover = 0.6f;
  settings.mutation_lower = 0.5f;
  settings.mutation_upper = 1;
  return settings;
}

// Members spread over [-range, range].
std::vector<BasicPoint<float>> SomePopulation(float range) {
  std::vector<BasicPoint<float>> population(kMembers);
  for (std::uint32_t member = 0; member < kMembers; ++member) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      population[member].at[i] = range * (2 * UniformFloat(Draw(1, Purpose::kSimulation, i, member).word[0]) - 1);
    }
  }
  return population;
}

template <class Check>
void ForProposals(const std::vector<BasicPoint<float>>& population, const ProposalSettings& settings,
                  const Check& check) {
  for (std::uint32_t generation = 1; generation <= 200; ++generation) {
    for (std::uint32_t member = 0; member < kMembers; ++member) {
      check(generation, member, Propose(population.data(), kMembers, 3, settings, generation, member));
    }
  }
}

// Storn and Price 1997, best/1/bin: v = x_best + F (x_r1 - x_r2); u_j = v_j where rand_j < CR or j = j_rand, else x_j.
TEST(ProposalTest, FollowsThePublishedEquations) {
  const ProposalSettings settings = WideSettings();
  const std::vector<BasicPoint<float>> population = SomePopulation(10);
  int taken = 0;
  ForProposals(population, settings, [&](std::uint32_t generation, std::uint32_t member, BasicPoint<float> trial) {
    const RandomWords choice = Draw(settings.seed, Purpose::kProposal, generation, member);
    const RandomWords crossover[] = {Draw(settings.seed, Purpose::kCrossover, generation, member),
                                     Draw(settings.seed, Purpose::kLaterCrossover, generation, member)};
    const double u = UniformFloat(Draw(settings.seed, Purpose::kMutationFactor, generation, 0).word[0]);
    const double factor = 0.5 + 0.5 * u;
    const Partners partners = ChoosePartners(choice, member, kMembers);
    const int forced = static_cast<int>(UniformBelow(choice.word[2], kCoordinateCount));
    for (int j = 0; j < kCoordinateCount; ++j) {
      const bool crosses = UniformFloat(crossover[j / 4].word[j % 4]) < settings.crossover || j == forced;
      taken += crosses;
      const double difference = double{population[partners.first].at[j]} - population[partners.second].at[j];
      const double mutant = population[3].at[j] + factor * difference;
      // Four roundings to single precision of numbers below 32.
      EXPECT_NEAR(trial.at[j], crosses ? mutant : population[member].at[j], crosses ? 4 * 32 * 0x1p-24 : 0);
    }
  });
  // Each of the 19200 with probability CR + (1 - CR) / 8 = 0.65: standard deviation 66, five of them.
  EXPECT_NEAR(taken, 0.65 * 19200, 330);
}

TEST(ProposalTest, PartnersAreEveryPairOfOthersEquallyOften) {
  constexpr std::uint32_t kCount = 5;
  for (std::uint32_t member = 0; member < kCount; ++member) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> counts;
    for (std::uint32_t i = 0; i < 12000; ++i) {
      const Partners partners = ChoosePartners(Draw(7, Purpose::kProposal, i, member), member, kCount);
      ASSERT_NE(partners.first, member);
      ASSERT_NE(partners.second, member);
      ASSERT_NE(partners.first, partners.second);
      ASSERT_LT(partners.first, kCount);
      ASSERT_LT(partners.second, kCount);
      ++counts[{partners.first, partners.second}];
    }
    ASSERT_EQ(counts.size(), 12u);  // 4 * 3 ordered pairs
    double chi_squared = 0;
    for (const auto& [pair, count] : counts) chi_squared += (count - 1000.0) * (count - 1000.0) / 1000;
    EXPECT_LT(chi_squared, 37.4);  // exceeded by chance once in 10,000, at 11 degrees of freedom
  }
}

TEST(ProposalTest, ACoordinateThatLeavesItsBoundsIsPutHalfwayToTheBound) {
  ProposalSettings wide = WideSettings();
  ProposalSettings narrow = WideSettings();
  for (int i = 0; i < kCoordinateCount; ++i) {
    narrow.lower.at[i] = -10;
    narrow.upper.at[i] = 10;
  }
  const std::vector<BasicPoint<float>> population = SomePopulation(10);
  int below = 0;
  int above = 0;
  ForProposals(population, narrow, [&](std::uint32_t generation, std::uint32_t member, BasicPoint<float> trial) {
    const BasicPoint<float> unbounded = Propose(population.data(), kMembers, 3, wide, generation, member);
    for (int i = 0; i < kCoordinateCount; ++i) {
      const float own = population[member].at[i];
      const bool is_below = unbounded.at[i] < -10;
      const bool is_above = unbounded.at[i] > 10;
      below += is_below;
      above += is_above;
      EXPECT_EQ(trial.at[i], is_below ? (own - 10) / 2 : is_above ? (own + 10) / 2 : unbounded.at[i]);
    }
  });
  EXPECT_GT(below, 100);
  EXPECT_GT(above, 100);
}

TEST(ProposalTest, FixedCoordinatesKeepTheirValueAndOneFreeOneAlwaysMoves) {
  ProposalSettings settings = WideSettings();
  settings.free[0] = settings.free[2] = false;
  settings.crossover = 0;
  const std::vector<BasicPoint<float>> population = SomePopulation(10);
  ForProposals(population, settings, [&](std::uint32_t, std::uint32_t member, BasicPoint<float> trial) {
    EXPECT_EQ(trial.at[0], population[member].at[0]);
    EXPECT_EQ(trial.at[2], population[member].at[2]);
    int moved = 0;
    for (int i = 0; i < kCoordinateCount; ++i) moved += trial.at[i] != population[member].at[i];
    EXPECT_EQ(moved, 1);
  });
}

TEST(ProposalTest, MutationFactorsFillTheirRange) {
  const ProposalSettings settings = WideSettings();
  float lowest = 1;
  float highest = 0;
  for (std::uint32_t generation = 0; generation < 1000; ++generation) {
    const float factor = MutationFactor(settings, generation);
    ASSERT_GE(factor, 0.5f);
    ASSERT_LE(factor, 1.0f);
    lowest = std::min(lowest, factor);
    highest = std::max(highest, factor);
  }
  // A thousand uniform draws leave a hundredth at an end free once in exp(10).
  EXPECT_LT(lowest, 0.505f);
  EXPECT_GT(highest, 0.995f);
}

}  // namespace
}  // namespace ctxfit
