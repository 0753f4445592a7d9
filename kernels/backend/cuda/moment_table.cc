#include "kernels/backend/cuda/moment_table.h"

#include <cstddef>

namespace ctxfit {
namespace {

// Appends the nodes of a panel, and its levels with their places, still without parts.
void AddPlaces(const Moments& moments, const MomentPanel& panel, MomentTable& table) {
  const auto first_node = static_cast<std::int32_t>(table.log_prompt.size());
  table.log_prompt.insert(table.log_prompt.end(), panel.log_prompt, panel.log_prompt + panel.node_count);
  for (std::int32_t level = panel.level_begin; level < panel.level_end; ++level) {
    const auto first_place = static_cast<std::int32_t>(table.place.size());
    table.parts.push_back({0, 0, 0, first_place, panel.node_count});
    for (int j = 0; j < panel.node_count; ++j) {
      table.place.push_back({moments.centre[first_place + j], moments.level_compute[level], first_node + j});
      table.level.push_back(level);
    }
  }
}

// Returns the level of a part.
std::int32_t LevelOf(const MomentPanel& panel, const MomentPart& part) {
  const auto offset = static_cast<std::size_t>(part.sums) - panel.sum_begin;
  return panel.level_begin + static_cast<std::int32_t>(offset / (2 * panel.node_count));
}

// Makes the parts of every level begin where those of the level before it end.
void CountParts(const Moments& moments, MomentTable& table) {
  for (const MomentPanel& panel : moments.panels) {
    for (std::int32_t e = panel.part_begin; e < panel.part_end; ++e) {
      ++table.parts[LevelOf(panel, moments.parts[e])].part_end;
    }
  }
  std::int32_t part_begin = 0;
  std::int64_t moment_begin = 0;
  for (LevelParts& level : table.parts) {
    const std::int32_t count = level.part_end;
    level.part_begin = part_begin;
    level.part_end = part_begin;
    level.moment_begin = moment_begin;
    part_begin += count;
    moment_begin += std::int64_t{count} * level.node_count;
  }
  table.unit.resize(part_begin);
  table.moments.resize(moment_begin);
}

// Puts the parts of a panel behind those that their levels have.
void PlaceParts(const Moments& moments, const MomentPanel& panel, MomentTable& table) {
  for (std::int32_t e = panel.part_begin; e < panel.part_end; ++e) {
    const MomentPart& part = moments.parts[e];
    LevelParts& level = table.parts[LevelOf(panel, part)];
    const std::int64_t rank = level.part_end - level.part_begin;
    MomentSums* to = table.moments.data() + level.moment_begin + rank * level.node_count;
    const double* from = moments.moments.data() + part.moments;
    for (int j = 0; j < level.node_count; ++j) to[j] = {from[2 * j], from[2 * j + 1]};
    table.unit[level.part_end++] = part.unit;
  }
}

}  // namespace

MomentTable TabulateMoments(const Moments& moments, std::int32_t unit_count) {
  MomentTable table;
  table.log_compute = moments.log_compute;
  table.unit_count = unit_count;
  for (const MomentPanel& panel : moments.panels) AddPlaces(moments, panel, table);
  CountParts(moments, table);
  for (const MomentPanel& panel : moments.panels) PlaceParts(moments, panel, table);
  return table;
}

}  // namespace ctxfit
