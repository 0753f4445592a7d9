#include <cmath>
#include <cstring>

#include "kernels/cuda/buffer.h"
#include "kernels/cuda/population.h"
#include "kernels/replicate_weights.h"
#include "tests/gpu/device_probe.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"

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

TEST_F(SharedFunctionsTest, SaturationInSinglePrecisionHoldsOverItsWholeRange) {
  std::vector<float> log_rates;
  for (float x = -200; x <= 200; x += 0.037f) log_rates.push_back(x);
  const auto values = SaturateOnDevice(OpenDevice(), log_rates);
  ASSERT_TRUE(values.ok()) << values.status();
  for (std::size_t i = 0; i < log_rates.size(); ++i) {
    const double exact = -std::expm1(-std::exp(static_cast<double>(log_rates[i])));
    // CUDA's expf is within 2 and its expm1f within 1 unit in the last place, 2^-23 relative at most; an error of the
    // rate passes on with the factor rate exp(-rate) / value <= 1. Exp promises nothing below the normal numbers, whose
    // least is 2^-126.
    ASSERT_NEAR((*values)[i], exact, 3 * 0x1p-23 * exact + 0x1p-125) << log_rates[i];
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
    // As above with 1 unit in the last place for each function; the slope is rate (1 - value), where 1 - value has an
    // absolute error of 2^-52.
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
  ASSERT_EQ(LaunchPropose(population, settings, device->stream()), absl::OkStatus());
  const auto trials = device_trials->ToHost();
  ASSERT_TRUE(trials.ok()) << trials.status();
  for (int i = 0; i < 1000; ++i) {
    const BasicPoint<float> host = Propose(members.data(), 1000, state.best, settings, state.generation, i);
    ASSERT_EQ(std::memcmp(&(*trials)[i], &host, sizeof(host)), 0) << "member " << i;
  }
}

}  // namespace
}  // namespace ctxfit
