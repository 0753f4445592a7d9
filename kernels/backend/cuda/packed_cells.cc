#include "kernels/backend/cuda/packed_cells.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/backend/cuda/work_plan.h"
#include "kernels/data/cells.h"

namespace ctxfit {

PackedForm ChooseForm(const Cells& cells) {
  return {
      .compute_index = cells.log_compute.size() <= kObjectiveTableComputes,
      .shared_prompts = cells.size() >= 2 * cells.log_prompt.size(),
      .weight_scale = cells.weight.empty() ? 1 : *std::max_element(cells.weight.begin(), cells.weight.end()),
  };
}

std::int64_t PaddedCount(const Cells& cells) {
  return std::int64_t{CountTiles(static_cast<std::int32_t>(cells.size()), kBatchCells)} * kBatchCells;
}

void PackCells(const Cells& cells, const PackedForm& form, std::int64_t first, std::int64_t count, PackedCell* packed) {
  const auto cell_count = static_cast<std::int64_t>(cells.size());
  const auto begin = cells.prompt_begin.begin();
  // Belongs to the cell being packed.
  std::ptrdiff_t prompt =
      std::upper_bound(begin, cells.prompt_begin.end(), std::min(first, cell_count - 1)) - begin - 1;
  for (std::int64_t i = first; i < first + count; ++i) {
    // Cells behind the last one repeat its covariates.
    const std::int64_t cell = std::min(i, cell_count - 1);
    while (cell >= begin[prompt + 1]) ++prompt;
    const double root = i < cell_count ? std::sqrt(cells.weight[cell] / form.weight_scale) : 0;
    const std::int32_t compute = cells.compute[cell];
    packed[i - first] = {
        .target = static_cast<float>(root * cells.score[cell]),
        .scale = static_cast<float>(root * cells.penalty[cell]),
        .log_prompt = static_cast<float>(cells.log_prompt[prompt]),
        .compute =
            form.compute_index ? compute : std::bit_cast<std::int32_t>(static_cast<float>(cells.log_compute[compute])),
    };
  }
}

}  // namespace ctxfit
