#ifndef CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_TABLE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_TABLE_H_

#include <cstdint>
#include <vector>

#include "kernels/objective/moments.h"

// Moments as kernels read them: the places of all panels, each a node of a level, in one row, and the parts sorted by
// level, so that one thread owns the sums of a place and adds its parts in their order.

namespace ctxfit {

// The two sums of a replicate at a place, or the terms that a part of weight 1 adds to them.
struct alignas(16) MomentSums {
  double weight;
  double residual;
};

// A place, as indices of its logarithms and factors.
struct alignas(16) PlaceIndices {
  double centre;         // the factors' product at the centre
  std::int32_t compute;  // index into log_compute
  std::int32_t node;     // index into log_prompt
};

// The parts of a level, [part_begin, part_end). Those of its i-th place have their moments node_count apart, from
// moment_begin + i on.
struct LevelParts {
  std::int64_t moment_begin;
  std::int32_t part_begin;
  std::int32_t part_end;
  std::int32_t place_begin;
  std::int32_t node_count;
};

struct MomentsView {
  const double* log_compute;  // by distinct compute
  const double* log_prompt;   // by node of every panel
  const PlaceIndices* place;  // by place
  const std::int32_t* level;  // by place: index into parts
  const LevelParts* parts;    // by level
  const std::int32_t* unit;   // by part: its resampling unit
  const MomentSums* moments;  // by part and node
  std::int32_t compute_count;
  std::int32_t node_count;
  std::int32_t place_count;
  std::int32_t unit_count;
  std::int64_t moment_count;
};

// Owner of what a MomentsView sees, wherever a Column has its elements.
template <template <class> class Column>
struct MomentColumns {
  Column<double> log_compute;
  Column<double> log_prompt;
  Column<PlaceIndices> place;
  Column<std::int32_t> level;
  Column<LevelParts> parts;
  Column<std::int32_t> unit;
  Column<MomentSums> moments;
  std::int32_t unit_count = 0;

  MomentsView View() const {
    return {
        .log_compute = log_compute.data(),
        .log_prompt = log_prompt.data(),
        .place = place.data(),
        .level = level.data(),
        .parts = parts.data(),
        .unit = unit.data(),
        .moments = moments.data(),
        .compute_count = static_cast<std::int32_t>(log_compute.size()),
        .node_count = static_cast<std::int32_t>(log_prompt.size()),
        .place_count = static_cast<std::int32_t>(place.size()),
        .unit_count = unit_count,
        .moment_count = static_cast<std::int64_t>(moments.size()),
    };
  }
};

template <class T>
using HostColumn = std::vector<T>;

using MomentTable = MomentColumns<HostColumn>;

// Tabulates the moments of cells with `unit_count` units, one unit per cell.
MomentTable TabulateMoments(const Moments& moments, std::int32_t unit_count);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_TABLE_H_
