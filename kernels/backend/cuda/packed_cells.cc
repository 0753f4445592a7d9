#include "kernels/backend/cuda/packed_cells.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/backend/cuda/work_plan.h"
#include "kernels/data/cells.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

// The columns that cells of either form have in common.
struct Place {
  float log_prompt;
  std::int32_t compute;
};

void Fill(const Cells& cells, std::int64_t cell, double weight, const Place& place, PackedCell& packed) {
  const double root = std::sqrt(weight);
  packed = {
      .target = static_cast<float>(root * cells.score[cell]),
      .scale = static_cast<float>(root * cells.penalty[cell]),
      .log_prompt = place.log_prompt,
      .compute = place.compute,
  };
}

void Fill(const Cells& cells, std::int64_t cell, double weight, const Place& place, FullCell& packed) {
  packed = {
      .score = static_cast<float>(cells.score[cell]),
      .weight = static_cast<float>(weight),
      .log_prompt = place.log_prompt,
      .compute = place.compute,
      .prompt = static_cast<float>(cells.excess[cell].prompt),
      .onset = static_cast<float>(cells.excess[cell].onset),
  };
}

template <class Cell>
void Pack(const Cells& cells, const PackedForm& form, std::int64_t first, std::int64_t count, Cell* packed) {
  const auto cell_count = static_cast<std::int64_t>(cells.size());
  const auto begin = cells.prompt_begin.begin();
  // Belongs to the cell being packed.
  std::ptrdiff_t prompt =
      std::upper_bound(begin, cells.prompt_begin.end(), std::min(first, cell_count - 1)) - begin - 1;
  for (std::int64_t i = first; i < first + count; ++i) {
    // Cells behind the last one repeat its covariates.
    const std::int64_t cell = std::min(i, cell_count - 1);
    while (cell >= begin[prompt + 1]) ++prompt;
    const double weight = i < cell_count ? cells.weight[cell] / form.weight_scale : 0;
    const std::int32_t compute = cells.compute[cell];
    const Place place = {
        .log_prompt = static_cast<float>(cells.log_prompt[prompt]),
        .compute =
            form.compute_index ? compute : std::bit_cast<std::int32_t>(static_cast<float>(cells.log_compute[compute])),
    };
    Fill(cells, cell, weight, place, packed[i - first]);
  }
}

}  // namespace

PackedForm ChooseForm(const Cells& cells) {
  return {
      .compute_index = cells.log_compute.size() <= kObjectiveTableComputes,
      .shared_prompts = cells.size() >= 2 * cells.log_prompt.size(),
      .weight_scale = cells.weight.empty() ? 1 : *std::max_element(cells.weight.begin(), cells.weight.end()),
      .full = cells.full(),
      .loss = cells.full() ? cells.loss.loss : Loss::kSquared,
      .threshold = static_cast<float>(cells.loss.threshold),
      .constant_cost = ConstantCost(cells),
  };
}

std::int64_t PaddedCount(const Cells& cells) {
  return std::int64_t{CountTiles(static_cast<std::int32_t>(cells.size()), kBatchCells)} * kBatchCells;
}

void PackCells(const Cells& cells, const PackedForm& form, std::int64_t first, std::int64_t count, PackedCell* packed) {
  Pack(cells, form, first, count, packed);
}

void PackCells(const Cells& cells, const PackedForm& form, std::int64_t first, std::int64_t count, FullCell* packed) {
  Pack(cells, form, first, count, packed);
}

}  // namespace ctxfit
