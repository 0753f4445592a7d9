#include "kernels/data/coarsen.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

// Sums over the cells that are merged into one.
struct Merged {
  double weight = 0;
  double score = 0;
  double squares = 0;
  double penalty = 0;
  Excess excess = {0, 0};
};

// Cells of a bin are merged if they agree in compute (index), in the side of the penalty's middle, and in the ratio of
// the penalty's onset to the prompt length, its logarithm rounded to quarters.
using Key = std::tuple<std::int32_t, bool, int>;

// The merged cells of one bin, by key. The cells of a prompt length mostly have the keys of those of the prompt length
// before, in the same order: the successor of the last merged cell is the likely next one, and is tried first.
class Bin {
 public:
  Merged& At(const Key& key) {
    if (last_ != cells_.end() && ++last_ != cells_.end() && last_->first == key) return last_->second;
    last_ = cells_.try_emplace(key).first;
    return last_->second;
  }

  const std::map<Key, Merged>& cells() const { return cells_; }

 private:
  std::map<Key, Merged> cells_;
  std::map<Key, Merged>::iterator last_ = cells_.end();
};

Key KeyOf(const Cells& cells, std::int32_t cell) {
  if (!cells.full()) return {cells.compute[cell], cells.penalty[cell] >= 0.5, 0};
  const Excess& excess = cells.excess[cell];
  const bool limited = excess.prompt > 0;
  const int limit = limited ? static_cast<int>(std::lround(4 * std::log(excess.onset / excess.prompt))) : 0;
  return {cells.compute[cell], excess.prompt < excess.onset, limit};
}

void Add(const Cells& cells, std::int32_t cell, Merged& merged) {
  const double weight = cells.weight[cell];
  merged.weight += weight;
  merged.score += weight * cells.score[cell];
  merged.squares += weight * cells.score[cell] * cells.score[cell];
  if (cells.full()) {
    merged.excess.prompt += weight * cells.excess[cell].prompt;
    merged.excess.onset += weight * cells.excess[cell].onset;
  } else {
    merged.penalty += weight * cells.penalty[cell];
  }
}

// Appends the merged cells of one bin to those of the bins before it.
void AppendBin(const Bin& bin, double log_prompt, bool full, Cells& coarse) {
  coarse.prompt_begin.push_back(static_cast<std::int32_t>(coarse.size()));
  coarse.log_prompt.push_back(log_prompt);
  for (const auto& [key, merged] : bin.cells()) {
    const double mean = merged.score / merged.weight;
    coarse.compute.push_back(std::get<0>(key));
    coarse.weight.push_back(merged.weight);
    coarse.score.push_back(mean);
    if (full) {
      coarse.excess.push_back({merged.excess.prompt / merged.weight, merged.excess.onset / merged.weight});
    } else {
      coarse.penalty.push_back(merged.penalty / merged.weight);
    }
    coarse.within_cost += std::max(0.0, merged.squares - merged.weight * mean * mean);
  }
}

}  // namespace

Cells Coarsen(const Cells& cells, int max_prompts) {
  const std::size_t prompt_count = cells.log_prompt.size();
  if (prompt_count <= static_cast<std::size_t>(max_prompts)) return cells;
  Cells coarse;
  coarse.references = cells.references;
  coarse.loss = cells.loss;
  coarse.log_compute = cells.log_compute;
  coarse.within_cost = cells.within_cost;
  coarse.record_count = cells.record_count;
  coarse.unit_count = cells.unit_count;
  const double first = cells.log_prompt.front();
  const double width = (cells.log_prompt.back() - first) / max_prompts;
  for (std::size_t begin = 0; begin < prompt_count;) {
    const int bin_index = std::min(max_prompts - 1, static_cast<int>((cells.log_prompt[begin] - first) / width));
    const double bin_end = bin_index == max_prompts - 1 ? cells.log_prompt.back() : first + (bin_index + 1) * width;
    Bin bin;
    double weight = 0;
    double log_prompt_sum = 0;
    std::size_t k = begin;
    do {
      for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
        Add(cells, i, bin.At(KeyOf(cells, i)));
        weight += cells.weight[i];
        log_prompt_sum += cells.weight[i] * cells.log_prompt[k];
      }
      ++k;
    } while (k < prompt_count && cells.log_prompt[k] <= bin_end);
    AppendBin(bin, log_prompt_sum / weight, cells.full(), coarse);
    begin = k;
  }
  coarse.prompt_begin.push_back(static_cast<std::int32_t>(coarse.size()));
  return coarse;
}

}  // namespace ctxfit
