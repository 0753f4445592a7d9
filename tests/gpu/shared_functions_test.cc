#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/population.h"
#include "kernels/law/domain.h"
#include "kernels/resample/replicate_weights.h"
#include "tests/gpu/device_probe.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/backend/cuda/objective_bound.h"

namespace ctxfit {
namespace {

using SharedFunctionsTest = GpuTest;

TEST_F(SharedFunctionsTest, RandomWordsAreTheHosts) {
  const std::uint64_t seed = 0x0123456789abcdef;
  const auto words = DrawOnDevice(OpenDevice(), seed, Purpose::kProposal, 17, 5000);
  ASSERT_TRUE(words.ok()) << words.status();
  for (int i = 0; i < 5000; ++i) {
    const RandomWords host = Draw(seed, Purpose::kProposal, 17, i);
    for (int k = 0; k < 4; ++k) ASSERT_EQ((*words)[i].word[k], host.word[k]) << "index " << i << ", word " << k;
  }
}

TEST_F(SharedFunctionsTest, ReplicateWeightsAreTheHosts) {
  const auto weights = ReplicateWeightsOnDevice(OpenDevice(), 5, 12, 5000);
  ASSERT_TRUE(weights.ok()) << weights.status();
  for (int i = 0; i < 5000; ++i) {
    const double host = ReplicateWeight(5, 12, i);
    // The integers and their uniforms are exact; the logarithms are each within 1 unit in the last place.
    ASSERT_NEAR((*weights)[i], host, 2 * 0x1p-52 * host) << "unit " << i;
  }
}

TEST_F(SharedFunctionsTest, Exp2IsWithinItsBoundOverItsWholeRange) {
  std::vector<float> exponents;
  for (float x = -200; x <= 127.99f; x += 0.00037f) exponents.push_back(x);
  for (float x = 1; x > 1e-30f; x *= 0.97f) exponents.push_back(-x);
  const auto values = Exp2OnDevice(OpenDevice(), exponents);
  ASSERT_TRUE(values.ok()) << values.status();
  for (std::size_t i = 0; i < exponents.size(); ++i) {
    const double exact = std::exp2(static_cast<double>(exponents[i]));
    ASSERT_NEAR((*values)[i], exact, 0x1p-22 * exact + (exact < 0x1p-126 ? 0x1p-126 : 0)) << exponents[i];
  }
}

TEST_F(SharedFunctionsTest, Exp2HasItsEnds) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto values = Exp2OnDevice(OpenDevice(), {infinity, 128, -150, -infinity, 0, std::nanf("")});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(std::vector<float>(values->begin(), values->end() - 1),
              testing::ElementsAre(infinity, infinity, 0, 0, 1));
  EXPECT_TRUE(std::isnan(values->back()));
}

TEST_F(SharedFunctionsTest, FactorsInSinglePrecisionAreWithinTheirBound) {
  const auto device = OpenDevice();
  std::vector<float> log_ratios;
  for (float x = -20; x <= 20; x += 0.037f) log_ratios.push_back(x);
  for (const float a : {-13.8f, -1.3f, 0.f, 4.6f}) {
    for (const float b : {0.f, 0.01f, 0.7f, 10.f}) {
      const auto values = SaturateOnDevice(device, a, b, log_ratios);
      ASSERT_TRUE(values.ok()) << values.status();
      for (std::size_t i = 0; i < log_ratios.size(); ++i) {
        const double exact = Saturate(LogRate<double>(a, b, log_ratios[i]));
        ASSERT_NEAR((*values)[i], exact, FactorBound(a, b, log_ratios[i])) << a << ", " << b << " at " << log_ratios[i];
      }
    }
  }
}

TEST_F(SharedFunctionsTest, SaturationInDoublePrecisionHoldsOverItsWholeRange) {
  std::vector<double> log_rates;
  for (double x = -900; x <= 900; x += 0.173) log_rates.push_back(x);
  const auto factors = SaturateWithSlopeOnDevice(OpenDevice(), log_rates);
  ASSERT_TRUE(factors.ok()) << factors.status();
  for (std::size_t i = 0; i < log_rates.size(); ++i) {
    const long double rate = std::exp(static_cast<long double>(log_rates[i]));
    const double value = static_cast<double>(-std::expm1(-rate));
    const double slope = rate < 12000 ? static_cast<double>(rate * std::exp(-rate)) : 0;
    // CUDA's exp and expm1 are within 1 unit in the last place each, and an error of the rate passes on with the factor
    // rate exp(-rate) / value <= 1. Exp promises nothing below the normal numbers. The slope is rate (1 - value), where
    // 1 - value has an absolute error of 2^-52.
    ASSERT_NEAR((*factors)[i].value, value, 3 * 0x1p-52 * value + 0x1p-1021) << log_rates[i];
    const double capped = static_cast<double>(std::fmin(rate, 800.0L));
    ASSERT_NEAR((*factors)[i].slope, slope, 0x1p-50 * capped + 0x1p-1021) << log_rates[i];
  }
}

TEST_F(SharedFunctionsTest, TrialsHaveTheBitsOfTheHosts) {
  const auto device = OpenDevice();
  const ProposalSettings settings = SettingsOf(MakeDomain({}), 99);
  const std::vector<BasicPoint<float>> members = SpreadMembers(1000, 3);
  SearchState state = {};
  state.generation = 7;
  state.best = 123;
  const auto device_members = DeviceBuffer<BasicPoint<float>>::CopyOf(device, members);
  const auto device_trials = DeviceBuffer<BasicPoint<float>>::Allocate(device, members.size());
  const auto device_state = DeviceBuffer<SearchState>::CopyOf(device, {state});
  ASSERT_TRUE(device_members.ok() && device_trials.ok() && device_state.ok());
  PopulationView population = {};
  population.members = device_members->data();
  population.trials = device_trials->data();
  population.state = device_state->data();
  population.count = 1000;
  population.settings = settings;
  const auto populations = DeviceBuffer<PopulationView>::CopyOf(device, {population});
  ASSERT_TRUE(populations.ok()) << populations.status();
  ASSERT_EQ(LaunchPropose({populations->data(), 1, 1000}, device->stream()), absl::OkStatus());
  const auto trials = device_trials->ToHost();
  ASSERT_TRUE(trials.ok()) << trials.status();
  for (int i = 0; i < 1000; ++i) {
    const BasicPoint<float> host = Propose(members.data(), 1000, state.best, settings, state.generation, i);
    ASSERT_EQ(std::memcmp(&(*trials)[i], &host, sizeof(host)), 0) << "member " << i;
  }
}

}  // namespace
}  // namespace ctxfit
