#ifndef CTXFIT_TESTS_GPU_PROBLEMS_H_
#define CTXFIT_TESTS_GPU_PROBLEMS_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "tests/kernels/proposal_settings.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

inline Cells CellsOf(const Simulation& simulation, Units units = Units::kMerge) {
  const Observations observations = OnlyTask(Simulate(simulation));
  return Collapse(observations, ChooseReferences(observations, {}), {}, units);
}

// Members spread over a domain, by default that of the default options.
inline std::vector<BasicPoint<float>> SpreadMembers(int count, unsigned seed, const Domain& domain = MakeDomain({})) {
  std::mt19937 random(seed);
  std::vector<BasicPoint<float>> members(count);
  for (BasicPoint<float>& member : members) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      member.at[i] =
          static_cast<float>(std::uniform_real_distribution<double>(domain.lower.at[i], domain.upper.at[i])(random));
    }
  }
  return members;
}

// `cell_count` cells with made-up scores: `per_prompt` of them for each prompt length, on `computes` computes, of
// `units` resampling units, or with units merged where that is 0. Cheap at any size, unlike a collapse.
inline Cells MadeUpCells(int cell_count, int per_prompt, int computes, int units) {
  Cells cells;
  std::mt19937 random(7);
  std::uniform_real_distribution<double> score(0, 1);
  const int prompts = (cell_count + per_prompt - 1) / per_prompt;
  for (int j = 0; j < computes; ++j) cells.log_compute.push_back(-3 + 6.0 * j / computes);
  for (int k = 0; k < prompts; ++k) {
    cells.log_prompt.push_back(-4 + 8.0 * k / prompts);
    cells.prompt_begin.push_back(k * per_prompt);
  }
  cells.prompt_begin.push_back(cell_count);
  for (auto* column : {&cells.weight, &cells.score, &cells.penalty}) column->reserve(cell_count);
  cells.compute.reserve(cell_count);
  for (int i = 0; i < cell_count; ++i) {
    cells.compute.push_back(i % computes);
    if (units > 0) cells.unit.push_back(static_cast<std::int32_t>(random() % units));
    cells.weight.push_back(1 + i % 5);
    cells.score.push_back(score(random));
    cells.penalty.push_back(i % 7 == 0 ? 0.25 : 1);
  }
  cells.record_count = cell_count;
  cells.unit_count = units;
  return cells;
}

// The same covariates and scores in the full form, within a limit of 4 reference prompt lengths.
inline Cells InFullForm(Cells cells, Loss loss) {
  cells.loss.loss = loss;
  cells.penalty.clear();
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const Excess excess = MakeExcess({Penalty::Form::kRatio, 0.1, 1}, std::exp(cells.log_prompt[k]), 4);
    cells.excess.insert(cells.excess.end(), cells.prompt_begin[k + 1] - cells.prompt_begin[k], excess);
  }
  return cells;
}

// Lets units be runs: the cells of each lie side by side in prompt length, so that their moments are few.
inline void GatherIntoRuns(Cells& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells.unit[i] = static_cast<std::int32_t>(i * static_cast<std::size_t>(cells.unit_count) / cells.size());
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_PROBLEMS_H_
