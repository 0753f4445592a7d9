#ifndef CTXFIT_KERNELS_DATA_RANKS_H_
#define CTXFIT_KERNELS_DATA_RANKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace ctxfit {

// The ranks of some rows in a column: the k-th lowest of the distinct values that occur in them has rank k.
struct Ranks {
  std::vector<std::int32_t> of_row;  // per row, in the order of the rows; empty if the column is
  std::int32_t count = 0;            // number of distinct values
};

// Ranks rows by their codes in a CodedColumn, of which `present` lists those that occur. Appends the value of each rank
// to `values`, if not null.
template <class Value>
Ranks RankPresent(std::vector<std::int32_t> codes, const std::vector<Value>& dictionary,
                  std::vector<std::int32_t> present, std::vector<Value>* values = nullptr) {
  const auto before = [&](std::int32_t a, std::int32_t b) { return dictionary[a] < dictionary[b]; };
  if (!std::is_sorted(present.begin(), present.end(), before)) std::sort(present.begin(), present.end(), before);
  std::vector<std::int32_t> rank(dictionary.size());
  for (std::size_t i = 0; i < present.size(); ++i) rank[present[i]] = static_cast<std::int32_t>(i);
  for (std::size_t i = 0; i < present.size() && values != nullptr; ++i) values->push_back(dictionary[present[i]]);
  for (std::int32_t& code : codes) code = rank[code];
  return {std::move(codes), static_cast<std::int32_t>(present.size())};
}

// Ranks rows by their codes, which need not include every code of the dictionary.
template <class Value>
Ranks RankCodes(std::vector<std::int32_t> codes, const std::vector<Value>& dictionary) {
  std::vector<char> occurs(dictionary.size(), 0);
  for (const std::int32_t code : codes) occurs[code] = 1;
  std::vector<std::int32_t> present;
  for (std::size_t code = 0; code < occurs.size(); ++code) {
    if (occurs[code] != 0) present.push_back(static_cast<std::int32_t>(code));
  }
  return RankPresent(std::move(codes), dictionary, std::move(present));
}

// Ranks rows by their codes, which include every code of the dictionary. Appends the value of each rank to `values`, if
// not null.
template <class Value>
Ranks RankAll(std::vector<std::int32_t> codes, const std::vector<Value>& dictionary,
              std::vector<Value>* values = nullptr) {
  std::vector<std::int32_t> present(dictionary.size());
  std::iota(present.begin(), present.end(), 0);
  return RankPresent(std::move(codes), dictionary, std::move(present), values);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_RANKS_H_
