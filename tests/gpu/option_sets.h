#ifndef CTXFIT_TESTS_GPU_OPTION_SETS_H_
#define CTXFIT_TESTS_GPU_OPTION_SETS_H_

#include <array>
#include <ostream>
#include <set>
#include <utility>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/fit/options.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/law/resampling.h"
#include "tests/kernels/simulated_data.h"

// The options that choose between kernels: loss, law, resampling and weights.

namespace ctxfit {

// The parts of the law that are fitted besides its factors, or the factor that is left out.
enum class FittedPart { kFactors, kNoContext, kPenalty, kPenaltyInTokens, kFloor, kCeiling, kAll };

struct OptionSet {
  Loss loss;
  FittedPart part;
  Resampling resampling = Resampling::kAuto;
  WeightKind weights = WeightKind::kExponential;
};

inline void PrintTo(const OptionSet& set, std::ostream* out) {
  constexpr const char* kLossNames[] = {"Squared", "Huber", "Bernoulli"};
  constexpr const char* kParts[] = {"Factors", "NoContext", "Penalty", "PenaltyInTokens", "Floor", "Ceiling", "All"};
  constexpr const char* kResamplings[] = {"Auto", "Cluster", "Record", "TwoWay", "Stratified"};
  constexpr const char* kWeights[] = {"Exponential", "Poisson", "Multinomial"};
  *out << kLossNames[static_cast<int>(set.loss)] << kParts[static_cast<int>(set.part)]
       << kResamplings[static_cast<int>(set.resampling)] << kWeights[static_cast<int>(set.weights)];
}

inline FitOptions OptionsOf(const OptionSet& set) {
  FitOptions options;
  options.loss.loss = set.loss;
  options.context_factor = set.part != FittedPart::kNoContext;
  options.bootstrap.resampling = set.resampling;
  options.bootstrap.weights = set.weights;
  const bool all = set.part == FittedPart::kAll;
  if (all || set.part == FittedPart::kPenalty || set.part == FittedPart::kPenaltyInTokens) {
    options.fit_penalty_width = options.fit_penalty_onset = true;
    options.penalty = set.part == FittedPart::kPenaltyInTokens ? Penalty{Penalty::Form::kTokens, 400, 1}
                                                               : Penalty{Penalty::Form::kRatio, 0.1, 1};
  }
  if (all || set.part == FittedPart::kFloor) options.parameters[kFloor].fixed.reset();
  if (all || set.part == FittedPart::kCeiling) options.parameters[kHeadroom].fixed.reset();
  return options;
}

// Scores of a law that has all parts: a gradual penalty that prompts reach well beyond, a floor and a ceiling. Its
// units are clusters, but for strata, in one of which every cluster must lie.
inline Simulation WithAllParts(const OptionSet& set) {
  Simulation simulation;
  simulation.law.penalty = {Penalty::Form::kRatio, 0.15, 1.3};
  simulation.law.point.at[kFloor] = 0.1;
  simulation.law.point.at[kHeadroom] = 0.1;
  simulation.noise = 0.05;
  simulation.per_model = 50;
  if (set.resampling != Resampling::kStratified) simulation.clusters = 25;
  return simulation;
}

// The cells of a simulation as a fit with `options` collapses them.
inline Cells CellsFor(const FitOptions& options, const Simulation& simulation, Units units = Units::kMerge) {
  const Observations observations = OnlyTask(Simulate(simulation), options.bootstrap.resampling);
  return Collapse(observations, ChooseReferences(observations, options), options.penalty, units,
                  LawFormFor(MakeDomain(options), options.loss));
}

// Sets in which every pair of values of two options occurs, but for the combination that Validate() refuses. Each is
// the one that covers the most pairs not yet covered, the first of equals.
inline std::vector<OptionSet> PairwiseOptionSets() {
  using Pair = std::array<int, 4>;
  const auto pairs_of = [](const OptionSet& set) {
    const int values[] = {static_cast<int>(set.loss), static_cast<int>(set.part), static_cast<int>(set.resampling),
                          static_cast<int>(set.weights)};
    std::vector<Pair> pairs;
    for (int a = 0; a < 4; ++a) {
      for (int b = 0; b < a; ++b) pairs.push_back({a, values[a], b, values[b]});
    }
    return pairs;
  };
  std::vector<OptionSet> all;
  std::set<Pair> uncovered;
  for (const Loss loss : kLosses) {
    for (int part = 0; part <= static_cast<int>(FittedPart::kAll); ++part) {
      for (const Resampling resampling :
           {Resampling::kAuto, Resampling::kRecord, Resampling::kTwoWay, Resampling::kStratified}) {
        for (const WeightKind kind : {WeightKind::kExponential, WeightKind::kPoisson, WeightKind::kMultinomial}) {
          if (resampling == Resampling::kStratified && kind == WeightKind::kPoisson) continue;
          all.push_back({loss, static_cast<FittedPart>(part), resampling, kind});
          for (const Pair& pair : pairs_of(all.back())) uncovered.insert(pair);
        }
      }
    }
  }
  std::vector<OptionSet> chosen;
  while (!uncovered.empty()) {
    std::size_t best = 0;
    std::size_t most = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::size_t count = 0;
      for (const Pair& pair : pairs_of(all[i])) count += uncovered.count(pair);
      if (count <= most) continue;
      most = count;
      best = i;
    }
    for (const Pair& pair : pairs_of(all[best])) uncovered.erase(pair);
    chosen.push_back(all[best]);
  }
  return chosen;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_OPTION_SETS_H_
