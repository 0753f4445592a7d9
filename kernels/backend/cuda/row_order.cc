#include "kernels/backend/cuda/row_order.h"

#include <cstdint>
#include <utility>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/row_steps.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/data/ranks.h"
#include "kernels/data/select_rows.h"

namespace ctxfit {
namespace {

// True if `rows` are all rows of a table, in its order.
bool AreWhole(const std::vector<std::size_t>& rows, const ObservationTable& table) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] != i) return false;
  }
  return rows.size() == table.score.size();
}

// A column of labels: the code of each row, in whose place its rank comes.
struct LabelColumn {
  DeviceBuffer<std::int32_t> ranks;
  std::int32_t count = 0;
};

// Sorts the rows of a table by its columns, from the least significant one up: each sort keeps the order of equal rows.
class Sorter {
 public:
  Sorter(const std::shared_ptr<CudaDevice>& device, const ObservationTable& table, const std::vector<std::size_t>& rows,
         const StopSignal& stop)
      : device_(device), table_(table), rows_(rows), stop_(stop), are_whole_(AreWhole(rows, table)) {}

  absl::Status Sort() {
    CTXFIT_ASSIGN_OR_RETURN(order_, AscendingRows(device_, rows_.size()));
    CTXFIT_RETURN_IF_ERROR(SortByGroup());
    for (const auto* column : {&table_.score_variance, &table_.weight}) {
      if (column->empty()) continue;
      DeviceBuffer<double> uploaded;
      CTXFIT_RETURN_IF_ERROR(SortBy(*column, uploaded));
    }
    CTXFIT_RETURN_IF_ERROR(SortBy(table_.score, score_));
    CTXFIT_RETURN_IF_ERROR(SortByClusters());
    CTXFIT_RETURN_IF_ERROR(SortBy(table_.context_limit_tokens, covariates_.limit));
    CTXFIT_RETURN_IF_ERROR(SortBy(table_.training_compute_flops, covariates_.compute));
    return SortBy(table_.prompt_tokens, covariates_.prompt);
  }

  // The order of rows that Sort() found.
  absl::StatusOr<CanonicalOrder> Fetch() const {
    CanonicalOrder order;
    CTXFIT_RETURN_IF_ERROR(stop_.Check());
    CTXFIT_ASSIGN_OR_RETURN(const RowIndices combinations, FindCombinations(device_, covariates_, order_));
    CTXFIT_RETURN_IF_ERROR(FetchColumn(score_, order.score));
    order.cluster.count = cluster_.count;
    CTXFIT_RETURN_IF_ERROR(FetchColumn(cluster_.ranks, order.cluster.of_row));
    order.cluster_2.count = cluster_2_.count;
    CTXFIT_RETURN_IF_ERROR(FetchColumn(cluster_2_.ranks, order.cluster_2.of_row));
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> indices, order_.ToHost());
    order.rows.reserve(indices.size());
    for (const std::uint32_t i : indices) order.rows.push_back(are_whole_ ? i : rows_[i]);
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> begin, combinations.ToHost());
    order.begin.assign(begin.begin(), begin.end());
    for (const std::size_t first : order.begin) {
      const std::size_t row = order.rows[first];
      order.covariates.push_back(
          {table_.training_compute_flops[row], table_.prompt_tokens[row], table_.context_limit_tokens[row]});
    }
    order.begin.push_back(rows_.size());
    return order;
  }

 private:
  // Copies a column of the rows.
  template <class T>
  absl::Status Upload(const std::vector<T>& column, DeviceBuffer<T>& uploaded) const {
    if (are_whole_) return CopyColumn(device_, column, stop_, uploaded);
    return CopyColumn(device_, Pick(column, rows_), stop_, uploaded);
  }

  absl::Status SortBy(const std::vector<double>& column, DeviceBuffer<double>& uploaded) const {
    CTXFIT_RETURN_IF_ERROR(Upload(column, uploaded));
    return SortByValue(device_, uploaded, order_);
  }

  absl::Status SortByGroup() const {
    if (table_.group.empty()) return absl::OkStatus();
    DeviceBuffer<std::int32_t> group;
    CTXFIT_RETURN_IF_ERROR(Upload(table_.group, group));
    return SortByNumber(device_, group, {}, order_);
  }

  absl::Status SortByClusters() {
    CTXFIT_RETURN_IF_ERROR(Rank(table_.cluster, cluster_));
    CTXFIT_RETURN_IF_ERROR(Rank(table_.cluster_2, cluster_2_));
    if (table_.cluster.empty() && table_.cluster_2.empty()) return absl::OkStatus();
    return SortByNumber(device_, cluster_.ranks, cluster_2_.ranks, order_);
  }

  // Ranks the labels that occur on the host, and rows by them on the device.
  absl::Status Rank(const Labels& labels, LabelColumn& column) const {
    if (labels.empty()) return absl::OkStatus();
    CTXFIT_RETURN_IF_ERROR(Upload(labels.codes(), column.ranks));
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::int32_t> present, DistinctCodes(device_, column.ranks));
    const Ranks ranks = RankPresent(present, labels.dictionary(), present);
    column.count = ranks.count;
    CTXFIT_RETURN_IF_ERROR(stop_.Check());
    return ReplaceByRank(device_, present, ranks.of_row, column.ranks);
  }

  // Copies a column to the host, in the order of the rows.
  template <class T>
  absl::Status FetchColumn(const DeviceBuffer<T>& column, std::vector<T>& fetched) const {
    CTXFIT_RETURN_IF_ERROR(stop_.Check());
    CTXFIT_ASSIGN_OR_RETURN(const DeviceBuffer<T> in_order, Gather(device_, column, order_));
    CTXFIT_ASSIGN_OR_RETURN(fetched, in_order.ToHost());
    return absl::OkStatus();
  }

  const std::shared_ptr<CudaDevice>& device_;
  const ObservationTable& table_;
  const std::vector<std::size_t>& rows_;
  const StopSignal& stop_;
  const bool are_whole_;
  RowIndices order_;  // indices into rows_
  // Columns of the rows, in their first order.
  DeviceBuffer<double> score_;
  LabelColumn cluster_;
  LabelColumn cluster_2_;
  CovariateColumns covariates_;
};

}  // namespace

absl::StatusOr<CanonicalOrder> SortOnDevice(const std::shared_ptr<CudaDevice>& device, const ObservationTable& table,
                                            const std::vector<std::size_t>& rows, const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  Sorter sorter(device, table, rows, stop);
  CTXFIT_RETURN_IF_ERROR(sorter.Sort());
  return sorter.Fetch();
}

}  // namespace ctxfit
