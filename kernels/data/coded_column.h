#ifndef CTXFIT_KERNELS_DATA_CODED_COLUMN_H_
#define CTXFIT_KERNELS_DATA_CODED_COLUMN_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// A column whose values repeat: every distinct value once, and its code in each row (dictionary encoding).
template <class Value>
class CodedColumn {
 public:
  // Type by which a value is passed without a copy.
  using View = std::conditional_t<std::is_same_v<Value, std::string>, absl::string_view, const Value&>;

  CodedColumn() = default;
  CodedColumn(std::initializer_list<Value> values) : CodedColumn(values.begin(), values.end()) {}
  template <class Iterator>
  CodedColumn(Iterator begin, Iterator end) {
    reserve(static_cast<std::size_t>(end - begin));
    for (Iterator value = begin; value != end; ++value) push_back(*value);
  }

  std::size_t size() const { return codes_.size(); }
  bool empty() const { return codes_.empty(); }
  const Value& operator[](std::size_t row) const { return dictionary_[codes_[row]]; }

  void reserve(std::size_t rows) { codes_.reserve(rows); }
  void push_back(View value) { codes_.push_back(CodeOf(value)); }
  void clear() { *this = {}; }
  void assign(std::size_t rows, View value) {
    clear();
    for (std::size_t row = 0; row < rows; ++row) push_back(value);
  }

  // Index into dictionary() of each row's value.
  const std::vector<std::int32_t>& codes() const { return codes_; }

  // Moves codes() out; the column is left without rows.
  std::vector<std::int32_t> TakeCodes() { return std::move(codes_); }

  // The distinct values in the order in which they first appear.
  const std::vector<Value>& dictionary() const { return dictionary_; }

  bool operator==(const CodedColumn& other) const {
    if (size() != other.size()) return false;
    for (std::size_t row = 0; row < size(); ++row) {
      if ((*this)[row] != other[row]) return false;
    }
    return true;
  }

 private:
  std::int32_t CodeOf(View value) {
    // Most columns repeat a value, or run through the same values again and again: the successor of the last value at
    // its previous occurrence is the likely next one, and comparing with it is cheaper than hashing.
    const std::int32_t last = codes_.empty() ? -1 : codes_.back();
    if (last >= 0 && dictionary_[successor_[last]] == value) return successor_[last];
    const auto next_code = static_cast<std::int32_t>(dictionary_.size());
    const auto [entry, is_new] = code_.try_emplace(value, next_code);
    if (is_new) {
      dictionary_.emplace_back(value);
      successor_.push_back(next_code);
    }
    if (last >= 0) successor_[last] = entry->second;
    return entry->second;
  }

  std::vector<std::int32_t> codes_;
  std::vector<Value> dictionary_;
  std::vector<std::int32_t> successor_;  // per code: the code after its last occurrence; at first the code itself
  absl::flat_hash_map<Value, std::int32_t> code_;
};

// A column of text.
using Labels = CodedColumn<std::string>;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CODED_COLUMN_H_
