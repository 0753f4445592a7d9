#include <thrust/binary_search.h>
#include <thrust/gather.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>

#include <cuda/std/bit>
#include <utility>

#include "kernels/backend/cuda/algorithms.cuh"
#include "kernels/backend/cuda/row_steps.h"
#include "kernels/base/host_device.h"

namespace ctxfit {
namespace {

// The bits of a value that is not negative, which have its order. The two zeros, equal values, get one key.
struct ValueKey {
  const double* column;

  CTXFIT_HD std::uint64_t operator()(std::uint32_t row) const {
    const double value = column[row];
    return value == 0 ? 0 : cuda::std::bit_cast<std::uint64_t>(value);
  }
};

struct NumberKey {
  const std::int32_t* first;   // null: equal numbers
  const std::int32_t* second;  // null: equal numbers

  CTXFIT_HD std::uint64_t operator()(std::uint32_t row) const {
    const std::uint64_t high = first == nullptr ? 0 : static_cast<std::uint32_t>(first[row]);
    const std::uint64_t low = second == nullptr ? 0 : static_cast<std::uint32_t>(second[row]);
    return high << 32 | low;
  }
};

// True for a place whose row has another code than the row before.
struct StartsCode {
  const std::int32_t* codes;
  const std::uint32_t* rows;

  CTXFIT_HD bool operator()(std::uint32_t i) const { return i == 0 || codes[rows[i]] != codes[rows[i - 1]]; }
};

struct StartsCombination {
  const double* prompt;
  const double* compute;
  const double* limit;
  const std::uint32_t* rows;

  CTXFIT_HD bool operator()(std::uint32_t i) const {
    if (i == 0) return true;
    const std::uint32_t a = rows[i - 1];
    const std::uint32_t b = rows[i];
    return prompt[a] != prompt[b] || compute[a] != compute[b] || limit[a] != limit[b];
  }
};

// All keys have one type, so that one sort is compiled.
template <class Key>
absl::Status SortBy(const std::shared_ptr<CudaDevice>& device, const Key& key, const RowIndices& rows) {
  CTXFIT_ASSIGN_OR_RETURN(const auto keys, DeviceBuffer<std::uint64_t>::Allocate(device, rows.size()));
  std::uint32_t* const begin = rows.data();
  std::uint32_t* const end = begin + rows.size();
  std::uint64_t* const first_key = keys.data();
  std::uint64_t* const last_key = first_key + keys.size();
  return RunThrust(*device, [&](const auto& policy) {
    thrust::transform(policy, begin, end, first_key, key);
    thrust::stable_sort_by_key(policy, first_key, last_key, begin);
  });
}

template <class T>
absl::StatusOr<DeviceBuffer<T>> GatherColumn(const std::shared_ptr<CudaDevice>& device, const DeviceBuffer<T>& column,
                                             const RowIndices& rows) {
  if (column.size() == 0) return DeviceBuffer<T>();
  CTXFIT_ASSIGN_OR_RETURN(DeviceBuffer<T> gathered, DeviceBuffer<T>::Allocate(device, rows.size()));
  const std::uint32_t* const begin = rows.data();
  const std::uint32_t* const end = begin + rows.size();
  const T* const from = column.data();
  T* const to = gathered.data();
  CTXFIT_RETURN_IF_ERROR(RunThrust(*device, [&](const auto& policy) { thrust::gather(policy, begin, end, from, to); }));
  return gathered;
}

}  // namespace

absl::StatusOr<RowIndices> AscendingRows(const std::shared_ptr<CudaDevice>& device, std::size_t count) {
  CTXFIT_ASSIGN_OR_RETURN(RowIndices rows, RowIndices::Allocate(device, count));
  std::uint32_t* const begin = rows.data();
  std::uint32_t* const end = begin + count;
  CTXFIT_RETURN_IF_ERROR(RunThrust(*device, [&](const auto& policy) { thrust::sequence(policy, begin, end); }));
  return rows;
}

absl::Status SortByValue(const std::shared_ptr<CudaDevice>& device, const DeviceBuffer<double>& column,
                         const RowIndices& rows) {
  return SortBy(device, ValueKey{column.data()}, rows);
}

absl::Status SortByNumber(const std::shared_ptr<CudaDevice>& device, const DeviceBuffer<std::int32_t>& first,
                          const DeviceBuffer<std::int32_t>& second, const RowIndices& rows) {
  return SortBy(device, NumberKey{first.data(), second.data()}, rows);
}

absl::StatusOr<DeviceBuffer<double>> Gather(const std::shared_ptr<CudaDevice>& device,
                                            const DeviceBuffer<double>& column, const RowIndices& rows) {
  return GatherColumn(device, column, rows);
}

absl::StatusOr<DeviceBuffer<std::int32_t>> Gather(const std::shared_ptr<CudaDevice>& device,
                                                  const DeviceBuffer<std::int32_t>& column, const RowIndices& rows) {
  return GatherColumn(device, column, rows);
}

absl::StatusOr<std::vector<std::int32_t>> DistinctCodes(const std::shared_ptr<CudaDevice>& device,
                                                        const DeviceBuffer<std::int32_t>& codes) {
  CTXFIT_ASSIGN_OR_RETURN(const RowIndices rows, AscendingRows(device, codes.size()));
  CTXFIT_RETURN_IF_ERROR(SortByNumber(device, codes, {}, rows));
  CTXFIT_ASSIGN_OR_RETURN(const RowIndices places,
                          FindWhere(device, rows.size(), StartsCode{codes.data(), rows.data()}));
  CTXFIT_ASSIGN_OR_RETURN(const auto sorted, GatherColumn(device, codes, rows));
  CTXFIT_ASSIGN_OR_RETURN(const auto distinct, GatherColumn(device, sorted, places));
  return distinct.ToHost();
}

absl::Status ReplaceByRank(const std::shared_ptr<CudaDevice>& device, const std::vector<std::int32_t>& distinct,
                           const std::vector<std::int32_t>& ranks, const DeviceBuffer<std::int32_t>& codes) {
  CTXFIT_ASSIGN_OR_RETURN(const auto sorted, DeviceBuffer<std::int32_t>::CopyOf(device, distinct));
  CTXFIT_ASSIGN_OR_RETURN(const auto rank_of, DeviceBuffer<std::int32_t>::CopyOf(device, ranks));
  CTXFIT_ASSIGN_OR_RETURN(const RowIndices places, RowIndices::Allocate(device, codes.size()));
  const std::int32_t* const from = sorted.data();
  const std::int32_t* const from_end = from + sorted.size();
  const std::int32_t* const by = rank_of.data();
  std::uint32_t* const place = places.data();
  std::uint32_t* const place_end = place + places.size();
  std::int32_t* const code = codes.data();
  std::int32_t* const code_end = code + codes.size();
  return RunThrust(*device, [&](const auto& policy) {
    thrust::lower_bound(policy, from, from_end, code, code_end, place);
    thrust::gather(policy, place, place_end, by, code);
  });
}

absl::StatusOr<RowIndices> FindCombinations(const std::shared_ptr<CudaDevice>& device, const CovariateColumns& columns,
                                            const RowIndices& rows) {
  return FindWhere(device, rows.size(),
                   StartsCombination{columns.prompt.data(), columns.compute.data(), columns.limit.data(), rows.data()});
}

}  // namespace ctxfit
