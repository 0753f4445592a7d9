#ifndef CTXFIT_TESTS_KERNELS_RANDOM_CELLS_H_
#define CTXFIT_TESTS_KERNELS_RANDOM_CELLS_H_

#include <random>

#include "kernels/data/cells.h"

namespace ctxfit {

// Settings of random cells. Their scores follow no law.
struct RandomCellsOptions {
  int prompts = 700;
  int most_per_prompt = 20;  // the number of cells of a prompt is drawn from 1 to this
  int crowd = 1;             // number of cells of the sixth prompt, which is not drawn
  int computes = 5;
  int units = 1;
  double weight_scale = 1;  // weights lie in (0, 10) times this
  unsigned seed = 1;
};

// Draws cells.
inline Cells RandomCells(const RandomCellsOptions& options) {
  std::mt19937 random(options.seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  const auto below = [&](int count) { return static_cast<std::int32_t>(count * uniform(random)); };
  Cells cells;
  cells.references = {1, 1};
  for (int j = 0; j < options.computes; ++j) cells.log_compute.push_back(-4 + 8.0 * (j + 0.5) / options.computes);
  for (int k = 0; k < options.prompts; ++k) {
    cells.log_prompt.push_back(-5 + 10.0 * (k + 0.5) / options.prompts);
    cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
    const int count = k == 5 ? options.crowd : 1 + below(options.most_per_prompt);
    for (int i = 0; i < count; ++i) {
      cells.compute.push_back(below(options.computes));
      cells.unit.push_back(below(options.units));
      cells.weight.push_back(options.weight_scale * 10 * (1 - uniform(random)));
      cells.score.push_back(uniform(random));
      cells.penalty.push_back(below(4) == 0 ? uniform(random) : 1);
    }
  }
  cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
  cells.record_count = cells.size();
  cells.unit_count = options.units;
  return cells;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_RANDOM_CELLS_H_
