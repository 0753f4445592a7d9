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
  // How a value is handed over without a copy.
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

  // The same, given away: the column is left without rows.
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
    // Columns mostly repeat a value, or run through the same ones again and again: what followed the last one before is
    // likely to do so now, and saves the look into the table.
    const std::int32_t last = codes_.empty() ? -1 : codes_.back();
    if (last >= 0 && dictionary_[successor_[last]] == value) return successor_[last];
    const auto fresh = static_cast<std::int32_t>(dictionary_.size());
    const auto [known, is_new] = code_.try_emplace(value, fresh);
    if (is_new) {
      dictionary_.emplace_back(value);
      successor_.push_back(fresh);
    }
    if (last >= 0) successor_[last] = known->second;
    return known->second;
  }

  std::vector<std::int32_t> codes_;
  std::vector<Value> dictionary_;
  std::vector<std::int32_t> successor_;  // per code: what followed its last occurrence; itself before any did
  absl::flat_hash_map<Value, std::int32_t> code_;
};

// A column of text.
using Labels = CodedColumn<std::string>;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CODED_COLUMN_H_
