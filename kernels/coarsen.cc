#include "kernels/coarsen.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ctxfit {
namespace {

// Sums of the cells that become one.
struct Merged {
  double weight = 0;
  double score = 0;
  double squares = 0;
  double penalty = 0;
};

// Writes the merged cells of one bin behind those of the bins before it.
void AppendBin(const std::map<std::pair<std::int32_t, bool>, Merged>& bin, double log_prompt, Cells& coarse) {
  coarse.prompt_begin.push_back(static_cast<std::int32_t>(coarse.size()));
  coarse.log_prompt.push_back(log_prompt);
  for (const auto& [key, merged] : bin) {
    const double mean = merged.score / merged.weight;
    coarse.compute.push_back(key.first);
    coarse.weight.push_back(merged.weight);
    coarse.score.push_back(mean);
    coarse.penalty.push_back(merged.penalty / merged.weight);
    coarse.within_sse += std::max(0.0, merged.squares - merged.weight * mean * mean);
  }
}

}  // namespace

Cells Coarsen(const Cells& cells, int max_prompts) {
  const std::size_t prompt_count = cells.log_prompt.size();
  if (prompt_count <= static_cast<std::size_t>(max_prompts)) return cells;
  Cells coarse;
  coarse.references = cells.references;
  coarse.log_compute = cells.log_compute;
  coarse.within_sse = cells.within_sse;
  coarse.record_count = cells.record_count;
  coarse.unit_count = cells.unit_count;
  const double first = cells.log_prompt.front();
  const double width = (cells.log_prompt.back() - first) / max_prompts;
  for (std::size_t begin = 0; begin < prompt_count;) {
    const int bin_index = std::min(max_prompts - 1, static_cast<int>((cells.log_prompt[begin] - first) / width));
    const double bin_end = bin_index == max_prompts - 1 ? cells.log_prompt.back() : first + (bin_index + 1) * width;
    std::map<std::pair<std::int32_t, bool>, Merged> bin;
    double weight = 0;
    double log_prompt_sum = 0;
    std::size_t k = begin;
    do {
      for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
        Merged& merged = bin[{cells.compute[i], cells.penalty[i] >= 0.5}];
        merged.weight += cells.weight[i];
        merged.score += cells.weight[i] * cells.score[i];
        merged.squares += cells.weight[i] * cells.score[i] * cells.score[i];
        merged.penalty += cells.weight[i] * cells.penalty[i];
        weight += cells.weight[i];
        log_prompt_sum += cells.weight[i] * cells.log_prompt[k];
      }
      ++k;
    } while (k < prompt_count && cells.log_prompt[k] <= bin_end);
    AppendBin(bin, log_prompt_sum / weight, coarse);
    begin = k;
  }
  coarse.prompt_begin.push_back(static_cast<std::int32_t>(coarse.size()));
  return coarse;
}

}  // namespace ctxfit
