#include "kernels/backend/cuda/collapse.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/cell_steps.h"
#include "kernels/backend/cuda/row_steps.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/data/cell_frame.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

// Copies the columns that both collapses read.
absl::Status Upload(const std::shared_ptr<CudaDevice>& device, const Observations& observations, const Penalty& penalty,
                    const LawForm& form, const StopSignal& stop, ObservationColumns& columns) {
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, observations.score, stop, columns.score));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, observations.weight, stop, columns.weight));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, observations.score_variance, stop, columns.variance));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, observations.unit, stop, columns.unit));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, observations.unit_2, stop, columns.unit_2));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, observations.levels.level_of, stop, columns.compute));
  const std::vector<Excess> excess = ExcessesOf(observations, penalty);
  if (form.full) {
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, excess, stop, columns.excess));
  } else {
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, PenaltiesAt(excess), stop, columns.penalty));
  }
  const std::vector<std::uint32_t> ends(observations.row_begin.begin() + 1, observations.row_begin.end());
  CTXFIT_ASSIGN_OR_RETURN(columns.combination, NumberCombinations(device, ends, observations.size()));
  return absl::OkStatus();
}

// Returns the rows in an order in which those of a cell are adjacent: as they are, or sorted by what they share.
absl::StatusOr<RowIndices> OrderRows(const std::shared_ptr<CudaDevice>& device, const ObservationColumns& columns,
                                     Units units, const LossTraits& loss) {
  CTXFIT_ASSIGN_OR_RETURN(RowIndices rows, AscendingRows(device, columns.score.size()));
  if (loss.collapses_means) return rows;
  CTXFIT_RETURN_IF_ERROR(SortByValue(device, columns.score, rows));
  if (units == Units::kKeep) CTXFIT_RETURN_IF_ERROR(SortByNumber(device, columns.unit, columns.unit_2, rows));
  CTXFIT_RETURN_IF_ERROR(SortByNumber(device, columns.combination, {}, rows));
  return rows;
}

template <class T>
absl::Status Fetch(const DeviceBuffer<T>& column, const StopSignal& stop, std::vector<T>& fetched) {
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  CTXFIT_ASSIGN_OR_RETURN(fetched, column.ToHost());
  return absl::OkStatus();
}

// Copies the cells, which begin at the places `begin`, to the host.
absl::Status FetchCells(const CellColumns& columns, const RowIndices& begin, const Observations& observations,
                        const StopSignal& stop, Cells& cells) {
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.weight, stop, cells.weight));
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.score, stop, cells.score));
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.compute, stop, cells.compute));
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.unit, stop, cells.unit));
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.unit_2, stop, cells.unit_2));
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.penalty, stop, cells.penalty));
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.excess, stop, cells.excess));
  std::vector<double> within_costs;
  CTXFIT_RETURN_IF_ERROR(Fetch(columns.within_cost, stop, within_costs));
  // Summed here, in the order in which the host's collapse adds them.
  cells.within_cost = std::accumulate(within_costs.begin(), within_costs.end(), 0.0);
  std::vector<std::uint32_t> places;
  CTXFIT_RETURN_IF_ERROR(Fetch(begin, stop, places));
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    if (!StartsPrompt(observations, k)) continue;
    const auto cell = std::lower_bound(places.begin(), places.end(), observations.row_begin[k]);
    cells.prompt_begin.push_back(static_cast<std::int32_t>(cell - places.begin()));
  }
  cells.prompt_begin.push_back(static_cast<std::int32_t>(places.size()));
  return absl::OkStatus();
}

}  // namespace

bool IsForDevice(const Observations& observations, const LawForm& form) {
  constexpr std::size_t kMaxCellRows = std::size_t{1} << 18;
  if (TraitsOf(form.loss.loss).is_deviance) return false;
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    if (observations.row_begin[k + 1] - observations.row_begin[k] > kMaxCellRows) return false;
  }
  return true;
}

absl::StatusOr<FitCells> CollapseOnDevice(const std::shared_ptr<CudaDevice>& device, const Observations& observations,
                                          const References& references, const Penalty& penalty, const LawForm& form,
                                          const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  const LossTraits loss = TraitsOf(form.loss.loss);
  ObservationColumns columns;
  CTXFIT_RETURN_IF_ERROR(Upload(device, observations, penalty, form, stop, columns));
  const auto collapse = [&](Units units, Cells& cells) -> absl::Status {
    cells = MakeFrame(observations, references, form);
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    CTXFIT_ASSIGN_OR_RETURN(const RowIndices rows, OrderRows(device, columns, units, loss));
    CTXFIT_ASSIGN_OR_RETURN(const RowIndices begin, FindCells(device, columns, rows, units, loss));
    CTXFIT_ASSIGN_OR_RETURN(const CellColumns made, MakeCells(device, columns, rows, begin, units, loss));
    CTXFIT_RETURN_IF_ERROR(FetchCells(made, begin, observations, stop, cells));
    Rescale(form, cells);
    return absl::OkStatus();
  };
  FitCells cells;
  CTXFIT_RETURN_IF_ERROR(collapse(Units::kMerge, cells.merged));
  CTXFIT_RETURN_IF_ERROR(collapse(Units::kKeep, cells.kept));
  return cells;
}

}  // namespace ctxfit
