#include "client/plot/task_rows.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ctxfit/v1/observations.pb.h"

namespace ctxfit {

bool IsHeldOut(const v1::Observations& observations, int row) {
  return observations.held_out_size() > 0 && observations.held_out(row);
}

std::size_t CountFitted(const v1::Observations& observations, const std::vector<ModelLevel>& levels) {
  return std::count_if(levels.begin(), levels.end(), [&observations](const ModelLevel& level) {
    return std::any_of(level.rows.begin(), level.rows.end(), [&](int row) { return !IsHeldOut(observations, row); });
  });
}

std::vector<ModelLevel> FindLevels(const v1::Observations& observations, const std::string& task) {
  std::map<std::pair<double, double>, ModelLevel> levels;
  for (int row = 0; row < observations.score_size(); ++row) {
    if (observations.task_size() > 0 && observations.task(row) != task) continue;
    const double limit = observations.context_limit_tokens_size() > 0 ? observations.context_limit_tokens(row) : 0;
    const std::pair key(observations.training_compute_flops(row), limit);
    ModelLevel& level = levels.try_emplace(key, ModelLevel{key.first, key.second, {}, {}}).first->second;
    level.rows.push_back(row);
    if (observations.model_size() == 0 || observations.model(row).empty()) continue;
    const std::string& model = observations.model(row);
    if (std::find(level.models.begin(), level.models.end(), model) == level.models.end()) level.models.push_back(model);
  }
  std::vector<ModelLevel> sorted;
  for (auto& [key, level] : levels) sorted.push_back(std::move(level));
  return sorted;
}

}  // namespace ctxfit
